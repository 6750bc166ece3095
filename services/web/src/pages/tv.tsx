import { Button, Center, Container, Divider, Loader, Stack, Text, Title } from '@mantine/core';
import { ApiError, joinRoom, roomCodeSchema } from '@spindle/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { type ReactNode, useRef } from 'react';
import { api, queryKeys } from '../api.ts';
import { useColorsOf } from '../color-scheme.ts';
import { Artwork } from '../components/artwork.tsx';
import { MovingProgress } from '../components/moving-progress.tsx';
import { useGlide } from '../components/use-glide.ts';
import { tracksWord } from '../playlists/playlist-words.ts';
import { CodeEntry } from '../rooms/code-entry.tsx';
import { DoorProblem } from '../rooms/door.tsx';
import { playingTrack } from '../rooms/now-playing.tsx';
import { Qr } from '../rooms/qr.tsx';
import { doorQuery, type RoomChannel } from '../rooms/room-channel.ts';
import { PLAYBACK, peopleWord, spacedCode } from '../rooms/room-words.ts';
import classes from '../rooms/tv.module.css';
import { type OpenRoom, useRoomChannel, useWakeLock } from '../rooms/use-room.ts';
import { count } from '../time-words.ts';

/** Rows that are looked at from afar; more would be too small. */
const SHOWN = 6;
/** Slower than on a phone: nobody knows where to look before something moves. */
const GLIDE_MS = 900;
/** Names that a television takes, the first that is free. */
const NAMES = ['TV', 'TV 2', 'TV 3', 'TV 4', 'TV 5'];

const artistsOf = (track: { readonly artists: readonly { readonly name: string }[] }): string =>
  track.artists.map(({ name }) => name).join(', ');

function Now({ room: { data } }: { readonly room: OpenRoom }): ReactNode {
  const { playback } = data;
  const { track, state } = playback;
  const proposer = playingTrack(data)?.proposedBy;
  return (
    <section className={classes.now} aria-label="Now playing">
      <h1 className={classes.name}>
        <bdi>{data.room.settings.name}</bdi>
        {state === 'playing' ? '' : ` · ${PLAYBACK[state]}`}
      </h1>
      {track ? (
        <>
          <Artwork track={track} size={640} across="var(--art)" />
          <p className={classes.title} dir="auto">
            {track.name}
          </p>
          <p className={classes.artist} dir="auto">
            {artistsOf(track)}
          </p>
          <div className={classes.progress}>
            <MovingProgress
              isPlaying={state === 'playing' || state === 'host-plays'}
              startedAt={playback.startedAt}
              progressMs={playback.progressMs}
              durationMs={playback.durationMs}
            />
          </div>
          {proposer ? (
            <p className={classes.small}>
              Proposed by <bdi>{proposer.displayName}</bdi>
            </p>
          ) : null}
        </>
      ) : (
        <p className={classes.title}>
          {data.queue.length > 0 ? 'About to begin' : 'Propose the first track'}
        </p>
      )}
    </section>
  );
}

