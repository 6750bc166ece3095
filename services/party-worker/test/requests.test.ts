import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { endRoom, type Room } from '@spindle/db';
import { MINUTE_MS, SECOND_MS, Stage } from './support/stage.ts';
import { HOST } from './support/world.ts';

let stage: Stage;
let room: Room;

beforeEach(async () => {
  stage = await Stage.open();
  room = await stage.room();
});
afterEach(() => stage.close());

/** Something of the host's own plays on their first device. */
function awake(): void {
  const [own] = stage.tracks(1);
  stage.script({ at: stage.clock.nowMs(), action: 'play', uris: [own?.uri ?? ''] });
  stage.clock.advance(2 * SECOND_MS);
}

describe('What a host asks of the player', () => {
  it('is told which devices there are', async () => {
    awake();
    const { items } = await stage.ask('room-devices', { roomId: room.id });
    const real = stage.sandbox.control.people()[0]?.devices ?? [];
    expect(items.map((item) => item.id)).toEqual(real.map((device) => device.id));
    expect(items.filter((item) => item.active)).toHaveLength(1);
  });

  it('plays on the device that was chosen', async () => {
    awake();
    const { items } = await stage.ask('room-devices', { roomId: room.id });
    const device = items.find((item) => !item.active && !item.restricted);
    const view = await stage.command(room, { kind: 'device', deviceId: device?.id ?? '' });
    expect(view.device).toEqual({ id: device?.id, name: device?.name });
    expect(stage.sandbox.groundTruth.nowPlaying(HOST).deviceId).toBe(device?.id);
    await expect(stage.command(room, { kind: 'device', deviceId: 'none' })).rejects.toThrow(/not there/);
  });

  it('is as loud as it is told', async () => {
    await expect(stage.command(room, { kind: 'volume', percent: 30 })).rejects.toThrow(/Open Spotify/);
    awake();
    // Phones do not let it be set.
    await expect(stage.command(room, { kind: 'volume', percent: 30 })).rejects.toThrow(/volume/);
    const { items } = await stage.ask('room-devices', { roomId: room.id });
    const device = items.find((item) => item.type === 'Computer');
    await stage.command(room, { kind: 'device', deviceId: device?.id ?? '' });
    await stage.command(room, { kind: 'volume', percent: 30 });
    expect(stage.sandbox.control.commands(HOST).at(-1)).toMatchObject({ action: 'player.volume' });
  });

  it('is refused when the room is over', async () => {
    await endRoom(stage.db.pool, room.id, stage.clock.now());
    await expect(stage.command(room, { kind: 'play' })).rejects.toThrow(/over/);
    await expect(stage.ask('room-devices', { roomId: room.id })).rejects.toThrow(/over/);
  });

  it('is done once though it is tried again', async () => {
    awake();
    const guest = await stage.guest(room, 'Ann');
    const [one, two] = stage.tracks(2, 200_000);
    await stage.propose(room, guest, one?.id ?? '');
    const second = await stage.propose(room, guest, two?.id ?? '');
    const drop = { kind: 'drop', when: 'after' } as const;
    stage.sandbox.control.addFault({ fault: drop, path: '/v1/me/player/play', count: 1 });
    await expect(stage.command(room, { kind: 'play' })).rejects.toThrow();
    stage.clock.advance(1_000);
    await stage.command(room, { kind: 'play' });
    await stage.pass(20 * SECOND_MS);
    stage.sandbox.control.addFault({ fault: drop, path: '/v1/me/player/play', count: 1 });
    await expect(stage.command(room, { kind: 'play', roomTrackId: second })).rejects.toThrow();
    stage.clock.advance(1_000);
    await stage.command(room, { kind: 'play', roomTrackId: second });
    await stage.pass(20 * SECOND_MS);
    expect(stage.uris().slice(1)).toEqual([one?.uri, two?.uri]);
    expect((await stage.view(room)).roomTrackId).toBe(String(second));
  });

  it('plays for the room that was begun last', async () => {
    awake();
    const guest = await stage.guest(room, 'Ann');
    const [one, two] = stage.tracks(2, 200_000);
    await stage.propose(room, guest, one?.id ?? '');
    await stage.command(room, { kind: 'play' });
    const other = await stage.room();
    await stage.propose(other, await stage.guest(other, 'Bob'), two?.id ?? '');
    stage.clock.advance(5 * SECOND_MS);
    await stage.command(other, { kind: 'play' });
    await stage.pass(5 * MINUTE_MS);
    expect(stage.uris().slice(1)).toEqual([one?.uri, two?.uri]);
    expect(await stage.states(other)).toEqual({ [two?.uri ?? '']: 'played' });
  });

  it('plays what is wanted now, and what Spotify has already after it, once', async () => {
    awake();
    const guest = await stage.guest(room, 'Ann');
    const tracks = stage.tracks(3, 200_000);
    const ids: number[] = [];
    for (const track of tracks) ids.push(await stage.propose(room, guest, track.id));
    await stage.command(room, { kind: 'play' });
    const { durationMs } = await stage.view(room);
    await stage.pass((durationMs ?? 0) - 5 * SECOND_MS);
    expect((await stage.view(room)).nextRoomTrackId).toBe(String(ids[1]));
    await stage.command(room, { kind: 'play', roomTrackId: ids[2] ?? 0 });
    await stage.pass(12 * MINUTE_MS);
    const [first, second, third] = tracks.map((track) => track.uri);
    expect(stage.uris().slice(1)).toEqual([first, third, second]);
    await expect(stage.command(room, { kind: 'play', roomTrackId: ids[2] ?? 0 })).rejects.toThrow(
      /does not wait/,
    );
  });
});

describe('What guests look for', () => {
  it('is found once for all who use the same words for a while', async () => {
    const [track] = stage.tracks(1);
    const name = stage.sandbox.catalogue.track(track?.id ?? '')?.name ?? '';
    const first = await stage.ask('room-search', { roomId: room.id, q: name });
    const { rows } = await stage.db.pool.query<{ spotify_id: string }>(
      'SELECT spotify_id FROM tracks WHERE id = ANY($1::int[])',
      [first.trackIds],
    );
    expect(rows.map((row) => row.spotify_id)).toContain(track?.id);
    expect(await stage.ask('room-search', { roomId: room.id, q: ` ${name.toUpperCase()} ` })).toEqual(first);
    expect(stage.calls('GET /v1/search')).toBe(1);
  });

  it('comes into the catalogue by its id', async () => {
    const [track] = stage.tracks(1);
    const found = await stage.ask('room-track', { roomId: room.id, spotifyId: track?.id ?? '' });
    expect(found.trackId).not.toBeNull();
    stage.sandbox.control.takeOff(track?.id ?? '');
    expect(await stage.ask('room-track', { roomId: room.id, spotifyId: track?.id ?? '' })).toEqual({
      trackId: null,
    });
  });
});

describe('A room that was left', () => {
  it('is over after twelve hours', async () => {
    stage.clock.advance(11 * 60 * MINUTE_MS);
    expect((await stage.ask('rooms-due', {})).ended).toBe(0);
    stage.clock.advance(2 * 60 * MINUTE_MS);
    expect((await stage.ask('rooms-due', {})).ended).toBe(1);
    expect(stage.live.at(-1)).toMatchObject({ event: 'room', rooms: [`room:${room.code}`] });
  });
});
