import { ROOM_DEFAULTS, type RoomPlaybackView, type RoomSettings } from '@spindle/contracts';
import {
  castVotes,
  claimDue,
  createRoom,
  type Database,
  joinAsGuest,
  nextDueAt,
  type Participant,
  type Reading,
  type Room,
  roomPlaybackView,
  settleVotes,
  wakeRoom,
} from '@spindle/db';
import type {
  LivePublisher,
  PayloadOf,
  Processor,
  Producer,
  ResultOf,
  RoomCommand,
  RunningJob,
} from '@spindle/queues';
import { ManualClock, RetryLater, seededRandom, silentLogger } from '@spindle/service-kit';
import type { PersonOptions, Sandbox, ScriptStep } from '@spindle/spotify-sandbox';
import { createSyncContext, type SyncContext } from '@spindle/sync-worker/context';
import { handlers as syncHandlers } from '@spindle/sync-worker/handlers';
import { createPartyContext, type PartyContext } from '../../src/context.ts';
import { handlers } from '../../src/handlers.ts';
import { HOST, openWorld, proposeIn, START_MS, type World } from './world.ts';

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
/** Dispatchers look for what is due this often. */
const TICK_MS = 1_000;
const LEASE_MS = 60_000;

/** Something that happens at a moment, epoch ms. */
export interface StageEvent {
  readonly at: number;
  readonly run: () => Promise<void> | void;
}

/** What a device heard, or hears: one listen of the host, from the sandbox's ground truth. */
export interface Heard {
  readonly uri: string;
  readonly startedAt: number;
  /** Null: it still sounds. */
  readonly endedAt: number | null;
  readonly endedBy: string | null;
}

/** Whether a process has been killed: nothing that it does comes through any more. */
interface Life {
  isOver: boolean;
}

class Killed extends Error {}

function mortal(db: Database, life: Life): Database {
  const alive = <T>(act: () => T): T => {
    if (life.isOver) throw new Killed();
    return act();
  };
  const pool = new Proxy(db.pool, {
    get: (target, name) => {
      const value = Reflect.get(target, name);
      return typeof value === 'function'
        ? (...input: unknown[]) => alive(() => Reflect.apply(value, target, input))
        : value;
    },
  });
  return { ...db, pool, transaction: async (work) => alive(() => db.transaction(work)) };
}

/**
 * A party in simulated time: the real processors of the party worker and of the sync worker, run when they
 * are due by what PostgreSQL says, against the sandbox over HTTP.
 */
export class Stage {
  readonly clock: ManualClock;
  readonly sandbox: Sandbox;
  readonly db: Database;
  readonly context: PartyContext;
  readonly live: { readonly event: string; readonly rooms: readonly string[]; readonly data: unknown }[] = [];
  readonly hostId: number;
  /** Errors that runs of the party worker ended with. */
  readonly failures: unknown[] = [];
  /** Called before and after every look at a room. */
  aroundLook: (roomId: number, look: () => Promise<void>) => Promise<void> = (_roomId, look) => look();
  readonly #sync: SyncContext;
  readonly #pending = new Set<number>();
  readonly #life: Life = { isOver: false };
  readonly #world: World<ManualClock>;
  #isDown = false;
  #next = 0;

  private constructor(world: World<ManualClock>) {
    const { parts } = world;
    this.#world = world;
    this.clock = parts.clock;
    this.sandbox = world.sandbox;
    this.db = parts.db;
    this.hostId = world.hostId;
    const live: LivePublisher = {
      publish: async (event, rooms, data) => void this.live.push({ event, rooms, data }),
    };
    const both = { ...parts, live, producer: this.#producer() };
    this.context = createPartyContext({
      ...both,
      db: mortal(parts.db, this.#life),
      random: seededRandom('party'),
    });
    this.#sync = createSyncContext({ ...both, publicUrl: 'http://spindle.test' });
  }

  /** @param dailyAllowance calls to Spotify in any 24 hours; 0: any number */
  static async open(host: Partial<PersonOptions> = {}, dailyAllowance = 0): Promise<Stage> {
    return new Stage(await openWorld(new ManualClock(START_MS), host, undefined, dailyAllowance));
  }

  /** From now on the party worker does not run. */
  stopWorker(): void {
    this.#isDown = true;
  }

  startWorker(): void {
    this.#isDown = false;
  }

  /** The party worker is killed while its next such call is under way; Spotify does what it was told. */
  killDuring(method: string, path: string): void {
    const { control } = this.sandbox;
    const id = control.addFault({ fault: { kind: 'slow', delayMs: 150 }, method, path, count: 1 });
    const timer = setInterval(() => {
      if (!control.faults().some((fault) => fault.id === id && fault.struck > 0)) return;
      this.#life.isOver = true;
      clearInterval(timer);
    }, 5);
    timer.unref();
  }

  /** Jobs run at once, or right after the one that asked for them. */
  #producer(): Pick<Producer, 'add' | 'waitFor'> {
    return {
      add: async (queue, job, payload) => {
        if (queue === 'party' && job === 'follow-room') {
          this.#pending.add((payload as { roomId: number }).roomId);
        } else if (queue === 'sync' && job === 'playback') {
          const { userId } = payload as { userId: number };
          await this.#read('playback', userId, 'request');
        } else throw new Error(`nobody takes ${queue}/${job} here`);
        return { id: `${queue}.${job}` };
      },
      waitFor: async () => undefined,
    };
  }

  #job(): RunningJob<'party'> & RunningJob<'sync'> {
    return {
      id: 'test',
      name: 'test',
      requestId: 'test',
      ownerId: undefined,
      attempt: 1,
      maxAttempts: 1,
      log: silentLogger(),
      signal: new AbortController().signal,
      progress: async () => {},
      takeTurns: async () => {},
      fanOut: () => Promise.reject(new Error('no children here')),
    };
  }

