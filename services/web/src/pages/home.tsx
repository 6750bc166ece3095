import { Anchor, Card, Group, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core';
import { getMyNowPlaying, listPlays } from '@spindle/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { api, queryKeys } from '../api.ts';
import { Attribution } from '../components/attribution.tsx';
import { ConnectionNotice } from '../components/connection-notice.tsx';
import { Failure } from '../components/failure.tsx';
import { NowPlayingCard } from '../components/now-playing-card.tsx';
import { PlayRow } from '../components/play-row.tsx';
import { useWatch } from '../live.ts';
import { useSession } from '../session.tsx';
import { count, relative } from '../time-words.ts';

function Figure({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
  return (
    <div>
      <Text size="xs" c="dimmed" tt="uppercase" fw={600}>
        {name}
      </Text>
      <Text size="lg" fw={600}>
        {children}
      </Text>
    </div>
  );
}

/** What plays now, the latest plays, and how capture is doing. */
export function Home(): ReactNode {
  const { user, live } = useSession();
  useWatch(live);
  const playing = useQuery({ queryKey: queryKeys.nowPlaying, queryFn: () => api.call(getMyNowPlaying, {}) });
  const latest = useQuery({
    queryKey: [...queryKeys.plays, 'latest'],
    queryFn: () => api.call(listPlays, { query: { limit: 12 } }),
  });
  const { capture } = user;
  return (
    <Stack gap="lg">
      <Title order={1} size="h2">
        Hello, {user.displayName}
      </Title>
      <ConnectionNotice user={user} />
      {playing.error ? (
        <Failure error={playing.error} retry={() => void playing.refetch()} />
      ) : (
        <NowPlayingCard view={playing.data} />
      )}
      <Card component="section" aria-label="Capture">
        <SimpleGrid cols={{ base: 2, sm: 4 }}>
          <Figure name="Plays">{count(capture.plays)}</Figure>
          <Figure name="History read">
            {capture.historyReadAt ? relative(capture.historyReadAt) : 'not yet'}
          </Figure>
          <Figure name="Next reading">
            {capture.nextHistoryAt ? relative(capture.nextHistoryAt) : 'when connected'}
          </Figure>
          <Figure name="Gaps">{capture.gaps === 0 ? 'none' : count(capture.gaps)}</Figure>
        </SimpleGrid>
        {capture.lastError ? (
          <Text size="sm" c="orange" mt="sm">
            The last reading failed {relative(capture.lastError.at)} (
            {capture.lastError.code.replaceAll('_', ' ')}). It is tried again by itself.
          </Text>
        ) : null}
      </Card>
      <Card component="section" aria-label="Latest plays">
        <Group justify="space-between" mb="xs">
          <Title order={2} size="h4">
            Latest plays
          </Title>
          <Anchor component={Link} to="/history" size="sm">
            Whole history
          </Anchor>
        </Group>
        {latest.error ? <Failure error={latest.error} retry={() => void latest.refetch()} /> : null}
        {latest.isPending ? <Skeleton height={220} /> : null}
        {latest.data?.items.length === 0 ? (
          <Text c="dimmed">
            No plays yet. Spotify tells of a play when its track is over; your last fifty are on their way.
            Older years come from an import.
          </Text>
        ) : null}
        <Stack component="ul" gap={0} p={0} m={0} style={{ listStyle: 'none' }}>
          {latest.data?.items.map((play) => (
            <PlayRow key={play.id} play={play} timeZone={user.timeZone} />
          ))}
        </Stack>
      </Card>
      <Attribution />
    </Stack>
  );
}
