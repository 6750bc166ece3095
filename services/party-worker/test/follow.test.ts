import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Participant, Room } from '@spindle/db';
import { MINUTE_MS, SECOND_MS, Stage } from './support/stage.ts';
import { HOST } from './support/world.ts';

let stage: Stage;
let room: Room;
let ann: Participant;
let bob: Participant;

beforeEach(async () => {
  stage = await Stage.open();
  room = await stage.room();
  ann = await stage.guest(room, 'Ann');
  bob = await stage.guest(room, 'Bob');
});
afterEach(() => stage.close());

/** So many tracks of different guests in turn wait in the room. */
async function proposed(count: number): Promise<string[]> {
  const tracks = stage.tracks(count, 240_000);
  for (const [index, { id }] of tracks.entries()) {
    await stage.propose(room, index % 2 === 0 ? ann : bob, id);
    stage.clock.advance(10);
  }
  return tracks.map((track) => track.uri);
}

const playsOf = (uri: string): number => stage.uris().filter((one) => one === uri).length;

describe('A room that is on', () => {
  beforeEach(() => {
    // The host's player is awake, with something paused in it.
    const [own] = stage.tracks(1);
    const now = stage.clock.nowMs();
    stage.script({ at: now, action: 'play', uris: [own?.uri ?? ''] }, { at: now + 500, action: 'pause' });
    stage.clock.advance(2_000);
  });

  it('plays what was proposed, one after the other, each once, without a pause', async () => {
    const uris = await proposed(4);
    await stage.command(room, { kind: 'play' });
    await stage.pass(16 * MINUTE_MS);
    expect(stage.uris().slice(1)).toEqual(uris);
    expect(
      stage
        .silences()
        .slice(1)
        .every(({ ms }) => ms < 1_000),
    ).toBe(true);
    expect(Object.values(await stage.states(room))).toEqual(['played', 'played', 'played', 'played']);
    expect((await stage.view(room)).state).toBe('idle');
    // One reading serves all; besides, each track but the first was handed over once.
    expect(stage.calls('POST /v1/me/player/queue')).toBe(3);
    expect(stage.calls('PUT /v1/me/player/play')).toBe(1);
    expect(stage.calls('GET /v1/me/player/queue')).toBe(0);
    expect(stage.failures).toEqual([]);
  });

  it('goes on at once when something comes after a silence', async () => {
    const [first] = await proposed(1);
    await stage.command(room, { kind: 'play' });
    await stage.pass(6 * MINUTE_MS);
    expect((await stage.view(room)).state).toBe('idle');
    const [second] = await proposed(1);
    await stage.pass(5 * SECOND_MS);
    expect(stage.uris().slice(1)).toEqual([first, second]);
    expect((await stage.view(room)).state).toBe('playing');
  });

  it('lets votes decide until some seconds before the end', async () => {
    const uris = await proposed(3);
    await stage.command(room, { kind: 'play' });
    await stage.pass(60 * SECOND_MS);
    const last = uris[2]?.slice('spotify:track:'.length) ?? '';
    await stage.vote(room, ann, last, true);
    await stage.vote(room, bob, last, true);
    await stage.pass(15 * MINUTE_MS);
    expect(stage.uris().slice(1)).toEqual([uris[0], uris[2], uris[1]]);
  });

  it('takes a skip by hand for what it is', async () => {
    const uris = await proposed(3);
    await stage.command(room, { kind: 'play' });
    await stage.pass(70 * SECOND_MS);
    stage.script({ at: stage.clock.nowMs(), action: 'skip' });
    await stage.pass(45 * SECOND_MS);
    expect(stage.uris().slice(1)).toEqual(uris.slice(0, 2));
    expect(await stage.states(room)).toMatchObject({
      [uris[0] ?? '']: 'skipped',
      [uris[1] ?? '']: 'playing',
    });
  });

  it('plays its next at once where autoplay begins something else', async () => {
    const uris = await proposed(2);
    await stage.command(room, { kind: 'play' });
    await stage.pass(60 * SECOND_MS);
    // What was begun by hand goes on by itself afterwards; the hand-over does not get through.
    stage.sandbox.control.addFault({
      fault: { kind: 'server-error' },
      path: '/v1/me/player/queue',
      untilMs: stage.clock.nowMs() + 10 * MINUTE_MS,
    });
    const { progressMs } = stage.sandbox.groundTruth.nowPlaying(HOST);
    stage.script({
      at: stage.clock.nowMs(),
      action: 'play',
      uris: [uris[0] ?? ''],
      positionMs: progressMs,
      autoplay: true,
    });
    await stage.pass(5 * MINUTE_MS);
    const heard = stage.heard().slice(2);
    expect(heard.map((one) => one.uri)).toEqual([uris[0], expect.anything(), uris[1]]);
    const other = heard[1];
    expect((other?.endedAt ?? 0) - (other?.startedAt ?? 0)).toBeLessThan(8_000);
    expect(await stage.states(room)).toMatchObject({ [uris[0] ?? '']: 'played' });
  });

  it('does not fight with what the host begins of a list of theirs, and goes on afterwards', async () => {
    const uris = await proposed(2);
    const [own] = stage.tracks(1, 200_000);
    const contextUri = `spotify:playlist:${stage.sandbox.control.givePlaylist(HOST, { name: 'Mine', uris: [own?.uri ?? ''] })}`;
    await stage.command(room, { kind: 'play' });
    await stage.pass(60 * SECOND_MS);
    stage.script({ at: stage.clock.nowMs(), action: 'play', contextUri });
    await stage.pass(45 * SECOND_MS);
    const view = await stage.view(room);
    expect(view.state).toBe('host-plays');
    expect(view.track?.spotifyId).toBe(own?.id);
    expect(view.roomTrackId).toBeNull();
    await stage.pass(4 * MINUTE_MS);
    expect(stage.uris().slice(1)).toEqual([uris[0], own?.uri, uris[1]]);
    expect(
      stage
        .silences()
        .slice(1)
        .every(({ ms }) => ms < 1_000),
    ).toBe(true);
  });

  it('goes on with its own where the host skips and autoplay begins something', async () => {
    const uris = await proposed(2);
    const [other] = stage.tracks(1, 200_000);
    await stage.command(room, { kind: 'play' });
    await stage.pass(60 * SECOND_MS);
    stage.script({ at: stage.clock.nowMs(), action: 'play', uris: [other?.uri ?? ''] });
    await stage.pass(60 * SECOND_MS);
    expect(stage.uris().slice(1)).toEqual([uris[0], other?.uri, uris[1]]);
    expect(await stage.states(room)).toMatchObject({
      [uris[0] ?? '']: 'skipped',
      [uris[1] ?? '']: 'playing',
    });
  });

  it('waits while the host pauses, and goes on when they do', async () => {
    const uris = await proposed(2);
    await stage.command(room, { kind: 'play' });
    await stage.pass(60 * SECOND_MS);
    const now = stage.clock.nowMs();
    stage.script({ at: now, action: 'pause' }, { at: now + 5 * MINUTE_MS, action: 'resume' });
    await stage.pass(2 * MINUTE_MS);
    const view = await stage.view(room);
    expect(view).toMatchObject({ state: 'paused', startedAt: null });
    expect(view.progressMs).toBeGreaterThan(55_000);
    expect(view.progressMs).toBeLessThan(62_000);
    await stage.pass(12 * MINUTE_MS);
    expect(stage.uris().slice(1)).toEqual(uris);
    expect(Object.values(await stage.states(room))).toEqual(['played', 'played']);
  });

  it('pauses and goes on by the room', async () => {
    const uris = await proposed(2);
    await stage.command(room, { kind: 'play' });
    await stage.pass(60 * SECOND_MS);
    const paused = await stage.command(room, { kind: 'pause' });
    expect(paused.state).toBe('paused');
    await stage.pass(20 * MINUTE_MS);
    expect((await stage.view(room)).state).toBe('paused');
    // The device fell asleep meanwhile.
    const resumed = await stage.command(room, { kind: 'resume' });
    expect(resumed.state).toBe('playing');
    await stage.pass(10 * MINUTE_MS);
    expect([...new Set(stage.uris().slice(1))]).toEqual(uris);
    expect(Object.values(await stage.states(room))).toEqual(['played', 'played']);
  });

  it('skips by the room only what was meant', async () => {
    const uris = await proposed(3);
    const begun = await stage.command(room, { kind: 'play' });
    await stage.pass(30 * SECOND_MS);
    const meant = Number(begun.roomTrackId);
    expect((await stage.command(room, { kind: 'skip', roomTrackId: meant })).state).toBe('playing');
    await stage.command(room, { kind: 'skip', roomTrackId: meant });
    await stage.pass(30 * SECOND_MS);
    expect(stage.uris().slice(1)).toEqual(uris.slice(0, 2));
  });

  it('skips onto what Spotify has already without playing it twice', async () => {
    const uris = await proposed(3);
    await stage.command(room, { kind: 'play' });
    const { durationMs } = await stage.view(room);
    await stage.pass((durationMs ?? 0) - 5 * SECOND_MS);
    expect((await stage.view(room)).nextRoomTrackId).not.toBeNull();
    await stage.command(room, { kind: 'skip', roomTrackId: null });
    await stage.pass(15 * MINUTE_MS);
    expect(stage.uris().slice(1)).toEqual(uris);
  });

  for (const when of ['before', 'after'] as const) {
    it(`hands over once where the connection breaks ${when} it was done`, async () => {
      const uris = await proposed(3);
      stage.sandbox.control.addFault({
        fault: { kind: 'drop', when },
        path: '/v1/me/player/queue',
        method: 'POST',
        count: 2,
      });
      await stage.command(room, { kind: 'play' });
      await stage.pass(15 * MINUTE_MS);
      expect(stage.uris().slice(1)).toEqual(uris);
      expect(
        stage
          .silences()
          .slice(1)
          .every(({ ms }) => ms < 1_000),
      ).toBe(true);
    });

    it(`plays once where the connection breaks ${when} it was told to play`, async () => {
      const uris = await proposed(2);
      stage.sandbox.control.addFault({ fault: { kind: 'drop', when }, path: '/v1/me/player/play', count: 1 });
      await expect(stage.command(room, { kind: 'play' })).rejects.toThrow();
      await stage.pass(10 * MINUTE_MS);
      expect(stage.uris().slice(1)).toEqual(uris);
    });
  }

  it('hands over once by a worker that is killed meanwhile', async () => {
    const uris = await proposed(3);
    await stage.command(room, { kind: 'play' });
    stage.killDuring('POST', '/v1/me/player/queue');
    await stage.pass(15 * MINUTE_MS);
    expect(stage.uris().slice(1)).toEqual(uris);
    expect(stage.calls('POST /v1/me/player/queue')).toBe(2);
    expect(stage.failures).toEqual([]);
  });

  it('plays once by a worker that is killed meanwhile', async () => {
    await stage.command(room, { kind: 'play' });
    stage.killDuring('PUT', '/v1/me/player/play');
    const uris = await proposed(2);
    await stage.pass(10 * MINUTE_MS);
    expect(stage.uris().slice(1)).toEqual(uris);
    expect(Object.values(await stage.states(room))).toEqual(['played', 'played']);
  });

  it('is not told twice what Spotify answers with anything but JSON', async () => {
    const uris = await proposed(3);
    stage.sandbox.control.addFault({
      fault: { kind: 'not-json' },
      path: '/v1/me/player/queue',
      method: 'POST',
    });
    await stage.command(room, { kind: 'play' });
    await stage.pass(15 * MINUTE_MS);
    expect(stage.uris().slice(1)).toEqual(uris);
  });

  it('does not believe a single refusal of Premium', async () => {
    const [first] = await proposed(1);
    stage.sandbox.control.addFault({
      fault: { kind: 'premium-required' },
      path: '/v1/me/player/play',
      count: 1,
    });
    expect((await stage.command(room, { kind: 'play' })).state).toBe('playing');
    expect(playsOf(first ?? '')).toBe(1);
  });

  it('leaves out what Spotify does not know', async () => {
    const uris = await proposed(3);
    stage.sandbox.control.takeOff(uris[1]?.slice('spotify:track:'.length) ?? '');
    await stage.command(room, { kind: 'play' });
    await stage.pass(12 * MINUTE_MS);
    expect(
      stage
        .uris()
        .slice(1)
        .filter((uri) => uri !== uris[1]),
    ).toEqual([uris[0], uris[2]]);
  });

  it('takes what follows from a playlist of the host when nobody wants anything', async () => {
    const own = stage.tracks(6, 240_000);
    const source = stage.sandbox.control.givePlaylist(HOST, {
      name: 'Mine',
      uris: own.map((one) => one.uri),
    });
    room = await stage.room({ fallback: { kind: 'playlist', source } });
    ann = await stage.guest(room, 'Ann');
    await stage.command(room, { kind: 'play' });
    await stage.pass(2 * MINUTE_MS);
    const [wanted] = stage.tracks(1, 240_000);
    await stage.propose(room, ann, wanted?.id ?? '');
    await stage.pass(7 * MINUTE_MS);
    const heard = stage.uris().slice(1);
    expect(heard.length).toBeGreaterThanOrEqual(3);
    expect(heard[1]).toBe(wanted?.uri);
    const mine = new Set(own.map((one) => one.uri));
    expect(heard.filter((uri) => uri !== wanted?.uri).every((uri) => mine.has(uri))).toBe(true);
    expect(
      stage
        .silences()
        .slice(1)
        .every(({ ms }) => ms < 1_000),
    ).toBe(true);
  });

  it('tells the room what plays', async () => {
    await proposed(2);
    stage.live.length = 0;
    await stage.command(room, { kind: 'play' });
    const [told] = stage.live.filter(({ event }) => event === 'room');
    expect(told?.rooms).toEqual([`room:${room.code}`]);
    expect(told?.data).toMatchObject({
      code: room.code,
      playback: { state: 'playing' },
      counts: [{ state: 'playing' }],
    });
  });
});