  async #read(reading: Reading, userId: number, reason: 'scheduled' | 'request'): Promise<void> {
    const processor = syncHandlers[reading] as Processor<SyncContext, 'sync', 'playback'>;
    try {
      await processor(this.#sync, { userId, reason }, this.#job());
    } catch (error) {
      // It is read again when PostgreSQL says.
      if (!(error instanceof Error)) throw error;
    }
  }

  async room(settings: Partial<RoomSettings> = {}): Promise<Room> {
    return createRoom(this.db, this.hostId, { ...ROOM_DEFAULTS, ...settings }, this.clock.now());
  }

  async guest(room: Room, name: string): Promise<Participant> {
    const joined = await joinAsGuest(this.db, room.id, name, this.clock.now());
    if (!joined.ok) throw new Error(joined.reason);
    return joined.participant;
  }

  /** Tracks of the catalogue that can be played, each given once. */
  tracks(count: number, longest = Number.POSITIVE_INFINITY): { readonly id: string; readonly uri: string }[] {
    const all = this.sandbox.catalogue.tracks.filter(
      (track) => track.playable && track.durationMs > 90_000 && track.durationMs < longest,
    );
    const given = all.slice(this.#next, this.#next + count);
    this.#next += count;
    if (given.length < count) throw new Error('the catalogue is too small');
    return given;
  }

  /** Proposes a track of the sandbox; its id in the room. */
  async propose(room: Room, guest: Participant, spotifyId: string): Promise<number> {
    const id = await proposeIn(this.#world, room, guest, spotifyId);
    await this.settle(room, [id]);
    return id;
  }

  async vote(room: Room, guest: Participant, spotifyId: string, isLike: boolean): Promise<void> {
    const given = { participantId: guest.id, spotifyId, isLike };
    const [cast] = await castVotes(this.db.pool, room.id, [given], this.clock.now());
    if (cast?.ok) await this.settle(room, [cast.roomTrackId]);
  }

  /** Counts votes and wakes the room as the gateway does. */
  async settle(room: Room, ids: readonly number[]): Promise<void> {
    const { promoted } = await settleVotes(this.db, room.id, this.clock.now(), ids);
    if (promoted.length > 0 || room.settings.mode === 'queue')
      await wakeRoom(this.db.pool, room.id, this.clock.now());
  }

  /** Does what the host asks for by the room. */
  async command(room: Room, command: RoomCommand): Promise<RoomPlaybackView> {
    const view = await handlers['room-command'](this.context, { roomId: room.id, command }, this.#job());
    await this.#drain();
    return view;
  }

  /** Runs another job of the party worker. */
  ask<J extends 'room-devices' | 'room-search' | 'room-track' | 'rooms-due'>(
    job: J,
    payload: PayloadOf<'party', J>,
  ): Promise<ResultOf<'party', J>> {
    const processor = handlers[job] as Processor<PartyContext, 'party', J>;
    return processor(this.context, payload, this.#job());
  }

  script(...steps: ScriptStep[]): void {
    this.sandbox.control.script(HOST, steps);
  }

  async view(room: Room): Promise<RoomPlaybackView> {
    const view = await roomPlaybackView(this.db.pool, room.id);
    if (!view) throw new Error('no such room');
    return view;
  }

  async states(room: Room): Promise<Record<string, string>> {
    const { rows } = await this.db.pool.query<{ spotify_id: string; state: string }>(
      `SELECT t.spotify_id, x.state FROM room_tracks x JOIN tracks t ON t.id = x.track_id WHERE x.room_id = $1 ORDER BY x.id`,
      [room.id],
    );
    return Object.fromEntries(rows.map((row) => [`spotify:track:${row.spotify_id}`, row.state]));
  }

  async #drain(): Promise<void> {
    for (let runs = 0; this.#pending.size > 0 && !this.#isDown; runs += 1) {
      if (runs > 100) throw new Error('looks without an end');
      const [roomId] = this.#pending;
      if (roomId === undefined) return;
      this.#pending.delete(roomId);
      await this.aroundLook(roomId, async () => {
        try {
          await handlers['follow-room'](this.context, { roomId }, this.#job());
        } catch (error) {
          if (error instanceof Killed) this.#life.isOver = false;
          else if (!(error instanceof RetryLater)) this.failures.push(error);
        }
      });
    }
  }

  async #dueAt(): Promise<number> {
    const { rows } = await this.db.pool.query<{ at: Date | null }>(
      `SELECT min(greatest(next_follow_at, follow_lease_until)) AS at FROM rooms WHERE ended_at IS NULL`,
    );
    const room = this.#isDown ? null : rows[0]?.at;
    const reading = await nextDueAt(this.db);
    return Math.min(...[room, reading].map((at) => at?.getTime() ?? Number.POSITIVE_INFINITY));
  }

  /** Lets time pass until `endMs`, from one due tick to the next. */
  async run(endMs: number, events: readonly StageEvent[] = []): Promise<void> {
    const agenda = [...events].sort((a, b) => a.at - b.at);
    let next = 0;
    while (this.clock.nowMs() < endMs) {
      const tick = Math.ceil((await this.#dueAt()) / TICK_MS) * TICK_MS;
      const soonest = Math.max(tick, Math.floor(this.clock.nowMs() / TICK_MS + 1) * TICK_MS);
      const at = Math.min(soonest, agenda[next]?.at ?? Number.POSITIVE_INFINITY, endMs);
      this.clock.set(Math.max(at, this.clock.nowMs()));
      while (next < agenda.length && (agenda[next]?.at ?? 0) <= this.clock.nowMs()) {
        await agenda[next]?.run();
        next += 1;
      }
      if (at % TICK_MS === 0) await this.#tick();
      await this.#drain();
    }
  }

  async #tick(): Promise<void> {
    for (const reading of ['playback', 'history'] satisfies Reading[]) {
      const due = await claimDue(this.db, reading, this.clock.now(), { limit: 10, leaseMs: LEASE_MS });
      for (const userId of due) await this.#read(reading, userId, 'scheduled');
    }
    if (!this.#isDown) await handlers['rooms-due'](this.context, {}, this.#job());
  }

  /** Lets so much time pass. */
  pass(ms: number, events: readonly StageEvent[] = []): Promise<void> {
    return this.run(this.clock.nowMs() + ms, events);
  }

  /** Everything that sounded, oldest first, what sounds now included. */
  heard(): Heard[] {
    const past: Heard[] = this.sandbox.groundTruth
      .plays(HOST)
      .map(({ uri, startedAtMs, endedAtMs, endedBy }) => ({
        uri,
        startedAt: startedAtMs,
        endedAt: endedAtMs,
        endedBy,
      }));
    const now = this.sandbox.groundTruth.nowPlaying(HOST);
    if (now.uri === null || now.startedAtMs === null) return past;
    return [...past, { uri: now.uri, startedAt: now.startedAtMs, endedAt: null, endedBy: null }];
  }

  uris(): string[] {
    return this.heard().map((one) => one.uri);
  }

  /** The pauses between two things that sounded, ms, longest first. */
  silences(): { readonly ms: number; readonly from: number }[] {
    const heard = this.heard();
    return heard
      .flatMap((one, index) => {
        const next = heard[index + 1];
        return next && one.endedAt !== null ? [{ ms: next.startedAt - one.endedAt, from: one.endedAt }] : [];
      })
      .sort((a, b) => b.ms - a.ms);
  }

  /** Calls to the Web API by method and path. */
  calls(path?: string): number {
    return this.sandbox.control
      .calls()
      .filter(
        (call) =>
          call.path.startsWith('/v1') && (path === undefined || `${call.method} ${call.path}` === path),
      ).length;
  }

  close(): Promise<void> {
    return this.#world.close();
  }
}
