import { Button, Stack, TextInput } from '@mantine/core';
import { ROOM_CODE_LENGTH, roomCodeSchema } from '@spindle/contracts';
import { type ReactNode, useState } from 'react';

/** A field for the code of a room. */
export function CodeEntry(props: {
  readonly action: string;
  readonly onCode: (code: string) => void;
  readonly size?: 'md' | 'xl';
}): ReactNode {
  const { size = 'md' } = props;
  const [text, setText] = useState('');
  const [error, setError] = useState<string | null>(null);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const code = roomCodeSchema.safeParse(text).data;
        if (code) props.onCode(code);
        else setError(`A code has ${ROOM_CODE_LENGTH} letters and digits, as the host’s screen shows it.`);
      }}
    >
      <Stack gap="sm" maw={size === 'xl' ? undefined : 420}>
        <TextInput
          label="Code of the room"
          size={size}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          maxLength={20}
          value={text}
          error={error}
          styles={{ input: { textTransform: 'uppercase', letterSpacing: '0.12em', fontWeight: 650 } }}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setError(null);
          }}
        />
        <Button type="submit" size={size} disabled={text.trim() === ''}>
          {props.action}
        </Button>
      </Stack>
    </form>
  );
}