function Next({ room: { data } }: { readonly room: OpenRoom }): ReactNode {
  const list = useRef<HTMLOListElement>(null);
  const { nextRoomTrackId } = data.playback;
  const { mode, likeThreshold } = data.room.settings;
  const queue = [
    ...data.queue.filter(({ id }) => id === nextRoomTrackId),
    ...data.queue.filter(({ id }) => id !== nextRoomTrackId),
  ];
  const shown = queue.slice(0, SHOWN);
  useGlide(
    list,
    shown.map(({ id }) => id),
    GLIDE_MS,
  );
  return (
    <section className={classes.queue} aria-label="Up next">
      <h2 className={classes.heading}>
        Up next
        {queue.length > 0 ? <span className={classes.small}> · {tracksWord(queue.length)}</span> : null}
      </h2>
      {shown.length === 0 ? <p className={classes.small}>Nothing waits yet.</p> : null}
      <ol ref={list} className={classes.list}>
        {shown.map((one) => (
          <li key={one.id} className={classes.row} data-glide={one.id} data-testid="waiting">
            <Artwork track={one.track} size={96} across="calc(4.4 * var(--unit))" />
            <div style={{ minWidth: 0 }}>
              <div className={classes.rowTitle} dir="auto">
                {one.track.name}
              </div>
              <div className={classes.rowArtist}>
                <bdi>{artistsOf(one.track)}</bdi>
                {one.proposedBy ? (
                  <>
                    {' · '}
                    <bdi>{one.proposedBy.displayName}</bdi>
                  </>
                ) : null}
              </div>
            </div>
            {one.id === nextRoomTrackId ? (
              <span className={classes.next}>next</span>
            ) : (
              <span className={classes.votes}>
                {mode === 'threshold' && one.state === 'proposed'
                  ? `${count(one.likes)} of ${count(likeThreshold)}`
                  : count(one.likes - one.dislikes)}
              </span>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Screen({ room }: { readonly room: OpenRoom }): ReactNode {
  useWakeLock();
  const { code, data, link } = room;
  const { url, guests, endedAt } = data.room;
  return (
    <main className={classes.screen}>
      <Now room={room} />
      {endedAt ? (
        <section className={classes.queue}>
          <p className={classes.title}>The party is over</p>
        </section>
      ) : (
        <Next room={room} />
      )}
      {endedAt ? null : (
        <section className={classes.join} aria-label="Join">
          <Qr text={url} label="QR code to join" size="var(--qr)" />
          <div>
            <p className={classes.small}>Join at {location.host}/party</p>
            <p className={classes.code} data-testid="code">
              {spacedCode(code)}
            </p>
            <p className={classes.small}>
              {peopleWord(guests.joined)} here
              {link === 'live' ? '' : link === 'away' ? ' · no connection' : ' · slow connection'}
            </p>
          </div>
        </section>
      )}
      <p className={classes.source}>
        Music data and artwork from Spotify. Spindle is not affiliated with Spotify.
      </p>
    </main>
  );
}

/** A television comes in as a guest of its own, by the first of its names that is free. */
async function joinAsTv(code: string) {
  for (const [place, nickname] of NAMES.entries()) {
    try {
      return await api.call(joinRoom, { params: { code }, body: { nickname } });
    } catch (error) {
      const isTaken = error instanceof ApiError && error.problem.status === 409;
      if (!isTaken || place === NAMES.length - 1) throw error;
    }
  }
  throw new Error('there is no name for a television');
}

function Frame({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactNode {
  return (
    <Center mih="100dvh" component="main">
      <Container size="xs" w="100%">
        <Stack gap="lg">
          <Title order={1}>{title}</Title>
          {children}
        </Stack>
      </Container>
    </Center>
  );
}

function Enter(props: {
  readonly code: string;
  readonly name: string;
  readonly channel: RoomChannel;
}): ReactNode {
  const { code, name, channel } = props;
  const queries = useQueryClient();
  const join = useMutation({
    mutationFn: () => joinAsTv(code),
    onSuccess: ({ token: _, ...state }) => {
      channel.takeState(state);
      void queries.invalidateQueries({ queryKey: queryKeys.roomDoor(code) });
    },
  });
  return (
    <Frame title={name}>
      <Text size="lg">This screen comes in as a guest and shows what plays.</Text>
      {join.error ? <DoorProblem error={join.error} /> : null}
      <Button size="xl" autoFocus loading={join.isPending} onClick={() => join.mutate()}>
        Show this room
      </Button>
      <Divider label="or another room" />
      <OtherRoom />
    </Frame>
  );
}

function OtherRoom(): ReactNode {
  const navigate = useNavigate();
  return (
    <CodeEntry
      size="xl"
      action="Show the room of this code"
      onCode={(code) => void navigate({ to: '/tv/$code', params: { code } })}
    />
  );
}

function TvOf({ code }: { readonly code: string }): ReactNode {
  const door = useQuery(doorQuery(code));
  const hasJoined = door.data?.joinedAs != null;
  const { room, channel, error } = useRoomChannel(code, hasJoined);
  if (room && hasJoined && !room.data.isOut) return <Screen room={room} />;
  const problem = door.error ?? error;
  if (problem) {
    return (
      <Frame title="Party">
        <DoorProblem error={problem} retry={() => void door.refetch()} />
        <OtherRoom />
      </Frame>
    );
  }
  if (door.data && (!hasJoined || room?.data.isOut))
    return <Enter code={code} name={door.data.name} channel={channel} />;
  return (
    <Center mih="100dvh" component="main">
      <Loader aria-label="Loading" />
    </Center>
  );
}

/** A room on a television: for many eyes, and no hand. */
export function Tv(): ReactNode {
  useColorsOf('party');
  const code = roomCodeSchema.safeParse(useParams({ from: '/tv/$code' }).code).data;
  return code ? <TvOf key={code} code={code} /> : <TvDoor />;
}

/** A television that knows no code yet. */
export function TvDoor(): ReactNode {
  useColorsOf('party');
  return (
    <Frame title="A party on this screen">
      <OtherRoom />
    </Frame>
  );
}
