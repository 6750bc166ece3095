import type { RoomChange } from '@spindle/contracts';
import {
  type CastOutcome,
  type CountedTrack,
  castVotes,
  type Database,
  type GivenVote,
  loadParticipants,
  roomTrackCounts,
  roomTracks,
  roomTrackViews,
  settleVotes,
  wakeRoom,
} from '@spindle/db';
import { type LivePublisher, type Producer, roomAudience } from '@spindle/queues';
import type { Clock, Logger } from '@spindle/service-kit';
import { Collector, shared } from './collector.ts';
import type { Presence } from './presence.ts';
import {
  currentPlayback,
  currentRoom,
  participantView,
  type SharedState,
  sharedRoom,
  sharedState,
  type ViewParts,
} from './views.ts';

/** Votes of one room are stored, settled, and told of, at most this often, real ms. */
const SETTLE_EVERY_MS = 50;
/** The same where so many look on that each telling is work. */
const SETTLE_LARGE_MS = 100;
const LARGE = 250;
/** So long the first of them waits for others. */
const SETTLE_FIRST_MS = 5;
/** Who came and left is told at most this often. */
const PEOPLE_EVERY_MS = 500;
/** What failed is tried again after this. */
const AGAIN_MS = 1_000;

export interface BoardParts extends ViewParts {
  readonly db: Database;
  readonly live: LivePublisher;
  readonly producer: Producer;
  readonly presence: Presence;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What has happened in a room, to be settled and told. */
export interface BoardChange {
  /** Tracks whose votes are to be counted anew. */
  readonly votes?: readonly number[];
  /** Tracks to be told of as a whole. */
  readonly tracks?: readonly number[];
  readonly room?: boolean;
  readonly playback?: boolean;
  /** All that waits is counted anew: the threshold is another. */
  readonly everything?: boolean;
  /** The worker is to look, whatever comes of the counting. */
  readonly wake?: boolean;
}

/** What became of a vote. */
export type VoteOutcome =
  | { readonly ok: true; readonly track: CountedTrack }
  | Extract<CastOutcome, { readonly ok: false }>;

interface Batch {
  /** Votes to be stored, each with whoever waits for what becomes of it. */
  readonly casts: {
    readonly vote: GivenVote;
    readonly resolve: (outcome: VoteOutcome) => void;
    readonly reject: (error: unknown) => void;
  }[];
  readonly votes: Set<number>;
  readonly tracks: Set<number>;
  room: boolean;
  playback: boolean;
  everything: boolean;
  wake: boolean;
  readonly waiting: {
    readonly resolve: (tracks: ReadonlyMap<number, CountedTrack>) => void;
    readonly reject: (error: unknown) => void;
  }[];
}

const NOT_THERE = { ok: false, reason: 'no-such-track' } as const;

const emptyBatch = (): Batch => ({
  casts: [],
  votes: new Set(),
  tracks: new Set(),
  room: false,
  playback: false,
  everything: false,
  wake: false,
  waiting: [],
});

/**
 * One room on this gateway. It collects what happens, settles it for all who wait in one go, tells it to
 * all screens in one event, and wakes the worker when something became ready. Other gateways have boards
 * of the same room: what is true is in the database alone.
 */
export class Board {
  readonly roomId: number;
  readonly code: string;
  readonly #parts: BoardParts;
  readonly #settling: Collector;
  readonly #telling: Collector;
  readonly #readState: () => Promise<SharedState>;
  #batch = emptyBatch();
  #people = new Set<number>();
  /**
   * Turns of tracks as they were last told here, by id. Those of a guest follow from one another; only what
   * is another than before is told. Forgotten with each `heal`, for other gateways tell turns, too.
   */
  readonly #turns = new Map<string, number>();
  /** When something was last asked of it, real ms. */
  usedAt = performance.now();

