import { Button, Card, Group, List, NumberInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { PLAYLIST_ITEMS } from '@spindle/contracts';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { count } from '../time-words.ts';
import { canSeed, SEED, seededOrder } from './seeded-order.ts';

const SHOWN = 10;
/** More than any source has; the work grows with it. */
const MOST = PLAYLIST_ITEMS * 10;

/** An order worked out again from its seed. */
export function SeedCheck(props: { readonly seed: string; readonly tracks: number | null }): ReactNode {
  const [seed, setSeed] = useState(props.seed);
  const [tracks, setTracks] = useState<number | string>(props.tracks ?? '');
  const length = Number(tracks);
  const right = SEED.test(seed.trim()) && Number.isInteger(length) && length >= 1 && length <= MOST;
  const work = useMutation({
    mutationFn: () => seededOrder(seed.trim(), length),
  });
  return (
    <Card component="section" aria-label="Check a shuffle of yours">
      <Title order={2} size="h4" mb="xs">
        Check a shuffle of yours
      </Title>
      <Stack gap="sm">
        <Text size="sm">
          Every shuffle begins with a seed, drawn by the system’s cryptographic generator, and shown with its
          result. The same seed and the same tracks give the same order for ever, on any machine: this page
          works it out anew in your browser, without asking the server. Nobody can have arranged an order
          afterwards.
        </Text>
        {canSeed() ? (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              work.mutate();
            }}
          >
            <Group align="flex-end" gap="sm">
              <TextInput
                label="Seed"
                placeholder="32 digits and letters from a to f"
                style={{ flex: '1 1 260px' }}
                styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
                value={seed}
                error={
                  seed.trim() === '' || SEED.test(seed.trim())
                    ? null
                    : 'A seed has 32 digits and letters from a to f'
                }
                onChange={(event) => setSeed(event.currentTarget.value)}
              />
              <NumberInput
                label="Tracks shuffled"
                min={1}
                max={MOST}
                allowDecimal={false}
                thousandSeparator=","
                style={{ flex: '1 1 120px' }}
                value={tracks}
                onChange={setTracks}
              />
              <Button type="submit" disabled={!right} loading={work.isPending}>
                Work it out
              </Button>
            </Group>
          </form>
        ) : (
          <Text size="sm" c="dimmed">
            Your browser works this out only on pages that came over https or from the same machine.
          </Text>
        )}
        {work.data ? (
          <div aria-live="polite" data-testid="seed-order">
            <Text size="sm" fw={600}>
              A fully random shuffle of {count(work.data.length)} with this seed begins with
            </Text>
            <List type="ordered" size="sm">
              {work.data.slice(0, SHOWN).map((item) => (
                <List.Item key={item}>number {count(item + 1)} of the source</List.Item>
              ))}
            </List>
            <Text size="sm" c="dimmed" mt="xs">
              Numbers count the tracks that came along, in the order of the source; Liked Songs begin with the
              newest.
            </Text>
          </div>
        ) : null}
      </Stack>
    </Card>
  );
}
