import {
  Badge,
  Button,
  Card,
  Group,
  Select,
  Skeleton,
  Stack,
  Tabs,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import {
  createExclusion,
  createMerge,
  deleteAlias,
  deleteExclusion,
  deleteMerge,
  EXCLUSION_KINDS,
  type Exclusion,
  type ExclusionInput,
  listAliases,
  listExclusions,
  listMerges,
  suggestMerges,
  type TrackSummary,
} from '@spindle/contracts';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api } from '../api.ts';
import { Artwork } from '../components/artwork.tsx';
import { Failure } from '../components/failure.tsx';
import { TrackLines } from '../components/track-lines.tsx';
import { CORRECTIONS, useCorrection } from '../corrections/use-correction.ts';
import { useSession } from '../session.tsx';
import { plays } from '../statistics/figure-words.ts';
import { clockTime, dayName, dayOf } from '../time-words.ts';

const hour = (value: number | null) => `${String(value ?? 0).padStart(2, '0')}:00`;

function ruleWords(rule: Exclusion, timeZone: string): string {
  switch (rule.kind) {
    case 'artist':
      return rule.artist?.name ?? 'An artist';
    case 'context':
      return `Played from ${rule.context?.type ?? 'a playlist'} ${rule.context?.uri.split(':').at(-1) ?? ''}`;
    case 'device':
      return `Played on ${rule.device ?? 'a device'}`;
    case 'hours':
      return `Played from ${hour(rule.fromHour)} to ${hour(rule.toHour)}`;
    case 'session': {
      const from = rule.from ?? '';
      const to = rule.to ?? '';
      return `${dayName(dayOf(from, timeZone), timeZone)}, ${clockTime(from, timeZone)} to ${clockTime(to, timeZone)}`;
    }
  }
}

const KIND_NAMES: Readonly<Record<Exclusion['kind'], string>> = {
  artist: 'artist',
  context: 'playlist',
  device: 'device',
  hours: 'hours',
  session: 'session',
};
const HOURS = Array.from({ length: 25 }, (_, value) => ({ value: String(value), label: hour(value) }));
/** Artists are excluded from their own page, sessions from the history. */
const ADDED_HERE = EXCLUSION_KINDS.filter((kind) => kind !== 'artist' && kind !== 'session');

function NewRule({ devices }: { readonly devices: readonly { name: string; plays: number }[] }): ReactNode {
  const [kind, setKind] = useState<(typeof ADDED_HERE)[number]>('context');
  const [context, setContext] = useState('');
  const [device, setDevice] = useState<string | null>(null);
  const [from, setFrom] = useState<string | null>('1');
  const [to, setTo] = useState<string | null>('6');
  const add = useCorrection(
    (body: ExclusionInput) => api.call(createExclusion, { body }),
    () => setContext(''),
  );
  const input: ExclusionInput | null =
    kind === 'context'
      ? context.trim() === ''
        ? null
        : { kind, context: context.trim() }
      : kind === 'device'
        ? device === null
          ? null
          : { kind, device }
        : { kind: 'hours', fromHour: Number(from), toHour: Number(to) };
  return (
    <Card component="section" aria-label="New rule">
      <Group
        component="form"
        align="flex-end"
        onSubmit={(event: React.FormEvent) => {
          event.preventDefault();
          if (input) add.mutate(input);
        }}
      >
        <Select
          label="Leave out"
          w={130}
          allowDeselect={false}
          data={ADDED_HERE.map((value) => ({ value, label: KIND_NAMES[value] }))}
          value={kind}
          onChange={(value) => setKind(ADDED_HERE.find((one) => one === value) ?? 'context')}
        />
        {kind === 'context' ? (
          <TextInput
            label="Address of the playlist or album"
            placeholder="https://open.spotify.com/playlist/…"
            value={context}
            onChange={(event) => setContext(event.currentTarget.value)}
            style={{ flex: 1, minWidth: 220 }}
          />
        ) : null}
        {kind === 'device' ? (
          <Select
            label="Device"
            placeholder={devices.length === 0 ? 'No play names its device yet' : 'Choose'}
            searchable
            data={devices.map((one) => ({ value: one.name, label: `${one.name} (${plays(one.plays)})` }))}
            value={device}
            onChange={setDevice}
            style={{ flex: 1, minWidth: 220 }}
          />
        ) : null}
        {kind === 'hours' ? (
          <>
            <Select
              label="From"
              w={100}
              data={HOURS.slice(0, 24)}
              value={from}
              onChange={setFrom}
              allowDeselect={false}
            />
            <Select label="To" w={100} data={HOURS} value={to} onChange={setTo} allowDeselect={false} />
          </>
        ) : null}
        <Button type="submit" disabled={input === null} loading={add.isPending}>
          Add
        </Button>
      </Group>
    </Card>
  );
}

