import {
  changeRoom,
  closeRoom,
  getNextTrack,
  getRandomTrack,
  getRoom,
  getRoomResults,
  getRoomState,
  handOverRoom,
  joinRoom,
  leaveRoom,
  listParticipants,
  listRooms,
  openRoom,
  proposeTrack,
  ROOM_DEFAULTS,
  type RoomSettings,
  removeParticipant,
  removeProposal,
  searchInRoom,
  voteInRoom,
  voteSkip,
} from '@spindle/contracts';
import {
  allRoomTracks,
  banParticipant,
  castSkipVote,
  changeRoomSettings,
  countParticipants,
  createRoom,
  listParticipants as currentParticipants,
  leaveRoom as depart,
  handOver,
  joinAsListener,
  loadParticipants,
  loadTrackSummaries,
  lockRoom,
  type Participant,
  partyName,
  type Room,
  listRooms as roomsOf,
  roomTracks,
  roomTrackViews,
  removeProposal as takeBack,
} from '@spindle/db';
import { cryptoRandom, problems } from '@spindle/service-kit';
import { listenerId } from '../caller.ts';
import type { GatewayContext } from '../context.ts';
import { decodeId, encodeId } from '../id-cursor.ts';
import type { Mount } from '../mount.ts';
import { connectedListener } from '../playlist-operations.ts';
import { closeRoom as close } from '../rooms/close-room.ts';
import { notJoined, roomEnded } from '../rooms/door.ts';
import { setGuestCookie } from '../rooms/guest-credential.ts';
import type { HttpDoor } from '../rooms/http-door.ts';
import { hostsRoom, roomOf } from '../rooms/in-room.ts';
import { join } from '../rooms/join.ts';
import { nextTrack } from '../rooms/next-track.ts';
import { propose, searchTracks } from '../rooms/propose.ts';
import { randomPick } from '../rooms/random-pick.ts';
import { mergeSettings, prepareFallback } from '../rooms/settings.ts';
import {
  currentPlayback,
  currentRoom,
  hostName,
  isHost,
  noSuchRoom,
  participantView,
  stateFor,
} from '../rooms/views.ts';
import { mountRoomPlayer } from './room-player.ts';

const notVotable = () =>
  problems.notFound('This track does not wait in the room. Propose it first.', { code: 'no-such-track' });

const noSuchParticipant = () =>
  problems.notFound('There is nobody of this id in the room.', { code: 'no-such-participant' });
const hostStays = () =>
  problems.unprocessable('A host cannot leave: hand the room over, or end it.', { code: 'host-stays' });

