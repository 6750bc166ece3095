import {
  listRoomDevices,
  pauseRoom,
  playInRoom,
  resumeRoom,
  saveRoomPlaylist,
  setRoomDevice,
  setRoomVolume,
  skipInRoom,
} from '@spindle/contracts';
import { allRoomTracks, type NewPlaylist, roomPlaybackView, roomTracks, trackUris } from '@spindle/db';
import type { AddJobOptions, RoomCommand } from '@spindle/queues';
import { problems } from '@spindle/service-kit';
import type { GatewayContext } from '../context.ts';
import type { Call, Mount } from '../mount.ts';
import { beginOperation, connectedListener } from '../playlist-operations.ts';
import { hostsRoom, roomOf } from '../rooms/in-room.ts';

/** States in which a track can be played now. */
const PLAYABLE = new Set(['proposed', 'promoted', 'playing']);

/** What a host does with their player: each a job of the party worker. */
export function mountRoomPlayer(mount: Mount, context: GatewayContext): void {
  const { db, clock, producer } = context;

  function command(call: Call, what: RoomCommand, options: AddJobOptions): Promise<{ id: string }> {
    const { room } = hostsRoom(call);
    return producer.add('party', 'room-command', { roomId: room.id, command: what }, options);
  }

  mount.job(playInRoom, async ({ body }, call, options) => {
    const { room } = hostsRoom(call);
    if (body.roomTrackId === undefined) return command(call, { kind: 'play' }, options);
    const roomTrackId = Number(body.roomTrackId);
    const [track] = await roomTracks(db.pool, [roomTrackId]);
    if (!track || track.roomId !== room.id || !PLAYABLE.has(track.state)) {
      throw problems.notFound('No such track waits in this room.', { code: 'no-such-track' });
    }
    return command(call, { kind: 'play', roomTrackId }, options);
  });

  mount.job(pauseRoom, (_input, call, options) => command(call, { kind: 'pause' }, options));

  mount.job(resumeRoom, (_input, call, options) => command(call, { kind: 'resume' }, options));

  mount.job(skipInRoom, async (_input, call, options) => {
    const { room } = hostsRoom(call);
    const playing = (await roomPlaybackView(db.pool, room.id))?.roomTrackId ?? null;
    const roomTrackId = playing === null ? null : Number(playing);
    return command(call, { kind: 'skip', roomTrackId }, options);
  });

  mount.job(setRoomVolume, ({ body }, call, options) =>
    command(call, { kind: 'volume', percent: body.percent }, options),
  );

  mount.job(setRoomDevice, ({ body }, call, options) =>
    command(call, { kind: 'device', deviceId: body.deviceId }, options),
  );

  mount.job(listRoomDevices, (_input, call, options) => {
    const { room } = hostsRoom(call);
    return producer.add('party', 'room-devices', { roomId: room.id }, options);
  });

  mount.job(saveRoomPlaylist, async (_input, call, options) => {
    const now = clock.now();
    const { room, participant } = roomOf(call);
    if (participant.userId === null) {
      throw problems.forbidden('Sign in with Spotify to have the playlist in your library.', {
        code: 'listeners-only',
      });
    }
    const { userId, timeZone } = await connectedListener(context, participant.userId, now);
    const played = (await allRoomTracks(db.pool, room.id))
      .filter((track) => track.playedAt !== null)
      .sort((a, b) => (a.playedAt?.getTime() ?? 0) - (b.playedAt?.getTime() ?? 0) || a.id - b.id);
    const { uris, withoutId } = await trackUris(db.pool, userId, [
      ...new Set(played.map((track) => track.trackId)),
    ]);
    if (uris.length === 0) {
      throw problems.unprocessable('The room has played nothing yet.', { code: 'empty-list' });
    }
    const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone }).format(room.createdAt);
    const playlist: NewPlaylist = {
      userId,
      sourceId: `room:${room.code}`,
      sourceName: room.settings.name,
      mode: 'room',
      seed: '',
      name: `${room.settings.name}, ${day}`,
      // The same room is one playlist, however often it is saved while it goes on.
      target: 'refresh',
      request: null,
      uris,
      leftOut: withoutId > 0 ? { 'no-spotify-id': withoutId } : {},
    };
    return beginOperation(context, 'top-playlist', playlist, options, now);
  });
}