describe('A room whose host has no active device', () => {
  it('says what to do, and begins when a device shows life', async () => {
    const uris = await proposed(1);
    // Several devices, and nothing tells which of them.
    expect(stage.sandbox.control.people()[0]?.devices.length).toBeGreaterThan(1);
    await expect(stage.command(room, { kind: 'play' })).rejects.toThrow(/device/i);
    const view = await stage.view(room);
    expect(view.state).toBe('no-device');
    expect(view.message).toMatch(/device/i);
    await stage.pass(3 * MINUTE_MS);
    expect(stage.uris()).toEqual([]);
    const [own] = stage.tracks(1);
    stage.script({ at: stage.clock.nowMs(), action: 'play', uris: [own?.uri ?? ''] });
    await stage.pass(80 * SECOND_MS);
    expect(stage.uris()).toEqual([own?.uri, uris[0]]);
    expect(await stage.view(room)).toMatchObject({ state: 'playing', message: null });
  });

  it('goes on where a device that fell asleep was', async () => {
    const [own] = stage.tracks(1, 200_000);
    stage.script({ at: stage.clock.nowMs(), action: 'play', uris: [own?.uri ?? ''] });
    stage.clock.advance(1_000);
    const uris = await proposed(2);
    const device = stage.sandbox.groundTruth.nowPlaying(HOST).deviceId ?? '';
    await stage.command(room, { kind: 'device', deviceId: device });
    await stage.command(room, { kind: 'play' });
    await stage.pass(70 * SECOND_MS);
    stage.script({ at: stage.clock.nowMs(), action: 'stop' });
    await stage.pass(8 * MINUTE_MS);
    expect([...new Set(stage.uris().slice(1))]).toEqual(uris);
    expect(playsOf(uris[0] ?? '')).toBe(2);
    expect(playsOf(uris[1] ?? '')).toBe(1);
    // Readings of what plays are up to 40 s apart.
    expect(stage.silences()[0]?.ms).toBeLessThan(42_000);
  });
});

