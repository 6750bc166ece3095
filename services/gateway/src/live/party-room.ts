import {
  LEAVE_ROOM_EVENT,
  ROOM_EVENT,
  type RoomAnswer,
  type RoomChange,
  roomCodeSchema,
} from '@spindle/contracts';
import type { Database } from '@spindle/db';
import { roomAudience } from '@spindle/queues';
import type { Clock, Logger } from '@spindle/service-kit';
import { AppError, problems } from '@spindle/service-kit';
import type { Socket } from 'socket.io';
import { problemDocument, toProblemError } from '../problem-answer.ts';
import type { Door, Shown } from '../rooms/door.ts';
import { cookieGuestTokens } from '../rooms/guest-credential.ts';
import type { Rooms } from '../rooms/rooms.ts';
import { stateFor } from '../rooms/views.ts';
import type { LiveSocket } from './feed-room.ts';

/** Rooms that one page may have open. */
const MOST_ROOMS = 5;
/** Messages about rooms of one page that may wait for the first of them; no page sends so many. */
const MOST_WAITING = 20;

/** All sockets of a participant: they are there while somebody has the room open, and gone with the last. */
export const participantSockets = (code: string, participantId: number): string =>
  `guest:${code}:${participantId}`;

/** Who a room of sockets stands for; null: it is another kind of room. */
export function participantOf(room: string): { code: string; participantId: number } | null {
  const [, code, id] = /^guest:([A-Z0-9]+):(\d+)$/.exec(room) ?? [];
  return code && id ? { code, participantId: Number(id) } : null;
}

export interface PartyParts {
  readonly db: Database;
  readonly rooms: Rooms;
  readonly door: Door;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Lets a page into rooms and out of them, as it asks with `room` and `leave-room` messages. */
export function showRooms(
  socket: LiveSocket,
  parts: PartyParts,
  page: {
    /** Where the page is, as limits count it. */
    readonly address: string;
    /** A guest's token that a program gave in the handshake. */
    readonly token: string | undefined;
    /** A visitor turned out to be a guest. */
    readonly becameGuest: () => Promise<void>;
  },
): void {
  const { db, rooms, door, clock, logger } = parts;
  const cookies = cookieGuestTokens(socket.request.headers.cookie);
  const open = (): Record<string, number> => socket.data.rooms ?? {};

  function shownFor(code: string, message: unknown): Shown {
    const given =
      typeof message === 'object' && message !== null && 'token' in message ? message.token : page.token;
    if (typeof given === 'string' && given !== '') return { token: given.slice(0, 200) };
    return { userId: socket.data.userId, cookie: cookies.get(code) };
  }

  function codeIn(message: unknown): string {
    const given = typeof message === 'object' && message !== null && 'code' in message ? message.code : null;
    const code = roomCodeSchema.safeParse(given);
    if (code.success) return code.data;
    throw problems.validation('The message names no room.', {
      errors: [{ path: 'code', message: 'must be the code of a room' }],
    });
  }

  async function leave(code: string): Promise<void> {
    const participantId = open()[code];
    await socket.leave(roomAudience(code));
    if (participantId !== undefined) await socket.leave(participantSockets(code, participantId));
    const { [code]: _, ...rest } = open();
    socket.data.rooms = rest;
  }

  async function enter(message: unknown): Promise<RoomAnswer> {
    const code = codeIn(message);
    const shown = shownFor(code, message);
    const { participant } = await door.enter(code, shown, page.address, true);
    const before = open()[code];
    if (before !== undefined && before !== participant.id) await leave(code);
    if (before === undefined && Object.keys(open()).length >= MOST_ROOMS) {
      throw problems.unprocessable('This page has too many rooms open.', { code: 'too-many-rooms' });
    }
    if (socket.data.userId === undefined) await page.becameGuest();
    socket.data.rooms = { ...open(), [code]: participant.id };
    await socket.join([roomAudience(code), participantSockets(code, participant.id)]);
    try {
      // Asked again: whoever was sent out in between was not found here.
      const { room } = await door.enter(code, shown, page.address, true);
      const state = await rooms.of(room).state();
      return { ok: true, state: await stateFor({ db }, state, room, participant) };
    } catch (error) {
      await leave(code);
      throw error;
    }
  }

  /**
   * A connection that was recovered brings its rooms along: who was sent out meanwhile is none of them. Who stays
   * is told how everything stands: what happened while they were being looked at was sent to nobody.
   */
  async function stay(code: string, participantId: number): Promise<void> {
    const shown = shownFor(code, undefined);
    try {
      const { participant, room } = await door.enter(code, shown, page.address, true);
      if (participant.id !== participantId) {
        await leave(code);
        return;
      }
      const { room: view, playback, queue, played } = await rooms.of(room).state();
      const change: RoomChange = { code, room: view, playback, tracks: [...queue, ...played] };
      (socket as Socket).emit('room', change);
    } catch (error) {
      if (!(error instanceof AppError)) logger.warn({ err: error }, 'a page could not be let stay in a room');
      await leave(code);
    }
  }

  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  /** Messages of one page are carried out one after the other. */
  function answer(
    work: (message: unknown) => Promise<RoomAnswer | { ok: true }>,
  ): (...args: unknown[]) => void {
    return (...args) => {
      if (++waiting > MOST_WAITING) {
        socket.disconnect(true);
        return;
      }
      const acknowledge = args.at(-1);
      last = last.then(async () => {
        const said = await work(args[0]).catch((error: unknown): RoomAnswer => {
          const problem = toProblemError(error, clock.nowMs());
          if (problem.status >= 500) logger.warn({ err: error }, 'a page could not be let into a room');
          return { ok: false, problem: problemDocument(problem, socket.id) };
        });
        waiting--;
        if (typeof acknowledge === 'function') acknowledge(said);
      });
    };
  }

  socket.on(ROOM_EVENT, answer(enter));
  socket.on(
    LEAVE_ROOM_EVENT,
    answer(async (message) => {
      await leave(codeIn(message));
      return { ok: true };
    }),
  );
  if (socket.recovered) {
    last = Promise.all(Object.entries(open()).map(([code, id]) => stay(code, id)));
  }
}
