import { LIKED, type RoomFallback } from '@spindle/contracts';
import {
  addFallbackTrack,
  participantSources,
  playedBy,
  playedTracks,
  type RoomTrack,
  randomTrackOf,
  waitingTracks,
} from '@spindle/db';
import { readLikedSongs, readPlaylistContents } from '@spindle/library';
import { nextUp } from '@spindle/rooms';
import { GiveUp } from '@spindle/service-kit';
import type { RoomRun } from './room-run.ts';

/** Participants that are tried before it counts as silence. */
const TRIES = 5;
/** A source that gave nothing is not read again for so long. */
const READ_AGAIN_MS = 10 * 60_000;

/** What comes next of what guests want, beside what was handed over already; null: nothing may. */
export async function nextOfGuests(run: RoomRun): Promise<RoomTrack | null> {
  const { pool } = run.context.db;
  const { mode, inARow } = run.room.settings;
  const waiting = (await waitingTracks(pool, run.room.id)).filter(
    (track) => track.id !== run.playback.handed?.id && !run.refused.has(track.id),
  );
  const ready = mode === 'threshold' ? waiting.filter((track) => track.state === 'promoted') : waiting;
  if (ready.length === 0) return null;
  const last = await playedTracks(pool, run.room.id, inARow ?? 1);
  return nextUp(ready, {
    playedBy: await playedBy(pool, run.room.id),
    lastProposers: last.map((track) => track.proposerId),
    inARow,
  });
}

/** The room's id of what comes next, of the fallback when no guest wants anything; null: silence. */
export async function chooseTrack(run: RoomRun): Promise<number | null> {
  const { handed } = run.playback;
  if (handed) return handed.id;
  return (await nextOfGuests(run))?.id ?? (await fromFallback(run));
}

async function fromFallback(run: RoomRun): Promise<number | null> {
  const { fallback } = run.room.settings;
  for (let tried = 0; tried < TRIES; tried += 1) {
    const trackId = await randomOf(run, fallback);
    if (trackId === null) break;
    const { db, clock } = run.context;
    const id = await addFallbackTrack(db.pool, run.room.id, trackId, clock.now());
    if (id !== null) {
      run.added.add(id);
      return id;
    }
  }
  run.hasFallback = false;
  return null;
}

async function randomOf(run: RoomRun, fallback: RoomFallback): Promise<number | null> {
  if (fallback.kind === 'none') return null;
  const { db, random } = run.context;
  const pick = (userId: number, source: string) =>
    randomTrackOf(db.pool, { roomId: run.room.id, userId, source, rules: run.room.settings }, random.next());
  if (fallback.kind === 'playlist') {
    const userId = run.playback.hostId;
    const found = await pick(userId, fallback.source);
    if (found !== null || !(await readSource(run, userId, fallback.source))) return found;
    return pick(userId, fallback.source);
  }
  const sources = await participantSources(db.pool, run.room.id);
  for (let tried = 0; tried < TRIES && sources.length > 0; tried += 1) {
    const one = sources[random.int(sources.length)];
    const source = one?.sources[random.int(one.sources.length)];
    const found = one && source !== undefined ? await pick(one.userId, source) : null;
    if (found !== null) return found;
  }
  return null;
}

/** Reads a source of the host that is not stored; false when that was tried a while ago, or cannot be done. */
async function readSource(run: RoomRun, userId: number, source: string): Promise<boolean> {
  const { context } = run;
  const key = `${context.prefix}:room-source:${userId}:${source}`;
  const forMs = Math.max(1, Math.ceil(context.clock.toWallMs(READ_AGAIN_MS)));
  if ((await context.redis.set(key, '1', 'PX', forMs, 'NX')) === null) return false;
  const options = { lane: 'interactive', signal: run.signal } as const;
  try {
    if (source === LIKED) await readLikedSongs(context, userId, options);
    else await readPlaylistContents(context, userId, source, options);
    return true;
  } catch (error) {
    if (error instanceof GiveUp) return false;
    await context.redis.del(key);
    throw error;
  }
}
