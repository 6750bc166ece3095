import {
  comeBackAs,
  type JoinOutcome,
  joinAsGuest,
  joinAsListener,
  type Participant,
  partyName,
  type Room,
} from '@spindle/db';
import { type AppError, problems } from '@spindle/service-kit';
import type { GatewayContext } from '../context.ts';
import { banned, type Found } from './door.ts';
import { cleanNickname, nicknameRefusal } from './nickname.ts';
import { hostName } from './views.ts';

/** What a listener goes by of whom only ids are known. */
const NAMELESS = 'A listener';

const nameTaken = () =>
  problems.conflict('Somebody in the room has this name already. Choose another.', { code: 'name-taken' });

function notAName(message: string): AppError {
  return problems.validation('Choose another name.', {
    code: 'nickname',
    errors: [{ path: 'body.nickname', message }],
  });
}

interface Joined {
  readonly participant: Participant;
  /** Of somebody who came as a guest just now. */
  readonly token: string | null;
}

function joined(outcome: JoinOutcome): Joined {
  if (outcome.ok) return outcome;
  switch (outcome.reason) {
    case 'banned':
      throw banned();
    case 'name-taken':
      throw nameTaken();
    case 'full':
      throw problems.unprocessable('The room is full.', { code: 'room-full' });
  }
}

/**
 * Lets somebody into a room: as the listener who is signed in, as the guest they were before, or as a new
 * guest by a nickname.
 *
 * @throws AppError 400 `nickname`, 403 `banned`, `listeners-only`, 409 `name-taken`, 422 `room-full`
 */
export async function join(
  { db, clock }: GatewayContext,
  room: Room,
  who: Pick<Found, 'participant' | 'by'> & { readonly userId: number | undefined },
  nickname: string | undefined,
): Promise<Joined> {
  const { participant, by, userId } = who;
  if (participant?.bannedAt) throw banned();
  const wanted = nickname === undefined ? undefined : cleanNickname(nickname);
  if (wanted !== undefined && userId !== room.hostId) {
    const refusal = nicknameRefusal(wanted, await hostName({ db }, room));
    if (refusal !== null) throw notAName(refusal);
  }
  if (userId !== undefined) {
    const name = wanted ?? (by === 'listener' ? participant?.displayName : undefined);
    const displayName = name ?? (await partyName(db.pool, userId)) ?? NAMELESS;
    return joined(await joinAsListener(db, room.id, userId, displayName, clock.now()));
  }
  if (!room.settings.anonymous) {
    throw problems.forbidden('The host lets in only who signs in with Spotify.', { code: 'listeners-only' });
  }
  if (participant) {
    if (participant.leftAt === null) return { participant, token: null };
    const displayName = wanted ?? participant.displayName;
    if (!(await comeBackAs(db.pool, participant.id, displayName))) throw nameTaken();
    return { participant: { ...participant, displayName, leftAt: null }, token: null };
  }
  if (wanted === undefined) throw notAName('is needed to join');
  return joined(await joinAsGuest(db, room.id, wanted, clock.now()));
}
