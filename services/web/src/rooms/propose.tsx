import { ActionIcon, Alert, Button, Loader, Stack, Text, TextInput, VisuallyHidden } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import {
  proposeTrack,
  type RoomTrackView,
  type RouteResponse,
  removeProposal,
  searchInRoom,
} from '@spindle/contracts';
import { IconCheck, IconDice5, IconPlus, IconRefresh, IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api, describeError } from '../api.ts';
import { Artwork } from '../components/artwork.tsx';
import { Attribution } from '../components/attribution.tsx';
import { reportFailure } from '../components/report.ts';
import { TrackLines } from '../components/track-lines.tsx';
import { tracksWord } from '../playlists/playlist-words.ts';
import { duration } from '../time-words.ts';
import classes from './room.module.css';
import { useRoom } from './use-room.ts';

/** Nothing is asked for while somebody types. */
const TYPING_MS = 400;
const FEWEST_LETTERS = 2;

type Found = RouteResponse<typeof searchInRoom>['items'][number];

/** Proposes a track, or one by chance; what the network did not carry can be sent again. */
function useProposal() {
  const { code, channel } = useRoom();
  return useMutation({
    mutationFn: (trackUri: string) => api.call(proposeTrack, { params: { code }, body: { trackUri } }),
    onSuccess: (track) => channel.takeTrack(track),
  });
}

function Result({ found }: { readonly found: Found }): ReactNode {
  const { data } = useRoom();
  const { track, uri, refused } = found;
  const propose = useProposal();
  const isThere = propose.isSuccess || data.queue.some((one) => one.uri === uri);
  const isPlaying = data.playback.track?.spotifyId === track.spotifyId && data.playback.roomTrackId !== null;
  const problem = propose.error ? describeError(propose.error) : null;
  const note = refused ?? problem?.detail ?? (isPlaying ? 'Plays now' : isThere ? 'Waits already' : null);
  return (
    <li className={classes.row} data-testid="found">
      <Artwork track={track} size={48} />
      <div style={{ minWidth: 0 }}>
        <TrackLines track={track} linked={false} />
        <div className={classes.facts}>
          {track.durationMs === null ? null : <span>{duration(track.durationMs)}</span>}
          {note ? (
            <Text
              span
              inherit
              c={problem ? 'var(--mantine-color-error)' : undefined}
              role={problem ? 'alert' : undefined}
            >
              · {note}
            </Text>
          ) : null}
        </div>
      </div>
      <ActionIcon
        size={48}
        radius="md"
        variant={isThere ? 'light' : 'filled'}
        disabled={refused !== null || isThere || isPlaying}
        loading={propose.isPending}
        aria-label={
          isThere
            ? `${track.name} waits already`
            : problem
              ? `Try again: ${track.name}`
              : `Propose ${track.name}`
        }
        onClick={() => propose.mutate(uri)}
      >
        {isThere ? (
          <IconCheck size={22} aria-hidden />
        ) : problem ? (
          <IconRefresh size={22} aria-hidden />
        ) : (
          <IconPlus size={22} aria-hidden />
        )}
      </ActionIcon>
    </li>
  );
}