/** A row of something that stands and can be taken back. */
function Standing(props: {
  readonly children: ReactNode;
  readonly action: string;
  readonly pending: boolean;
  readonly onAction: () => void;
}): ReactNode {
  return (
    <Group component="li" justify="space-between" wrap="nowrap" py={6}>
      <div style={{ minWidth: 0, flex: 1 }}>{props.children}</div>
      <Button
        size="xs"
        variant="default"
        loading={props.pending}
        onClick={props.onAction}
        style={{ flex: 'none' }}
      >
        {props.action}
      </Button>
    </Group>
  );
}

function List({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <Stack component="ul" gap={0} p={0} m={0} style={{ listStyle: 'none' }}>
      {children}
    </Stack>
  );
}

function Rules(): ReactNode {
  const { user } = useSession();
  const { data, error, refetch } = useQuery({
    queryKey: [CORRECTIONS, 'exclusions'],
    queryFn: () => api.call(listExclusions, {}),
  });
  const remove = useCorrection((id: string) => api.call(deleteExclusion, { params: { id } }));
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (!data) return <Skeleton height={180} radius="lg" />;
  return (
    <Stack gap="lg">
      <Text size="sm" c="dimmed">
        What a rule covers stays in your history and counts nowhere. Artists are left out from their own page,
        sessions from the history.
      </Text>
      <NewRule devices={data.devices} />
      {data.items.length === 0 ? (
        <Text c="dimmed">Everything counts.</Text>
      ) : (
        <Card>
          <List>
            {data.items.map((rule) => (
              <Standing
                key={rule.id}
                action="Count again"
                pending={remove.isPending && remove.variables === rule.id}
                onAction={() => remove.mutate(rule.id)}
              >
                <Text size="sm" fw={600} truncate>
                  <bdi>{ruleWords(rule, user.timeZone)}</bdi>
                </Text>
                <Text size="xs" c="dimmed">
                  {KIND_NAMES[rule.kind]}, {plays(rule.plays)}
                </Text>
              </Standing>
            ))}
          </List>
        </Card>
      )}
    </Stack>
  );
}

interface Suggestion {
  readonly reason: 'isrc' | 'name';
  readonly tracks: readonly { readonly track: TrackSummary; readonly plays: number }[];
}

function SuggestionCard({ suggestion }: { readonly suggestion: Suggestion }): ReactNode {
  const [first, ...others] = suggestion.tracks;
  const merge = useCorrection((ids: readonly string[]) =>
    api.call(createMerge, { body: { trackIds: [...ids], intoId: first?.track.id ?? '' } }),
  );
  return (
    <Card component="article">
      <Stack gap="xs">
        <Badge variant="light" tt="none">
          {suggestion.reason === 'isrc' ? 'same recording code' : 'same name and length'}
        </Badge>
        {suggestion.tracks.map(({ track, plays: number }) => (
          <Group key={track.id} wrap="nowrap" gap="sm">
            <Artwork track={track} size={40} />
            <div style={{ flex: 1, minWidth: 0 }}>
              <TrackLines track={track} album />
            </div>
            <Text size="sm" c="dimmed" style={{ flex: 'none' }}>
              {plays(number)}
            </Text>
          </Group>
        ))}
        <Group>
          <Button
            size="xs"
            loading={merge.isPending}
            onClick={() => merge.mutate(others.map((one) => one.track.id))}
          >
            Count together
          </Button>
        </Group>
      </Stack>
    </Card>
  );
}

