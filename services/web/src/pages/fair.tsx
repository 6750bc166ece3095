import {
  Badge,
  Button,
  Card,
  Group,
  Progress,
  SimpleGrid,
  Skeleton,
  Stack,
  Text,
  Title,
} from '@mantine/core';
import { IconCheck, IconQuestionMark, IconRefresh, IconX } from '@tabler/icons-react';
import { useSearch } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { AnchorLink } from '../components/links.tsx';
import { CONTENDERS, type Contender, ITEMS, ROUNDS, runTrials, type Trial } from '../fairness/contenders.ts';
import { HeatMap, HeatScale } from '../fairness/heat-map.tsx';
import { SeedCheck } from '../fairness/seed-check.tsx';
import { pWords, verdictOf } from '../fairness/verdict.ts';
import { count } from '../time-words.ts';

export interface FairSearch {
  readonly seed?: string;
  readonly tracks?: number;
}

const MARKS = {
  fair: <IconCheck size={14} color="var(--mantine-color-teal-6)" aria-hidden />,
  unusual: <IconQuestionMark size={14} color="var(--mantine-color-yellow-6)" aria-hidden />,
  caught: <IconX size={14} color="var(--mantine-color-red-6)" aria-hidden />,
} as const;

function Outcome(props: {
  readonly contender: Contender;
  readonly trial: Trial | undefined;
  readonly done: boolean;
}): ReactNode {
  const { contender, trial, done } = props;
  const verdict = trial && verdictOf(trial.test);
  return (
    <Stack
      gap="xs"
      component="section"
      aria-label={contender.name}
      data-testid={`trial-${contender.id}`}
      data-verdict={done ? verdict?.kind : undefined}
      data-p={done ? trial?.test.pValue : undefined}
    >
      <Group justify="space-between" wrap="nowrap">
        <Title order={3} size="h5">
          {contender.name}
        </Title>
        {done && verdict ? (
          <Badge variant="default" tt="none" size="lg" leftSection={MARKS[verdict.kind]}>
            {verdict.short}
          </Badge>
        ) : null}
      </Group>
      <Text size="sm" c="dimmed" mih={{ md: 63 }}>
        {contender.words}
      </Text>
      {trial ? (
        <HeatMap table={trial.table} name={contender.name} />
      ) : (
        <Skeleton style={{ aspectRatio: '1' }} maw={340} />
      )}
      {trial ? (
        <div>
          <Text size="sm" fw={600}>
            p {pWords(trial.test.pValue)}
          </Text>
          <Text size="sm" c="dimmed" mih={{ md: 63 }}>
            {done ? verdict?.words : ''}
          </Text>
        </div>
      ) : null}
    </Stack>
  );
}

function Experiment(): ReactNode {
  const [run, setRun] = useState(0);
  const [trials, setTrials] = useState<Readonly<Record<Contender['id'], Trial>> | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another run, another experiment
  useEffect(() => {
    const stop = new AbortController();
    void runTrials(setTrials, stop.signal);
    return () => stop.abort();
  }, [run]);
  const rounds = trials?.ours.table.rounds ?? 0;
  const done = rounds >= ROUNDS;
  return (
    <Card component="section" aria-label="The test">
      <Group justify="space-between" align="flex-start" mb="xs">
        <Title order={2} size="h4">
          See for yourself
        </Title>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconRefresh size={16} aria-hidden />}
          disabled={!done}
          onClick={() => setRun(run + 1)}
        >
          Run again
        </Button>
      </Group>
      <Text size="sm" mb="sm">
        Your browser shuffles a list of {ITEMS} items {count(ROUNDS)} times, in three ways, and counts how
        often each item comes to each place. In a fair shuffle, every item comes to every place about{' '}
        {count(ROUNDS / ITEMS)} times: the map is an even grey with faint speckles, which are chance itself.
        Patterns are not.
      </Text>
      <Group justify="space-between" mb="md" gap="sm">
        <HeatScale />
        <Text size="xs" c="dimmed" role="status">
          {done ? `${count(rounds)} shuffles each` : ''}
        </Text>
      </Group>
      <Progress
        value={(rounds / ROUNDS) * 100}
        size="xs"
        mb="md"
        aria-label="Shuffles done"
        style={{ visibility: done ? 'hidden' : undefined }}
        aria-hidden={done}
      />
      <SimpleGrid cols={{ base: 1, sm: 2, md: 3 }} spacing="lg" verticalSpacing="xl">
        {CONTENDERS.map((contender) => (
          <Outcome key={contender.id} contender={contender} trial={trials?.[contender.id]} done={done} />
        ))}
      </SimpleGrid>
      <Text size="sm" mt="md">
        <b>What p means.</b> It is the chance that a perfectly fair shuffle would look at least this uneven
        (Pearson’s chi-square test over all {ITEMS * ITEMS} counts). For a fair shuffle every p between 0 and
        1 is as likely as any other, so it is different each time, and one run in a hundred is below 0.01. For
        an unfair one it stays next to nothing, however often you try.
      </Text>
    </Card>
  );
}

/** How shuffling works here, with the proof run before one's eyes. */
export function Fair(): ReactNode {
  const { seed = '', tracks }: FairSearch = useSearch({ from: '/app/fair' });
  return (
    <Stack gap="lg">
      <Title order={1} size="h2">
        Is it really random?
      </Title>
      <Card component="section" aria-label="How it is done">
        <Stack gap="sm">
          <Text>Yes, and you need not believe it: below it is tested before your eyes.</Text>
          <Text size="sm">
            <b>Every order is equally likely.</b> “Fully random” takes the method of Fisher and Yates from
            1938: of all tracks, one is drawn for the last place; of the others, one for the place before; and
            so on. Each draw gives every track that is left the same chance.
          </Text>
          <Text size="sm">
            <b>The chance is real.</b> The draws come from the cryptographic generator of the operating
            system, by way of a seed of 128 bits, and without the small error that “random number modulo
            length” makes.
          </Text>
          <Text size="sm">
            <b>Why players feel different.</b> Real chance makes clusters: the same artist three times in a
            row is nothing special. Players have long arranged their shuffle to feel more even, and some
            prefer what you are likely to play. Here that is your choice: “Spread out” keeps artists apart,
            “Unheard first” prefers what you have not played for long, and both say so. Start the playlist
            with the player’s own shuffle off, or it is mixed once more.
          </Text>
          <Text size="sm">
            <AnchorLink to="/playlists" underline="always" inherit>
              Shuffle a playlist
            </AnchorLink>
          </Text>
        </Stack>
      </Card>
      <Experiment />
      <SeedCheck key={`${seed} ${tracks}`} seed={seed} tracks={tracks ?? null} />
    </Stack>
  );
}
