import { Card, Container, Group, Loader, Stack, Text, Title } from '@mantine/core';
import { getRoomResults, getUser } from '@spindle/contracts';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api, queryKeys } from '../api.ts';
import { Artwork } from '../components/artwork.tsx';
import { Attribution } from '../components/attribution.tsx';
import { Failure } from '../components/failure.tsx';
import { ButtonLink } from '../components/links.tsx';
import { TrackLines } from '../components/track-lines.tsx';
import { tracksWord } from '../playlists/playlist-words.ts';
import { count } from '../time-words.ts';
import classes from './room.module.css';
import { SavePlaylist } from './save-playlist.tsx';
import type { OpenRoom } from './use-room.ts';

/** A room that has ended: what it played, to be kept. */
export function Ended({ room: { code, data } }: { readonly room: OpenRoom }): ReactNode {
  const results = useQuery({
    queryKey: queryKeys.roomResults(code),
    queryFn: ({ signal }) => api.call(getRoomResults, { params: { code } }, { signal }),
  });
  const user = useQuery({
    queryKey: queryKeys.user,
    queryFn: ({ signal }) => api.call(getUser, {}, { signal }),
    retry: false,
  });
  const played = (results.data?.items ?? [])
    .filter(({ playedAt, state }) => playedAt !== null && state !== 'removed')
    .sort((a, b) => Date.parse(a.playedAt ?? '') - Date.parse(b.playedAt ?? ''));
  const { name } = data.room.settings;
  return (
    <Container size="xs" py="xl" component="main">
      <Stack gap="lg">
        <div>
          <Title order={1} size="h2" style={{ overflowWrap: 'anywhere' }}>
            <bdi>{name}</bdi>
          </Title>
          <Text c="dimmed">
            The party is over{played.length > 0 ? `. ${tracksWord(played.length)} were played.` : '.'}
          </Text>
        </div>
        {user.data ? (
          <Group>
            {played.length > 0 ? <SavePlaylist code={code} name={name} /> : null}
            <ButtonLink to="/party" variant="subtle" h={44}>
              My parties
            </ButtonLink>
          </Group>
        ) : null}
        {results.isPending ? <Loader mx="auto" aria-label="Loading" /> : null}
        {results.error ? <Failure error={results.error} retry={() => void results.refetch()} /> : null}
        {played.length > 0 ? (
          <Card component="section" aria-label="What was played" padding="sm">
            <ol className={classes.list}>
              {played.map((track) => (
                <li key={track.id} className={classes.row} data-testid="played">
                  <Artwork track={track.track} size={48} />
                  <div style={{ minWidth: 0 }}>
                    <TrackLines track={track.track} linked={false} />
                    <Text size="xs" c="dimmed">
                      {track.proposedBy ? <bdi>{track.proposedBy.displayName}</bdi> : 'chosen by chance'}
                      {track.state === 'skipped' ? ' · skipped' : ''}
                    </Text>
                  </div>
                  <Text size="sm" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
                    {count(track.likes)} {track.likes === 1 ? 'like' : 'likes'}
                  </Text>
                </li>
              ))}
            </ol>
          </Card>
        ) : null}
        {results.data && played.length === 0 ? <Text ta="center">Nothing was played.</Text> : null}
        <Attribution />
      </Stack>
    </Container>
  );
}