function Merges(): ReactNode {
  const merges = useQuery({ queryKey: [CORRECTIONS, 'merges'], queryFn: () => api.call(listMerges, {}) });
  const suggestions = useInfiniteQuery({
    queryKey: [CORRECTIONS, 'suggestions'],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      api.call(suggestMerges, { query: { limit: 10, ...(pageParam ? { cursor: pageParam } : {}) } }),
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
  const undo = useCorrection((id: string) => api.call(deleteMerge, { params: { id } }));
  const error = merges.error ?? suggestions.error;
  if (error) return <Failure error={error} retry={() => void suggestions.refetch()} />;
  const standing = new Set(merges.data?.items.map((one) => one.track.id));
  const items = suggestions.data?.pages
    .flatMap((page) => page.items)
    .filter((one) => one.tracks.slice(1).some(({ track }) => !standing.has(track.id)));
  return (
    <Stack gap="lg">
      <Text size="sm" c="dimmed">
        Spotify gives the same recording several ids: a single, an album, a new edition. Counted together they
        are one in your figures; your history keeps what it was.
      </Text>
      {merges.data && merges.data.items.length > 0 ? (
        <Card component="section" aria-label="Merged">
          <Title order={2} size="h5" mb="xs">
            Counted together
          </Title>
          <List>
            {merges.data.items.map((one) => (
              <Standing
                key={one.track.id}
                action="Take back"
                pending={undo.isPending && undo.variables === one.track.id}
                onAction={() => undo.mutate(one.track.id)}
              >
                <Text size="sm" fw={600} truncate>
                  <bdi>{one.track.name}</bdi>
                </Text>
                <Text size="xs" c="dimmed" truncate>
                  {one.track.album?.name ?? 'no album'} → {one.into.album?.name ?? one.into.name}
                </Text>
              </Standing>
            ))}
          </List>
        </Card>
      ) : null}
      <Title order={2} size="h5">
        Suggestions
      </Title>
      {items === undefined ? <Skeleton height={180} radius="lg" /> : null}
      {items?.length === 0 ? <Text c="dimmed">Nothing looks doubled.</Text> : null}
      {items?.map((suggestion) => (
        <SuggestionCard key={suggestion.tracks[0]?.track.id} suggestion={suggestion} />
      ))}
      {suggestions.hasNextPage ? (
        <Group justify="center">
          <Button
            variant="default"
            loading={suggestions.isFetchingNextPage}
            onClick={() => void suggestions.fetchNextPage()}
          >
            Show more
          </Button>
        </Group>
      ) : null}
    </Stack>
  );
}

function Aliases(): ReactNode {
  const { data, error, refetch } = useQuery({
    queryKey: [CORRECTIONS, 'aliases'],
    queryFn: () => api.call(listAliases, {}),
  });
  const undo = useCorrection((id: string) => api.call(deleteAlias, { params: { id } }));
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  return (
    <Stack gap="lg">
      <Text size="sm" c="dimmed">
        One artist under two names? On the artist’s page, choose whom they count for.
      </Text>
      {data?.items.length === 0 ? <Text c="dimmed">No artist counts for another.</Text> : null}
      {data && data.items.length > 0 ? (
        <Card>
          <List>
            {data.items.map((one) => (
              <Standing
                key={one.artist.id}
                action="Take back"
                pending={undo.isPending && undo.variables === one.artist.id}
                onAction={() => undo.mutate(one.artist.id)}
              >
                <Text size="sm" truncate>
                  <bdi>{one.artist.name}</bdi> counts for <bdi>{one.into.name}</bdi>
                </Text>
              </Standing>
            ))}
          </List>
        </Card>
      ) : null}
    </Stack>
  );
}

/** What a listener has put right: rules, merges and aliases. */
export function Corrections(): ReactNode {
  return (
    <Stack gap="lg">
      <Title order={1} size="h2">
        Corrections
      </Title>
      <Tabs defaultValue="rules" keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="rules">Left out</Tabs.Tab>
          <Tabs.Tab value="merges">Same recording</Tabs.Tab>
          <Tabs.Tab value="aliases">Same artist</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="rules">
          <Rules />
        </Tabs.Panel>
        <Tabs.Panel value="merges">
          <Merges />
        </Tabs.Panel>
        <Tabs.Panel value="aliases">
          <Aliases />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}