/** Party rooms: their doors, what guests do in them, and what a host decides. */
export function mountRooms(mount: Mount, context: GatewayContext, door: HttpDoor): void {
  const { db, clock, config, rooms, presence, sockets } = context;

  async function stateOf(room: Room, participant: Participant) {
    return stateFor({ db }, await rooms.of(room).state(), room, participant);
  }

  mount.route(openRoom, async ({ body }, { caller, requestId }) => {
    const now = clock.now();
    const { userId } = await connectedListener(context, listenerId(caller), now);
    // Whoever names a threshold means it.
    const mode: Partial<RoomSettings> = body.likeThreshold === undefined ? {} : { mode: 'threshold' };
    const settings = mergeSettings({ ...ROOM_DEFAULTS, ...mode }, body);
    await prepareFallback(context, userId, settings, requestId);
    const room = await createRoom(db, userId, settings, now);
    const name = (await partyName(db.pool, userId)) ?? 'The host';
    const host = await joinAsListener(db, room.id, userId, name, now);
    if (!host.ok) throw new Error('a host could not enter their own room');
    return stateOf(room, host.participant);
  });

  mount.route(listRooms, async ({ query }, { caller }) => {
    const before = decodeId(query.cursor);
    const page = await roomsOf(db.pool, listenerId(caller), { limit: query.limit, before });
    return {
      items: page.items.map(({ id: _, createdAt, endedAt, ...item }) => ({
        ...item,
        createdAt: createdAt.toISOString(),
        endedAt: endedAt?.toISOString() ?? null,
      })),
      nextCursor: encodeId(page.next),
    };
  });

  mount.route(getRoom, async ({ params }, { request, response }) => {
    response.setHeader('cache-control', 'private, no-store');
    const { room, participant } = await door.knock(request, response, params.code);
    const isIn = participant !== null && participant.leftAt === null && participant.bannedAt === null;
    return {
      code: room.code,
      name: room.settings.name,
      host: { displayName: await hostName({ db }, room) },
      guests: await countParticipants(db.pool, room.id),
      anonymous: room.settings.anonymous,
      endedAt: room.endedAt?.toISOString() ?? null,
      joinedAs: isIn ? participant.displayName : null,
    };
  });

  mount.route(joinRoom, async ({ params, body }, { request, response }) => {
    // The answer holds a credential.
    response.setHeader('cache-control', 'private, no-store');
    const found = await door.knock(request, response, params.code, { changes: true });
    const { room, shown } = found;
    if (room.endedAt !== null) throw roomEnded();
    const { participant, token } = await join(
      context,
      room,
      { ...found, userId: shown.userId },
      body.nickname,
    );
    if (token !== null) setGuestCookie(response, config, room.code, token);
    rooms.of(room).people([participant.id]);
    return { ...(await stateOf(room, participant)), token };
  });

  /** Somebody is in the room no more: they hear so, then nothing else of it. */
  async function sendAway(room: Room, participantId: number): Promise<void> {
    const [gone] = await loadParticipants(db.pool, [participantId]);
    if (!gone) return;
    const view = participantView(room, gone, new Set());
    sockets.sendOut(room.code, participantId, {
      code: room.code,
      participants: [{ ...view, left: true }],
    });
    rooms.of(room).people([participantId]);
  }

  mount.route(leaveRoom, async (_input, call) => {
    const { room, participant } = roomOf(call);
    if (isHost(room, participant)) {
      throw hostStays();
    }
    await depart(db.pool, participant.id, clock.now());
    await sendAway(room, participant.id);
  });

  mount.route(getRoomState, async (_input, call) => {
    const { room, participant } = roomOf(call);
    return stateOf(room, participant);
  });

  mount.route(listParticipants, async (_input, call) => {
    const { room } = roomOf(call);
    const [people, present] = await Promise.all([
      currentParticipants(db.pool, room.id),
      presence.present(room.code),
    ]);
    return { items: people.map((one) => participantView(room, one, present)) };
  });

  mount.route(searchInRoom, async ({ query }, call) => {
    const inRoom = roomOf(call);
    if (inRoom.room.endedAt !== null) throw roomEnded();
    return { items: await searchTracks(context, inRoom, query.q, call.requestId) };
  });

  mount.route(proposeTrack, async ({ body }, call) => {
    const inRoom = roomOf(call);
    const { room } = inRoom;
    const { roomTrackId, isNew } = await propose(context, inRoom, body.trackUri, call.requestId);
    await rooms.of(room).changed({
      votes: [roomTrackId],
      tracks: isNew ? [roomTrackId] : [],
      wake: isNew && room.settings.mode === 'queue',
    });
    const [view] = await roomTrackViews(db.pool, room.id, await roomTracks(db.pool, [roomTrackId]));
    if (!view) throw new Error('a track that was proposed is gone');
    return view;
  });

  mount.route(removeProposal, async ({ params }, call) => {
    const { room, participant } = roomOf(call);
    const roomTrackId = Number(params.id);
    const [track] = await roomTracks(db.pool, [roomTrackId]);
    if (!track || track.roomId !== room.id) {
      throw problems.notFound('There is no such track in this room.', { code: 'no-such-track' });
    }
    const anybodys = isHost(room, participant);
    if (!anybodys && track.proposerId !== participant.id) {
      throw problems.forbidden('Only the host takes back what others proposed.', { code: 'not-host' });
    }
    const removal = { roomId: room.id, roomTrackId, participantId: anybodys ? null : participant.id };
    if (!(await takeBack(db.pool, removal, clock.now()))) {
      throw problems.conflict('It does not wait any more, or Spotify was told to play it next.', {
        code: 'not-waiting',
      });
    }
    await rooms.of(room).changed({ tracks: [roomTrackId], wake: track.state === 'promoted' });
  });

  mount.route(voteInRoom, async ({ body }, call) => {
    const { room, participant } = roomOf(call);
    const spotifyId = body.trackUri.slice(body.trackUri.lastIndexOf(':') + 1);
    const vote = { participantId: participant.id, spotifyId, isLike: body.isLike };
    const outcome = await rooms.of(room).vote(vote);
    if (!outcome.ok) throw outcome.reason === 'not-here' ? notJoined() : notVotable();
    const { track } = outcome;
    return {
      status: 'vote_registered' as const,
      likes: track.likes,
      dislikes: track.dislikes,
      likeThreshold: room.settings.likeThreshold,
      play: track.state === 'promoted' || track.state === 'playing',
    };
  });

  mount.route(voteSkip, async (_input, call) => {
    const { room, participant } = roomOf(call);
    const threshold = room.settings.skipThreshold;
    if (threshold === null) {
      throw problems.unprocessable('In this room only the host skips.', { code: 'refused' });
    }
    const outcome = await castSkipVote(db, room.id, participant.id, clock.now());
    if (!outcome.ok) {
      if (outcome.reason === 'not-here') throw notJoined();
      throw problems.conflict('No track of the room plays at the moment.', { code: 'nothing-plays' });
    }
    const { votes, roomTrackId } = outcome;
    const skipped = votes >= threshold;
    if (skipped) {
      const command = { kind: 'skip' as const, roomTrackId };
      // However many votes come after the last that was needed, it is skipped once.
      await context.producer.add(
        'party',
        'room-command',
        { roomId: room.id, command },
        { requestId: call.requestId, jobId: `skip-by-vote-${roomTrackId}` },
      );
    }
    await rooms.of(room).changed({ playback: true });
    return { votes, threshold, skipped };
  });

  mount.route(getNextTrack, async (_input, call) => {
    const { room } = roomOf(call);
    const { nextRoomTrackId } = await currentPlayback({ db }, room.id);
    const handedId = nextRoomTrackId === null ? null : Number(nextRoomTrackId);
    const next = room.endedAt === null ? await nextTrack(db, room, handedId) : null;
    const [view] = next ? await roomTrackViews(db.pool, room.id, [next]) : [];
    return { next: view ?? null };
  });

  mount.route(getRandomTrack, async (_input, call) => {
    const { room } = roomOf(call);
    const trackId = await randomPick(db, cryptoRandom, room, false);
    const track = trackId === null ? undefined : (await loadTrackSummaries(db.pool, [trackId])).get(trackId);
    return track?.spotifyId ? { uri: `spotify:track:${track.spotifyId}`, track } : { uri: null, track: null };
  });

  mount.route(getRoomResults, async (_input, call) => {
    const { room } = roomOf(call);
    return { items: await roomTrackViews(db.pool, room.id, await allRoomTracks(db.pool, room.id)) };
  });

  mount.route(changeRoom, async ({ body }, call) => {
    const { room, participant, hostId } = hostsRoom(call);
    await prepareFallback(context, hostId, mergeSettings(room.settings, body), call.requestId);
    await db.transaction(async (tx) => {
      // Two changes at once change both what each of them names.
      const locked = await lockRoom(tx, room.id);
      if (!locked) throw noSuchRoom();
      await changeRoomSettings(tx, room.id, mergeSettings(locked.settings, body));
    });
    await rooms.of(room).changed({ room: true, everything: true, wake: true });
    return stateOf(await currentRoom({ db }, room.id), participant);
  });

  mount.route(handOverRoom, async ({ body }, call) => {
    const { room, participant } = hostsRoom(call);
    const [heir] = await loadParticipants(db.pool, [Number(body.participantId)]);
    if (!heir || heir.roomId !== room.id || heir.leftAt !== null) {
      throw noSuchParticipant();
    }
    if (heir.userId === null) {
      throw problems.unprocessable('A host needs a player: only who signed in with Spotify can be one.', {
        code: 'not-a-listener',
      });
    }
    await connectedListener(context, heir.userId, clock.now());
    const before = await currentPlayback({ db }, room.id);
    if (!(await db.transaction((tx) => handOver(tx, room.id, heir.id)))) throw roomEnded();
    const board = rooms.of(room);
    board.people([participant.id, heir.id]);
    await board.changed({
      room: true,
      playback: true,
      // What played goes on where the host before may let it; here it has ended.
      tracks: before.roomTrackId === null ? [] : [Number(before.roomTrackId)],
      wake: true,
    });
    return stateOf(await currentRoom({ db }, room.id), participant);
  });

  mount.route(removeParticipant, async ({ params, query }, call) => {
    const { room, participant } = hostsRoom(call);
    const [whom] = await loadParticipants(db.pool, [Number(params.id)]);
    if (!whom || whom.roomId !== room.id) {
      throw noSuchParticipant();
    }
    if (whom.id === participant.id) {
      throw hostStays();
    }
    if (query.ban !== 'true') {
      await depart(db.pool, whom.id, clock.now());
      await sendAway(room, whom.id);
      return;
    }
    const touched = await banParticipant(db, whom.id, clock.now());
    await sendAway(room, whom.id);
    await rooms.of(room).changed({ votes: touched, tracks: touched, playback: true, wake: true });
  });

  mount.route(closeRoom, async (_input, call) => {
    const { room } = hostsRoom(call);
    if (!(await close(context, room))) throw roomEnded();
  });

  mountRoomPlayer(mount, context);
}