describe('A host without Premium', () => {
  it('is told so', async () => {
    stage.sandbox.control.setProduct(HOST, 'free');
    await proposed(1);
    const [own] = stage.tracks(1);
    stage.script({ at: stage.clock.nowMs(), action: 'play', uris: [own?.uri ?? ''] });
    stage.clock.advance(1_000);
    await expect(stage.command(room, { kind: 'play' })).rejects.toThrow(/Premium/);
    expect(await stage.view(room)).toMatchObject({
      state: 'premium-required',
      message: expect.stringMatching(/Premium/),
    });
    const before = stage.calls('PUT /v1/me/player/play');
    await stage.pass(4 * MINUTE_MS);
    expect(stage.calls('PUT /v1/me/player/play') - before).toBeLessThanOrEqual(4);
  });
});

describe('Trouble on Spotify’s side', () => {
  it('waits, and goes on by itself', async () => {
    const [own] = stage.tracks(1, 200_000);
    stage.script({ at: stage.clock.nowMs(), action: 'play', uris: [own?.uri ?? ''] });
    stage.clock.advance(1_000);
    const uris = await proposed(2);
    const from = stage.clock.nowMs();
    stage.sandbox.control.addFault({
      fault: { kind: 'rate-limit', retryAfterSeconds: 20 },
      path: '/v1/me/player/**',
      untilMs: from + 30 * SECOND_MS,
    });
    await expect(stage.command(room, { kind: 'play' })).rejects.toThrow();
    expect((await stage.view(room)).state).toBe('waiting');
    await stage.pass(10 * MINUTE_MS);
    expect(stage.uris().slice(1)).toEqual(uris);
  });

  it('says that the host has to sign in again', async () => {
    await proposed(1);
    stage.sandbox.control.revokeConsent(HOST);
    await expect(stage.command(room, { kind: 'play' })).rejects.toThrow();
    expect((await stage.view(room)).state).toBe('waiting');
    // A refusal of the consent is believed when it is repeated after ten minutes.
    await stage.pass(12 * MINUTE_MS);
    expect(await stage.view(room)).toMatchObject({
      state: 'reauth-needed',
      message: expect.stringMatching(/Sign in again/),
    });
  });
});
