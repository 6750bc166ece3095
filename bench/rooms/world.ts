import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ROOM_DEFAULTS } from '@spindle/contracts';
import {
  createRoom,
  type Database,
  joinAsGuest,
  participantOfUser,
  proposeTrack,
  type Room,
  settleVotes,
  upsertTracks,
} from '@spindle/db';
import type { BenchGuest, BenchVote } from './messages.ts';

/** Guests who join at the same time. */
const AT_ONCE = 8;

export interface BenchRoom {
  readonly room: Room;
  readonly guests: readonly BenchGuest[];
  readonly tracks: readonly { readonly id: string; readonly uri: string }[];
}

const spotifyId = (n: number): string => `benchtrack${String(n).padStart(12, '0')}`;

/** Row ids of tracks to propose. */
export async function addTracks(db: Database, count: number): Promise<number[]> {
  const by = { spotifyId: 'benchartist', name: 'An artist' };
  const items = Array.from({ length: count }, (_, n) => ({
    spotifyId: spotifyId(n),
    name: `A song of ordinary length ${n}`,
    durationMs: 180_000,
    explicit: false,
    isrc: null,
    discNumber: 1,
    trackNumber: 1,
    artists: [by],
    album: {
      spotifyId: `benchalbum${n % 10}`,
      name: `Album ${n % 10}`,
      albumType: 'album' as const,
      releaseDate: null,
      releaseDatePrecision: null,
      totalTracks: 12,
      images: [640, 300, 64].map((width) => ({
        url: `https://i.scdn.co/image/${'ab67616d0000b273'.repeat(2)}${width}`,
        width,
        height: width,
      })),
      artists: [by],
    },
  }));
  const ids = await db.transaction((tx) => upsertTracks(tx, items, new Date()));
  return items.map((item) => ids.get(item.spotifyId) ?? 0);
}

/** The host proposes a track. */
export async function addProposal(
  db: Database,
  room: Room,
  trackIds: readonly number[],
  n: number,
): Promise<{ id: string; uri: string }> {
  const host = await participantOfUser(db.pool, room.id, room.hostId);
  const outcome = await proposeTrack(
    db,
    { roomId: room.id, participantId: host?.id ?? 0, trackId: trackIds[n] ?? 0, most: null },
    new Date(),
  );
  if (!outcome.ok) throw new Error(`a track was not proposed: ${outcome.reason}`);
  await settleVotes(db, room.id, new Date(), [outcome.roomTrackId]);
  return { id: String(outcome.roomTrackId), uri: `spotify:track:${spotifyId(n)}` };
}

export async function makeRoom(
  db: Database,
  hostId: number,
  trackIds: readonly number[],
  options: { readonly guests: number; readonly tracks: number; readonly threshold: number },
): Promise<BenchRoom> {
  const settings = { ...ROOM_DEFAULTS, mode: 'threshold' as const, likeThreshold: options.threshold };
  const room = await createRoom(db, hostId, settings, new Date());
  const guests: BenchGuest[] = [];
  let next = 0;
  const line = async () => {
    while (next < options.guests) {
      const joined = await joinAsGuest(db, room.id, `Guest ${next++}`, new Date());
      if (!joined.ok) throw new Error(`a guest did not join: ${joined.reason}`);
      guests.push({ code: room.code, participantId: joined.participant.id, token: joined.token ?? '' });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, line));
  const tracks: { id: string; uri: string }[] = [];
  for (let n = 0; n < options.tracks; n++) tracks.push(await addProposal(db, room, trackIds, n));
  return { room, guests, tracks };
}

/** What the votes table says, held against what was answered. */
export interface Recount {
  /** Votes that were answered and are not there as they were sent. */
  readonly lost: number;
  /** Votes that nobody sent. */
  readonly invented: number;
  /** Tracks beside which another number stands than there are votes. */
  readonly miscounted: number;
  /** Votes on each track, by room and track. */
  readonly totals: Record<string, Record<string, number>>;
}

/** The host's own likes, one of each track, are not among the votes of the guests. */
export async function recount(
  db: Database,
  rooms: readonly BenchRoom[],
  guests: readonly BenchGuest[],
  votes: readonly BenchVote[],
): Promise<Recount> {
  const ids = rooms.map(({ room }) => room.id);
  const { rows } = await db.pool.query<{ track: number; participant: number; is_like: boolean }>(
    `SELECT v.room_track_id AS track, v.participant_id AS participant, v.is_like
       FROM votes v JOIN room_tracks t ON t.id = v.room_track_id
       JOIN room_participants p ON p.id = v.participant_id AND p.user_id IS NULL
      WHERE t.room_id = ANY($1::int[])`,
    [ids],
  );
  const stored = new Set(rows.map((row) => `${row.track} ${row.participant} ${row.is_like}`));
  const sent = new Set(
    votes.map((vote) => `${vote.roomTrackId} ${guests[vote.guest]?.participantId} ${vote.isLike}`),
  );
  const { rows: counted } = await db.pool.query<{
    code: string;
    id: number;
    likes: number;
    dislikes: number;
    real_likes: number;
    real_dislikes: number;
  }>(
    `SELECT r.code, t.id, t.likes, t.dislikes,
            (SELECT count(*)::int FROM votes v WHERE v.room_track_id = t.id AND v.is_like) AS real_likes,
            (SELECT count(*)::int FROM votes v WHERE v.room_track_id = t.id AND NOT v.is_like) AS real_dislikes
       FROM room_tracks t JOIN rooms r ON r.id = t.room_id WHERE t.room_id = ANY($1::int[])`,
    [ids],
  );
  const totals: Record<string, Record<string, number>> = {};
  for (const row of counted) {
    const ofRoom = totals[row.code] ?? {};
    totals[row.code] = ofRoom;
    ofRoom[String(row.id)] = row.real_likes + row.real_dislikes;
  }
  return {
    lost: [...sent].filter((key) => !stored.has(key)).length,
    invented: [...stored].filter((key) => !sent.has(key)).length,
    miscounted: counted.filter((row) => row.likes !== row.real_likes || row.dislikes !== row.real_dislikes)
      .length,
    totals,
  };
}

/** A process of the benchmark's own, which answers each message with one. */
export function startHelper(file: string): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
}

export async function ask<Answer>(child: ChildProcess, request: object): Promise<Answer> {
  child.send(request);
  const [answer] = await once(child, 'message');
  return answer as Answer;
}

/** A gateway that will be killed, without a word. */
export async function startDoomedGateway(
  port: number,
  environment: Readonly<Record<string, string>>,
): Promise<{ kill(): Promise<void> }> {
  const main = fileURLToPath(new URL('../../services/gateway/src/main.ts', import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { PATH: process.env.PATH, LOG_LEVEL: 'warn', PORT: String(port), ...environment },
  });
  while (!(await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null))?.ok) {
    if (child.exitCode !== null) throw new Error(`The gateway ended with code ${child.exitCode}.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
