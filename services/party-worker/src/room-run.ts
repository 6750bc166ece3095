import {
  type HostReading,
  hostReading,
  loadRoom,
  loadRoomPlayback,
  notePlaying,
  type PlaybackChange,
  type PlayEnd,
  planRoom,
  type Room,
  type RoomLook,
  type RoomPlayback,
  roomPlaybackView,
  roomTrackCounts,
  roomTracks,
  roomTrackViews,
  saveRoomPlayback,
  wantPlayback,
} from '@spindle/db';
import { type RunningJob, roomAudience } from '@spindle/queues';
import type { SpotifyCaller } from '@spindle/spotify';
import type { PartyContext } from './context.ts';
import type { Reading } from './decide.ts';
import { readingPace } from './reading-pace.ts';

/** An asked-for reading comes within this, real ms, or is not waited for. */
const READING_WAIT_MS = 5_000;

type Job = Pick<RunningJob<'party'>, 'signal' | 'requestId' | 'log'>;

/** One run at a room, while nobody else works with its player. */
export class RoomRun {
  readonly context: PartyContext;
  readonly room: Room;
  readonly signal: AbortSignal;
  /** The host's player, with the host's own consent. */
  readonly caller: SpotifyCaller;
  /** Tracks of the room that changed, by their ids. */
  readonly changed = new Set<number>();
  /** Tracks that came into the room. */
  readonly added = new Set<number>();
  /** Tracks that Spotify would not play. */
  readonly refused = new Set<number>();
  /** Whether the fallback may still give something. */
  hasFallback: boolean;
  playback: RoomPlayback;
  reading: Reading | null = null;
  /** The device that was active when it was read. */
  activeDevice: string | null = null;
  #isShownAnew = false;
  readonly #look: RoomLook;
  readonly #job: Job;

  private constructor(context: PartyContext, room: Room, playback: RoomPlayback, look: RoomLook, job: Job) {
    this.context = context;
    this.room = room;
    this.playback = playback;
    this.signal = job.signal;
    this.caller = context.spotify.as(playback.hostId, { lane: 'interactive', signal: job.signal });
    this.hasFallback = room.settings.fallback.kind !== 'none';
    this.#look = look;
    this.#job = job;
  }

  /** Null when the room is over. */
  static async open(
    context: PartyContext,
    roomId: number,
    look: RoomLook,
    job: Job,
  ): Promise<RoomRun | null> {
    const { pool } = context.db;
    const [room, playback] = await Promise.all([loadRoom(pool, roomId), loadRoomPlayback(pool, roomId)]);
    if (!room || !playback || playback.endedAt !== null) return null;
    const run = new RoomRun(context, room, playback, look, job);
    await run.reload();
    return run;
  }

  get now(): number {
    return this.context.clock.nowMs();
  }

  get plannedAt(): number | null {
    return this.#look.plannedAt?.getTime() ?? null;
  }

  get log(): Job['log'] {
    return this.#job.log;
  }

  async reload(): Promise<void> {
    const { pool } = this.context.db;
    const [playback, reading] = await Promise.all([
      loadRoomPlayback(pool, this.room.id),
      hostReading(pool, this.room.id),
    ]);
    if (playback) this.playback = playback;
    this.reading = reading && readingOf(reading);
    this.activeDevice = reading?.deviceName ?? null;
  }

  /** Stores what became known. */
  async save(change: PlaybackChange): Promise<void> {
    await saveRoomPlayback(this.context.db.pool, this.room.id, change);
    this.#isShownAnew = true;
  }

  /** A track of the room plays now, or none of them; in one piece with what else became known. */
  async playing(roomTrackId: number | null, before: PlayEnd, change: PlaybackChange): Promise<void> {
    const { db, clock } = this.context;
    const ids = await db.transaction(async (tx) => {
      const changed = await notePlaying(tx, this.room.id, roomTrackId, before, clock.now());
      await saveRoomPlayback(tx, this.room.id, change);
      return changed;
    });
    for (const id of ids) this.changed.add(id);
    this.#isShownAnew = true;
  }

  /** Has the host's player read now. What comes of it is in {@link reading} after it; it may be nothing. */
  async read(): Promise<void> {
    const { producer } = this.context;
    const userId = this.playback.hostId;
    const { id } = await producer.add(
      'sync',
      'playback',
      { userId, reason: 'request' },
      { requestId: this.#job.requestId },
    );
    await producer.waitFor(id, READING_WAIT_MS);
    this.signal.throwIfAborted();
    await this.reload();
  }

  /** Plans the next look, has the player read until then as closely as it needs, and tells everybody. */
  async close(plan: { readonly lookAt: number | null; readonly readAt: number | null }): Promise<void> {
    const { db, clock } = this.context;
    const { pool } = db;
    const { hostId, isOn, state } = this.playback;
    const isFollowed = isOn && !['idle', 'premium-required', 'reauth-needed'].includes(state);
    const paceAt = isFollowed
      ? clock.nowMs() + (await readingPace(this.context, hostId))
      : Number.POSITIVE_INFINITY;
    const readAt = Math.min(plan.readAt ?? Number.POSITIVE_INFINITY, paceAt);
    if (readAt < Number.POSITIVE_INFINITY) await wantPlayback(pool, hostId, new Date(readAt));
    await planRoom(pool, this.room.id, plan.lookAt === null ? null : new Date(plan.lookAt), this.#look);
    await this.tell();
  }

  /** Tells everybody in the room what has changed. */
  async tell(): Promise<void> {
    const { changed, added } = this;
    if (!this.#isShownAnew && changed.size === 0 && added.size === 0) return;
    const { db, live } = this.context;
    const { id, code } = this.room;
    const known = [...changed].filter((one) => !added.has(one));
    const [playback, { counts }, tracks] = await Promise.all([
      this.#isShownAnew ? roomPlaybackView(db.pool, id) : null,
      roomTrackCounts(db.pool, id, known),
      added.size > 0 ? roomTrackViews(db.pool, id, await roomTracks(db.pool, [...added])) : [],
    ]);
    await live.publish('room', [roomAudience(code)], {
      code,
      ...(playback && { playback }),
      ...(counts.length > 0 && { counts }),
      ...(tracks.length > 0 && { tracks }),
    });
    this.#isShownAnew = false;
    changed.clear();
    added.clear();
  }
}

function readingOf(reading: HostReading): Reading {
  const { observedAt, deviceName, ...rest } = reading;
  return { ...rest, at: observedAt.getTime(), hasDevice: deviceName !== null };
}
