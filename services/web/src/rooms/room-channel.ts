import {
  ApiError,
  getRoom,
  getRoomState,
  LEAVE_ROOM_EVENT,
  type listParticipants,
  type Problem,
  ROOM_EVENT,
  type RoomAnswer,
  type RoomChange,
  type RoomPlaybackView,
  type RoomState,
  type RoomTrackView,
  type RouteResponse,
  voteInRoom,
} from '@spindle/contracts';
import type { QueryClient } from '@tanstack/react-query';
import { io, type Socket } from 'socket.io-client';
import { api, queryKeys } from '../api.ts';
import { reportFailure } from '../components/report.ts';
import { afterChange, afterVote, type PendingVote, type RoomData, roomData } from './room-merge.ts';

/** How a page hears of the room: at once, by asking now and then, or not at all. */
export type RoomLink = 'live' | 'asking' | 'away';

/** Without the socket the room is asked for this often, ms. */
const ASK_EVERY_MS = 4_000;
/** An answer to the page's greeting that takes longer is not waited for. */
const GREET_MS = 8_000;
/** A socket that was turned away knocks again after this. */
const KNOCK_AGAIN_MS = 10_000;
/** So long a connection may be gone before it is said. */
const PATIENCE_MS = 1_500;

type People = RouteResponse<typeof listParticipants>;

/** A vote on its way; `isStuck` while the network does not carry it. */
export interface VoteUnderWay extends PendingVote {
  readonly isStuck: boolean;
}

/** What a page sees of the channel; another object whenever something of it changes. */
export interface RoomSignal {
  readonly link: RoomLink;
  readonly votes: ReadonlyMap<string, VoteUnderWay>;
}

const isRefusal = (error: unknown): boolean =>
  error instanceof ApiError && [401, 403, 404].includes(error.problem.status);

/**
 * Keeps one room in step with the server: by a socket of its own, since guests are not signed in, and by
 * asking where sockets do not get through. Votes go out through it, and wait for the network where it is gone.
 */
export class RoomChannel {
  readonly #queries: QueryClient;
  readonly #code: string;
  readonly #key: readonly string[];
  readonly #listeners = new Set<() => void>();
  /** Changes that came while the state was asked for: its answer may be the older. */
  readonly #asking = new Set<RoomChange[]>();
  #signal: RoomSignal = { link: 'live', votes: new Map() };
  #isSending = false;
  #isHeard = false;
  #patience: ReturnType<typeof setTimeout> | undefined;
  #worse: RoomLink = 'asking';

