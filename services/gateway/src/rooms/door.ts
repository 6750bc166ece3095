import { type AtDoor, atDoor, type Database, loadRoom, type Participant, type Room } from '@spindle/db';
import { type AppError, problems } from '@spindle/service-kit';
import type { Response } from 'express';
import { LRUCache } from 'lru-cache';
import type { RateLimits } from '../middleware/rate-limit.ts';
import { noSuchRoom } from './views.ts';

/** Rooms of which a gateway remembers what they are. */
const MOST_ROOMS = 1_000;

/** What somebody at the door of a room has shown. */
export interface Shown {
  /** A guest's token, in the header or the message. It stands alone: whoever shows it means it. */
  readonly token?: string | undefined;
  /** A listener who is signed in. */
  readonly userId?: number | undefined;
  /** A guest's token in the room's cookie. */
  readonly cookie?: string | undefined;
}

export interface Found {
  readonly room: Room | null;
  /** Who it is in the room, also when they have left it or were banned. */
  readonly participant: Participant | null;
  readonly by: 'token' | 'listener' | 'cookie' | null;
}

/** Somebody who is in a room. */
export interface InRoom {
  readonly room: Room;
  readonly participant: Participant;
}

const isOut = (participant: Participant): boolean =>
  participant.leftAt !== null || participant.bannedAt !== null;

export const banned = () =>
  problems.forbidden('The host has sent you out of this room for good.', { code: 'banned' });
export const roomEnded = () => problems.gone('This room has ended.', { code: 'room-ended' });
export const notJoined = () =>
  problems.forbidden('You have not joined this room. Join it first.', { code: 'not-joined' });

/** Who somebody is in a room, by what they have shown. */
function recognise(shown: Shown, { byToken, byUser }: AtDoor): Omit<Found, 'room'> {
  if (shown.token !== undefined) return { participant: byToken, by: 'token' };
  const isListener = byUser !== null && (byUser.bannedAt !== null || byUser.leftAt === null);
  if (byUser && (isListener || !byToken)) return { participant: byUser, by: 'listener' };
  return byToken ? { participant: byToken, by: 'cookie' } : { participant: null, by: null };
}

export interface Door {
  /**
   * Finds a room and who stands before it. Whoever is in it passes uncounted by their address; of all
   * others, codes that they try are counted, so that none is found by trying.
   *
   * @throws AppError 404 `no-such-room`, 429
   */
  knock(code: string, shown: Shown, address: string, response?: Response): Promise<Found & { room: Room }>;
  /**
   * The same, for those only who are in the room.
   *
   * @param lookBack what is asked only looks at the room: of one that has ended, also those may who left it
   * @throws AppError 403 `not-joined`, `banned`; 404 `no-such-room`; 410 `room-ended`; 429
   */
  enter(
    code: string,
    shown: Shown,
    address: string,
    lookBack: boolean,
    response?: Response,
  ): Promise<InRoom & Pick<Found, 'by'>>;
}

export function createDoor({ db, limits }: { db: Database; limits: RateLimits }): Door {
  /** Rooms as they were last read; one whose `rev` is another is read again. */
  const rooms = new LRUCache<number, Room>({ max: MOST_ROOMS });

  async function roomAt({ roomId, rev, hostId, endedAt }: AtDoor): Promise<Room | null> {
    const known = rooms.get(roomId);
    const room = known?.rev === rev ? known : await loadRoom(db.pool, roomId);
    if (room && room !== known) rooms.set(roomId, room);
    return room && { ...room, hostId, endedAt };
  }

  async function find(code: string, shown: Shown): Promise<Found> {
    const { userId, token = shown.cookie } = shown;
    const found = await atDoor(db.pool, code, { userId, token });
    const room = found && (await roomAt(found));
    return found && room ? { room, ...recognise(shown, found) } : { room: null, participant: null, by: null };
  }

  const knock: Door['knock'] = async (code, shown, address, response) => {
    const found = await find(code, shown);
    const { room, participant } = found;
    if (room && participant && !isOut(participant)) return { ...found, room };
    await limits.count('address', address, response);
    await limits.count('room-code', address, response);
    // Before it is said whether the code is right: else the right one would be told from the others.
    await limits.check('wrong-code', address);
    if (room) return { ...found, room };
    await limits.count('wrong-code', address, response);
    throw noSuchRoom();
  };

  return {
    knock,
    async enter(code, shown, address, lookBack, response) {
      const { room, participant, by } = await knock(code, shown, address, response);
      const refusal = refusalOf(room, participant, lookBack);
      if (refusal || !participant) throw refusal ?? notJoined();
      return { room, participant, by };
    },
  };
}

/** Why somebody may not do something in a room; null: they may. */
function refusalOf(room: Room, participant: Participant | null, lookBack: boolean): AppError | null {
  if (!participant) return notJoined();
  if (participant.bannedAt !== null) return banned();
  if (room.endedAt !== null) return lookBack ? null : roomEnded();
  return participant.leftAt === null ? null : notJoined();
}