/** What I have waiting, to be taken back. */
function Mine({ mine }: { readonly mine: readonly RoomTrackView[] }): ReactNode {
  const { code, channel, data } = useRoom();
  const remove = useMutation({
    mutationFn: (track: RoomTrackView) =>
      api.call(removeProposal, { params: { code, id: track.id } }).then(() => track),
    onSuccess: (track) => channel.takeRemoval(track),
    onError: reportFailure,
  });
  if (mine.length === 0) return null;
  return (
    <section aria-label="Proposed by me">
      <Text size="sm" fw={600} mt="sm">
        Proposed by me
      </Text>
      <ul className={classes.list}>
        {mine.map((track) => (
          <li key={track.id} className={classes.row}>
            <Artwork track={track.track} size={48} />
            <TrackLines track={track.track} linked={false} />
            <Button
              variant="default"
              h={44}
              px="sm"
              disabled={data.playback.nextRoomTrackId === track.id}
              loading={remove.isPending && remove.variables.id === track.id}
              aria-label={`Take back ${track.track.name}`}
              onClick={() => remove.mutate(track)}
            >
              Take back
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A track by chance, of somebody's music in the room. */
export function SurpriseButton(): ReactNode {
  const propose = useProposal();
  const { data } = useRoom();
  const told = propose.data && data.queue.find(({ id }) => id === propose.data.id);
  return (
    <Stack gap={4}>
      <Button
        variant="default"
        h={48}
        leftSection={<IconDice5 size={20} aria-hidden />}
        loading={propose.isPending}
        onClick={() => propose.mutate('random')}
      >
        Surprise me
      </Button>
      <Text size="sm" c={propose.error ? 'var(--mantine-color-error)' : 'dimmed'} role="status">
        {propose.error ? describeError(propose.error).detail : told ? `Proposed: ${told.track.name}` : ''}
      </Text>
    </Stack>
  );
}

/** Finding a track and proposing it with one tap. */
export function Propose(): ReactNode {
  const { code, data, me } = useRoom();
  const { proposalsPerGuest, guestsMay } = data.room.settings;
  const [text, setText] = useState('');
  const [q] = useDebouncedValue(text.trim(), TYPING_MS);
  const isAsked = q.length >= FEWEST_LETTERS;
  const found = useQuery({
    queryKey: ['searchInRoom', code, q],
    queryFn: ({ signal }) => api.call(searchInRoom, { params: { code }, query: { q } }, { signal }),
    enabled: isAsked,
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 60_000,
  });
  const mine = data.queue.filter(({ proposedBy }) => proposedBy?.id === me.participantId);
  const items = isAsked ? (found.data?.items ?? []) : [];
  const most = me.isHost ? null : proposalsPerGuest;
  return (
    <Stack gap="xs">
      <search>
        <TextInput
          data-autofocus
          size="md"
          label={guestsMay === 'pick' && !me.isHost ? 'Search the music of this party' : 'Search Spotify'}
          placeholder="Title or artist"
          enterKeyHint="search"
          leftSection={<IconSearch size={18} aria-hidden />}
          rightSection={found.isFetching ? <Loader size="xs" aria-label="Searching" /> : null}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      </search>
      {most === null ? null : (
        <Text size="sm" c="dimmed">
          {mine.length >= most
            ? `${tracksWord(mine.length)} of yours ${mine.length === 1 ? 'waits' : 'wait'}: no more until one is played or taken back.`
            : `${mine.length} of ${tracksWord(most)} of yours waiting.`}
        </Text>
      )}
      {found.error && isAsked ? (
        <Alert color="orange" title={describeError(found.error).title} role="alert">
          <Text size="sm">{describeError(found.error).detail}</Text>
          <Button mt="xs" size="sm" variant="default" onClick={() => void found.refetch()}>
            Try again
          </Button>
        </Alert>
      ) : null}
      {isAsked ? (
        <>
          <ul
            className={classes.list}
            aria-label="Found"
            style={{ opacity: found.isPlaceholderData ? 0.5 : 1 }}
          >
            {items.map((one) => (
              <Result key={one.uri} found={one} />
            ))}
          </ul>
          {found.data && !found.isFetching && items.length === 0 ? (
            <Text c="dimmed" ta="center" py="lg">
              Nothing found. Try fewer words.
            </Text>
          ) : null}
          <VisuallyHidden role="status" aria-live="polite">
            {found.isFetching ? '' : found.data ? `${tracksWord(items.length)} found` : ''}
          </VisuallyHidden>
        </>
      ) : (
        <>
          <SurpriseButton />
          <Mine mine={mine} />
        </>
      )}
      <Attribution />
    </Stack>
  );
}
