import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';

export interface Question {
  readonly title: string;
  readonly text: string;
  readonly yes: string;
  /** What has to be typed before. */
  readonly typed?: string;
  readonly act: () => Promise<unknown>;
}

function Asked(props: { readonly question: Question; readonly close: () => void }): ReactNode {
  const { question, close } = props;
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  return (
    <Stack>
      <Text size="sm">{question.text}</Text>
      {question.typed === undefined ? null : (
        <TextInput
          label={`Type ${question.typed} to go on`}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>
          No
        </Button>
        <Button
          color="red"
          variant="light"
          loading={busy}
          disabled={question.typed !== undefined && question.typed !== text}
          onClick={() => {
            setBusy(true);
            // What went wrong is told in a corner by whoever acts.
            question.act().then(close, close);
          }}
        >
          {question.yes}
        </Button>
      </Group>
    </Stack>
  );
}

/** Asks before something that is not undone by a click. */
export function Confirm(props: {
  readonly question: Question | null;
  readonly close: () => void;
}): ReactNode {
  return (
    <Modal opened={props.question !== null} onClose={props.close} title={props.question?.title} centered>
      {props.question ? <Asked question={props.question} close={props.close} /> : null}
    </Modal>
  );
}