  constructor(queries: QueryClient, code: string) {
    this.#queries = queries;
    this.#code = code;
    this.#key = queryKeys.room(code);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly signal = (): RoomSignal => this.#signal;

  #tell(change: Partial<RoomSignal>): void {
    this.#signal = { ...this.#signal, ...change };
    for (const listener of this.#listeners) listener();
  }

  #setLink(link: RoomLink): void {
    if (link !== 'away') void this.#sendVotes();
    if (link === 'live') {
      clearTimeout(this.#patience);
      this.#patience = undefined;
      if (this.#signal.link !== link) this.#tell({ link });
      return;
    }
    this.#worse = link;
    // A connection that comes back at once is not worth a word.
    if (this.#signal.link !== 'live') this.#tell({ link });
    else
      this.#patience ??= setTimeout(() => {
        this.#patience = undefined;
        this.#tell({ link: this.#worse });
      }, PATIENCE_MS);
  }

  /** Asks for the state, by HTTP. */
  async load(signal?: AbortSignal): Promise<RoomData> {
    const request = { params: { code: this.#code } };
    return this.#asked(() => api.call(getRoomState, request, signal ? { signal } : {}));
  }

  async #asked(ask: () => Promise<RoomState>): Promise<RoomData> {
    const meanwhile: RoomChange[] = [];
    this.#asking.add(meanwhile);
    try {
      const state = roomData(await ask());
      return meanwhile.reduce((room, change) => afterChange(room, change).room, state);
    } finally {
      this.#asking.delete(meanwhile);
    }
  }

  #put(room: RoomData): void {
    this.#queries.setQueryData<RoomData>(this.#key, room);
  }

  #take(change: RoomChange): void {
    if (change.code !== this.#code) return;
    for (const changes of this.#asking) changes.push(change);
    let isMissing = false;
    this.#queries.setQueryData<RoomData>(this.#key, (before) => {
      if (!before) return before;
      const after = afterChange(before, change);
      isMissing = after.isMissing;
      return after.room;
    });
    const { participants } = change;
    if (participants) {
      const told = new Map(participants.map((one) => [one.id, one]));
      this.#queries.setQueryData<People>(queryKeys.roomPeople(this.#code), (people) => {
        if (!people) return people;
        const rest = people.items.filter(({ id }) => !told.has(id));
        return { items: [...rest, ...participants.filter(({ left }) => !left)] };
      });
    }
    if (isMissing) void this.#ask();
  }

  /** What the server answered to something that was done here. */
  takePlayback(playback: RoomPlaybackView): void {
    this.#take({ code: this.#code, playback });
  }

  takeTrack(track: RoomTrackView): void {
    this.#take({ code: this.#code, tracks: [track] });
    this.#queries.setQueryData<RoomData>(this.#key, (before) => {
      const me = before?.room.me;
      // What is proposed carries the like of whoever proposes it.
      return before && me
        ? { ...before, room: { ...before.room, me: { ...me, votes: { ...me.votes, [track.id]: true } } } }
        : before;
    });
  }

  takeRemoval(track: RoomTrackView): void {
    this.#take({ code: this.#code, tracks: [{ ...track, state: 'removed' }] });
  }

  takeSkipVote(votes: number, skipVote: string | null): void {
    this.#queries.setQueryData<RoomData>(this.#key, (room) => {
      if (!room?.room.me || room.playback.roomTrackId !== skipVote) return room;
      return {
        ...room,
        room: { ...room.room, me: { ...room.room.me, skipVote } },
        playback: { ...room.playback, skipVotes: Math.max(votes, room.playback.skipVotes) },
      };
    });
  }

  takeState(state: RoomState): void {
    this.hasLeft = false;
    this.#put(roomData(state));
  }

  /** Whoever looks has left by themselves, rather than having been sent out. */
  hasLeft = false;

  leave(): void {
    this.hasLeft = true;
    this.#out();
  }

  #out(): void {
    this.#queries.setQueryData<RoomData>(this.#key, (room) => room && { ...room, isOut: true });
    void this.#queries.invalidateQueries({ queryKey: queryKeys.roomDoor(this.#code) });
  }

  #isUnderWay: Promise<void> | undefined;

  /** Asks for the state once, however many want it. */
  #ask(): Promise<void> {
    this.#isUnderWay ??= this.load()
      .then(
        (room) => {
          this.#put(room);
          if (!this.#isHeard) this.#setLink('asking');
        },
        (error: unknown) => {
          if (isRefusal(error)) this.#out();
          else if (!this.#isHeard) this.#setLink('away');
        },
      )
      .finally(() => {
        this.#isUnderWay = undefined;
      });
    return this.#isUnderWay;
  }

  /** What is shown may be old. */
  refresh(): void {
    void this.#ask();
  }

  /** Follows the room until the returned function is called. */
  follow(): () => void {
    const socket: Socket = io({
      withCredentials: true,
      transports: ['websocket', 'polling'],
      forceNew: true,
      reconnectionDelayMax: 5_000,
    });
    let wasLetIn = false;
    let isOver = false;
    const heard = (isHeard: boolean) => {
      this.#isHeard = isHeard;
      if (isHeard) this.#setLink('live');
      else if (this.#signal.link === 'live') this.#setLink('asking');
    };
    const refused = (problem: Problem) => {
      // One that has ended can still be looked at.
      if ([401, 403, 404].includes(problem.status)) this.#out();
      else void this.#ask();
    };
    const greet = async () => {
      // What was missed comes by itself where the server knew the connection again.
      if (socket.recovered && wasLetIn) return heard(true);
      try {
        const room = await this.#asked(async () => {
          const answer: RoomAnswer = await socket
            .timeout(GREET_MS)
            .emitWithAck(ROOM_EVENT, { code: this.#code });
          if (answer.ok) return answer.state;
          throw new ApiError(answer.problem, null);
        });
        if (isOver) return;
        wasLetIn = true;
        this.#put(room);
        heard(true);
      } catch (error) {
        if (isOver) return;
        heard(false);
        if (error instanceof ApiError) refused(error.problem);
        else if (socket.connected) socket.disconnect().connect();
      }
    };
    socket
      .on('connect', () => void greet())
      .on('room', (change: RoomChange) => this.#take(change))
      .on('disconnect', () => {
        heard(false);
        void this.#ask();
      })
      .on('connect_error', () => {
        heard(false);
        void this.#ask();
      });
    const asking = setInterval(() => {
      if (!this.#isHeard) void this.#ask();
    }, ASK_EVERY_MS);
    // A socket that the server closed, or did not let in, does not knock again by itself.
    const knocking = setInterval(() => {
      if (!socket.active) socket.connect();
    }, KNOCK_AGAIN_MS);
    const online = () => {
      if (!socket.connected) socket.disconnect().connect();
    };
    const offline = () => this.#tell({ link: 'away' });
    window.addEventListener('online', online);
    window.addEventListener('offline', offline);
    return () => {
      isOver = true;
      clearInterval(asking);
      clearInterval(knocking);
      clearTimeout(this.#patience);
      this.#patience = undefined;
      window.removeEventListener('online', online);
      window.removeEventListener('offline', offline);
      socket.off();
      if (socket.connected) socket.emit(LEAVE_ROOM_EVENT, { code: this.#code });
      socket.close();
      this.#isHeard = false;
    };
  }

  #setVote(id: string, vote: VoteUnderWay | null): void {
    const votes = new Map(this.#signal.votes);
    if (vote) votes.set(id, vote);
    else votes.delete(id);
    this.#tell({ votes });
  }

  /** Shows a vote at once and sends it: now, or when the network is back. Null takes it back. */
  vote(track: Pick<RoomTrackView, 'id'>, isLike: boolean | null): void {
    const room = this.#queries.getQueryData<RoomData>(this.#key);
    const known = [...(room?.queue ?? []), ...(room?.played ?? [])].find(({ id }) => id === track.id);
    if (!room || !known) return;
    const before = this.#signal.votes.get(track.id)?.before ?? {
      rev: known.rev,
      isLike: room.room.me?.votes[track.id] ?? null,
    };
    this.#setVote(track.id, { isLike, before, isStuck: false });
    void this.#sendVotes();
  }

  /** Sends what waits, one after the other; what the network does not carry stays. */
  async #sendVotes(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      for (let next = this.#nextVote(); next; next = this.#nextVote()) {
        const [id, vote, uri] = next;
        if (!(await this.#sendVote(id, vote, uri))) return;
      }
    } finally {
      this.#isSending = false;
    }
  }

  #nextVote(): [id: string, vote: VoteUnderWay, uri: string] | null {
    const room = this.#queries.getQueryData<RoomData>(this.#key);
    for (const [id, vote] of this.#signal.votes) {
      const track = [...(room?.queue ?? []), ...(room?.played ?? [])].find((one) => one.id === id);
      const isOpen = track && ['proposed', 'promoted', 'playing'].includes(track.state);
      if (isOpen) return [id, vote, track.uri];
      this.#setVote(id, null);
    }
    return null;
  }

  /** False when the network did not carry it. */
  async #sendVote(id: string, vote: VoteUnderWay, trackUri: string): Promise<boolean> {
    try {
      const answer = await api.call(voteInRoom, {
        params: { code: this.#code },
        body: { trackUri, isLike: vote.isLike },
      });
      this.#queries.setQueryData<RoomData>(this.#key, (room) => room && afterVote(room, id, vote, answer));
      const now = this.#signal.votes.get(id);
      if (now && now.isLike !== vote.isLike) {
        // Pressed again meanwhile: from what the server has now.
        const room = this.#queries.getQueryData<RoomData>(this.#key);
        const track = room?.queue.find((one) => one.id === id);
        this.#setVote(id, {
          ...now,
          before: { rev: track?.rev ?? vote.before.rev, isLike: vote.isLike },
        });
      } else this.#setVote(id, null);
      return true;
    } catch (error) {
      if (error instanceof ApiError) {
        this.#setVote(id, null);
        // It was played meanwhile, the room has ended, or this guest is out of it.
        if (error.problem.status < 429) void this.#ask();
        reportFailure(error);
        return true;
      }
      const now = this.#signal.votes.get(id);
      if (now) this.#setVote(id, { ...now, isStuck: true });
      return false;
    }
  }
}

/** The door of a room, for anybody with its code. */
export const doorQuery = (code: string) => ({
  queryKey: queryKeys.roomDoor(code),
  queryFn: ({ signal }: { signal: AbortSignal }) => api.call(getRoom, { params: { code } }, { signal }),
});