  /** @param lookersOn how many participants have the room open on this gateway */
  constructor(
    parts: BoardParts,
    room: { readonly id: number; readonly code: string },
    lookersOn: () => number,
  ) {
    this.#parts = parts;
    this.roomId = room.id;
    this.code = room.code;
    this.#settling = new Collector({
      everyMs: () => (lookersOn() > LARGE ? SETTLE_LARGE_MS : SETTLE_EVERY_MS),
      firstMs: SETTLE_FIRST_MS,
      run: () => this.#settle(),
    });
    this.#telling = new Collector({
      everyMs: () => PEOPLE_EVERY_MS,
      firstMs: SETTLE_FIRST_MS,
      run: () => this.#tellPeople(),
    });
    this.#readState = shared(() => sharedState(parts, room.id));
  }

  /** What everybody in the room sees, as it is now or later. */
  state(): Promise<SharedState> {
    this.usedAt = performance.now();
    return this.#readState();
  }

  /**
   * Takes on what has happened. Resolves when it was settled and told, with those tracks that were named.
   */
  changed(change: BoardChange): Promise<ReadonlyMap<number, CountedTrack>> {
    this.usedAt = performance.now();
    const batch = this.#batch;
    for (const id of change.votes ?? []) batch.votes.add(id);
    for (const id of change.tracks ?? []) batch.tracks.add(id);
    batch.room ||= change.room ?? false;
    batch.playback ||= change.playback ?? false;
    batch.everything ||= change.everything ?? false;
    batch.wake ||= change.wake ?? false;
    const settled = new Promise<ReadonlyMap<number, CountedTrack>>((resolve, reject) => {
      batch.waiting.push({ resolve, reject });
    });
    this.#settling.ask();
    return settled;
  }

  /** Stores a vote with all that come together. Resolves when it was counted and told. */
  vote(vote: GivenVote): Promise<VoteOutcome> {
    this.usedAt = performance.now();
    const counted = new Promise<VoteOutcome>((resolve, reject) => {
      this.#batch.casts.push({ vote, resolve, reject });
    });
    this.#settling.ask();
    return counted;
  }

  /** These came, left, or opened or closed the room. */
  people(ids: readonly number[]): void {
    this.usedAt = performance.now();
    for (const id of ids) this.#people.add(id);
    this.#telling.ask();
  }

  /** Counts these anew: a gateway that died may have left them uncounted. */
  heal(trackIds: readonly number[]): void {
    this.#turns.clear();
    if (trackIds.length === 0) return;
    for (const id of trackIds) this.#batch.votes.add(id);
    this.#settling.ask();
  }

  async close(): Promise<void> {
    await this.#settling.finish();
    await this.#telling.finish();
  }

  async #settle(): Promise<void> {
    const batch = this.#batch;
    this.#batch = emptyBatch();
    try {
      const outcomes = await this.#store(batch);
      const tracks = await this.#carryOut(batch);
      for (const [index, { resolve }] of batch.casts.entries()) {
        const outcome = outcomes[index] ?? NOT_THERE;
        const track = outcome.ok ? tracks.get(outcome.roomTrackId) : undefined;
        resolve(track ? { ok: true, track } : outcome.ok ? NOT_THERE : outcome);
      }
      for (const { resolve } of batch.waiting) resolve(tracks);
    } catch (error) {
      this.#parts.logger.warn({ err: error, roomId: this.roomId }, 'votes could not be settled');
      for (const { reject } of [...batch.casts, ...batch.waiting]) reject(error);
      this.#takeBack(batch);
    }
  }

  /** Stores the votes of a batch, so that what they are for is counted with the rest. */
  async #store(batch: Batch): Promise<readonly CastOutcome[]> {
    if (batch.casts.length === 0) return [];
    const { db, clock } = this.#parts;
    const given = batch.casts.map((cast) => cast.vote);
    const outcomes = await castVotes(db.pool, this.roomId, given, clock.now());
    for (const outcome of outcomes) if (outcome.ok) batch.votes.add(outcome.roomTrackId);
    db.measures.votesStored(outcomes.filter((outcome) => outcome.ok).length);
    return outcomes;
  }

  /** What nobody waits for any more is to be settled all the same. */
  #takeBack(batch: Batch): void {
    const next = this.#batch;
    for (const id of batch.votes) next.votes.add(id);
    for (const id of batch.tracks) next.tracks.add(id);
    next.room ||= batch.room;
    next.playback ||= batch.playback;
    next.everything ||= batch.everything;
    next.wake ||= batch.wake;
    this.#settling.ask(AGAIN_MS);
  }

  async #carryOut(batch: Batch): Promise<ReadonlyMap<number, CountedTrack>> {
    const { db, clock } = this.#parts;
    const now = clock.now();
    const changed = new Set<number>();
    let ready = batch.wake;
    const settle = async (ids?: readonly number[]) => {
      const outcome = await settleVotes(db, this.roomId, now, ids);
      for (const id of outcome.changed) changed.add(id);
      ready ||= outcome.promoted.length > 0;
    };
    if (batch.votes.size > 0) await settle([...batch.votes]);
    if (batch.everything) await settle();
    const told = [...changed].filter((id) => !batch.tracks.has(id));
    const [counted, wholes] = await Promise.all([
      roomTrackCounts(db.pool, this.roomId, [...new Set([...batch.votes, ...told])]),
      batch.tracks.size > 0 ? roomTracks(db.pool, [...batch.tracks]) : [],
    ]);
    const counts = counted.counts.filter(
      (one) => changed.has(Number(one.id)) || this.#turns.get(one.id) !== one.turn,
    );
    for (const one of counts) this.#turns.set(one.id, one.turn);
    await this.#tell({
      ...(wholes.length > 0 && { tracks: await roomTrackViews(db.pool, this.roomId, wholes) }),
      ...(changed.size > 0 && counts.length > 0 && { counts }),
      ...(batch.playback && { playback: await currentPlayback(this.#parts, this.roomId) }),
      ...(batch.room && {
        room: await sharedRoom(this.#parts, await currentRoom(this.#parts, this.roomId)),
      }),
    });
    if (ready) await this.#wake(now);
    return new Map([...wholes.map((track) => [track.id, track] as const), ...counted.tracks]);
  }

  async #tell(change: Omit<RoomChange, 'code'>): Promise<void> {
    if (Object.keys(change).length === 0) return;
    await this.#parts.live.publish('room', [roomAudience(this.code)], { code: this.code, ...change });
  }

  /** Has the worker look: at once, and, should the queue not answer, as soon as its clock ticks. */
  async #wake(now: Date): Promise<void> {
    const { db, producer, logger } = this.#parts;
    await wakeRoom(db.pool, this.roomId, now);
    try {
      await producer.add('party', 'follow-room', { roomId: this.roomId }, { requestId: `room:${this.code}` });
    } catch (error) {
      logger.warn({ err: error, roomId: this.roomId }, 'the worker could not be called to a room');
    }
  }

  async #tellPeople(): Promise<void> {
    const ids = [...this.#people];
    this.#people = new Set();
    const { db, presence, logger } = this.#parts;
    try {
      const [room, present, people] = await Promise.all([
        currentRoom(this.#parts, this.roomId),
        presence.present(this.code),
        loadParticipants(db.pool, ids),
      ]);
      await this.#tell({
        room: await sharedRoom(this.#parts, room),
        participants: people
          .filter((one) => one.roomId === this.roomId)
          .map((one) => ({ ...participantView(room, one, present), left: one.leftAt !== null })),
      });
    } catch (error) {
      logger.warn({ err: error, roomId: this.roomId }, 'who came and left could not be told');
      for (const id of ids) this.#people.add(id);
      this.#telling.ask(AGAIN_MS);
    }
  }
}
