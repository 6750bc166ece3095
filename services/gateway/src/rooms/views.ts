import {
  ROOM_PAGE,
  type RoomParticipantView,
  type RoomPlaybackView,
  type RoomState,
  type RoomView,
} from '@spindle/contracts';
import {
  countParticipants,
  type Database,
  loadRoom,
  type Participant,
  participantOfUser,
  playedTracks,
  queueOf,
  type Room,
  roomPlaybackView,
  roomTrackViews,
  votesOf,
} from '@spindle/db';
import { problems } from '@spindle/service-kit';
import type { Presence } from './presence.ts';

/** Tracks that were played, as a page shows them. */
const PLAYED_SHOWN = 20;

export interface ViewParts {
  readonly db: Database;
  readonly presence: Presence;
  readonly publicUrl: string;
}

/** What everybody in a room sees alike. */
export type SharedRoom = Omit<RoomView, 'me'>;
export type SharedState = Omit<RoomState, 'room'> & { readonly room: SharedRoom };

export async function hostName({ db }: Pick<ViewParts, 'db'>, room: Room): Promise<string> {
  return (await participantOfUser(db.pool, room.id, room.hostId))?.displayName ?? 'The host';
}

export async function sharedRoom(parts: ViewParts, room: Room): Promise<SharedRoom> {
  const { db, presence, publicUrl } = parts;
  const [displayName, joined, present] = await Promise.all([
    hostName(parts, room),
    countParticipants(db.pool, room.id),
    presence.present(room.code),
  ]);
  return {
    code: room.code,
    settings: room.settings,
    url: `${publicUrl}${ROOM_PAGE}${room.code}`,
    host: { displayName },
    createdAt: room.createdAt.toISOString(),
    endedAt: room.endedAt?.toISOString() ?? null,
    // Somebody who has just left may have it open for a moment still.
    guests: { joined, present: Math.min(joined, present.size) },
    rev: room.rev,
  };
}

/** @throws AppError 404 when the room is gone. */
export async function currentRoom({ db }: Pick<ViewParts, 'db'>, roomId: number): Promise<Room> {
  const room = await loadRoom(db.pool, roomId);
  if (!room) throw noSuchRoom();
  return room;
}

export const noSuchRoom = () => problems.notFound('There is no room of this code.', { code: 'no-such-room' });

export async function currentPlayback(
  { db }: Pick<ViewParts, 'db'>,
  roomId: number,
): Promise<RoomPlaybackView> {
  const playback = await roomPlaybackView(db.pool, roomId);
  if (!playback) throw noSuchRoom();
  return playback;
}

export async function sharedState(parts: ViewParts, roomId: number): Promise<SharedState> {
  const { pool } = parts.db;
  const room = await currentRoom(parts, roomId);
  const [view, playback, waiting, played] = await Promise.all([
    sharedRoom(parts, room),
    currentPlayback(parts, roomId),
    queueOf(pool, roomId),
    playedTracks(pool, roomId, PLAYED_SHOWN),
  ]);
  const tracks = await roomTrackViews(pool, roomId, [...waiting, ...played]);
  const waits = new Set(waiting.map((track) => String(track.id)));
  return {
    room: view,
    playback,
    queue: tracks.filter((track) => waits.has(track.id)),
    played: tracks.filter((track) => !waits.has(track.id)),
  };
}

/** The state of a room as one participant sees it. */
export async function stateFor(
  { db }: Pick<ViewParts, 'db'>,
  state: SharedState,
  room: Room,
  participant: Participant,
): Promise<RoomState> {
  const mine = await votesOf(db.pool, participant.id);
  return {
    ...state,
    room: {
      ...state.room,
      me: {
        participantId: String(participant.id),
        displayName: participant.displayName,
        isHost: isHost(room, participant),
        ...mine,
      },
    },
  };
}

export const isHost = (room: Room, participant: Participant): boolean => participant.userId === room.hostId;

/** A participant as everybody sees them. */
export function participantView(
  room: Room,
  participant: Participant,
  present: ReadonlySet<number>,
): RoomParticipantView {
  return {
    id: String(participant.id),
    displayName: participant.displayName,
    isHost: isHost(room, participant),
    isListener: participant.userId !== null,
    joinedAt: participant.joinedAt.toISOString(),
    present: participant.leftAt === null && present.has(participant.id),
  };
}
