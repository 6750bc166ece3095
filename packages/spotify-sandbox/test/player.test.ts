import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSandbox, type ManualClock, manualClock, type Sandbox, type Track } from '../src/index.ts';
import { type Answer, type CheckedClient, checkedClient } from './support/api-client.ts';
import { signIn } from './support/sign-in.ts';

const START = Date.UTC(2026, 9, 7, 12);
const MINUTE = 60_000;

let clock: ManualClock;
let sandbox: Sandbox;
let api: CheckedClient;
let tracks: Track[];

beforeEach(async () => {
  clock = manualClock(START);
  sandbox = await createSandbox({
    clock,
    rateLimit: null,
    quota: null,
    accessTokenMs: 86_400_000,
    people: [
      { id: 'ann', listening: 'quiet', product: 'premium' },
      { id: 'ben', listening: 'quiet', product: 'free' },
    ],
  });
  api = checkedClient(sandbox, (await signIn(sandbox, 'ann')).access_token, 'development');
  const album = sandbox.catalogue.albums.find(
    (each) =>
      each.tracks.length > 9 &&
      each.tracks.every(({ playable, durationMs }) => playable && durationMs > MINUTE),
  );
  tracks = album?.tracks ?? [];
});
afterEach(() => sandbox.close());

const uris = (): string[] => tracks.map(({ uri }) => uri);
const state = async (): Promise<Answer['json']> => (await api.get('/v1/me/player')).json;
const devices = () => sandbox.control.people()[0]?.devices ?? [];
const free = () => devices().find(({ restricted }) => !restricted)?.id;
const put = (path: string, body?: unknown): Promise<Answer> =>
  api.call('PUT', `/v1/me/player${path}`, body === undefined ? {} : { body });

describe('reading the player', () => {
  it('is empty with 204 while nothing is active', async () => {
    for (const path of ['', '/currently-playing']) {
      expect((await api.get(`/v1/me/player${path}`)).status).toBe(204);
    }
    expect((await api.get('/v1/me/player/queue')).json).toEqual({ currently_playing: null, queue: [] });
    expect(
      (await api.get('/v1/me/player/devices')).json.devices.every(
        (each: { is_active: boolean }) => !each.is_active,
      ),
    ).toBe(true);
  });

  it('shows progress, and in `timestamp` the last change of state', async () => {
    const [first] = tracks;
    sandbox.control.script('ann', [
      { at: START + 1000, action: 'play', uris: uris() },
      { at: START + 31_000, action: 'pause' },
      { at: START + 51_000, action: 'resume' },
      { at: START + 61_000, action: 'seek', positionMs: 5000 },
    ]);
    clock.set(START + 11_000);
    expect(await state()).toMatchObject({
      is_playing: true,
      progress_ms: 10_000,
      timestamp: START + 1000,
      item: { id: first?.id },
      context: null,
      actions: { disallows: { resuming: true } },
    });
    clock.set(START + 41_000);
    expect(await state()).toMatchObject({
      is_playing: false,
      progress_ms: 30_000,
      timestamp: START + 31_000,
    });
    clock.set(START + 61_000);
    expect(await state()).toMatchObject({ is_playing: true, progress_ms: 5000, timestamp: START + 61_000 });
    const ends = START + 61_000 + (first?.durationMs ?? 0) - 5000;
    clock.set(ends - 1);
    expect((await state()).item.id).toBe(first?.id);
    clock.set(ends);
    expect(await state()).toMatchObject({ item: { id: tracks[1]?.id }, timestamp: ends, progress_ms: 0 });
    expect(sandbox.groundTruth.plays('ann')).toMatchObject([
      {
        itemId: first?.id,
        startedAtMs: START + 1000,
        endedAtMs: ends,
        msPlayed: ends - START - 1000 - 20_000,
      },
    ]);
  });

  it('shows an episode only to who asks for episodes', async () => {
    const episode = sandbox.catalogue.shows[0]?.episodes[0];
    sandbox.control.script('ann', [{ at: START, action: 'play', uris: [episode?.uri ?? ''] }]);
    expect(await state()).toMatchObject({ item: null, currently_playing_type: 'episode' });
    const asked = (await api.get('/v1/me/player/currently-playing?additional_types=track,episode')).json;
    expect(asked.item.id).toBe(episode?.id);
  });

  it('tells a private session, or keeps it to itself where that is set', async () => {
    const script = [{ at: START, action: 'play' as const, uris: uris(), privateSession: true }];
    sandbox.control.script('ann', script);
    expect((await state()).device.is_private_session).toBe(true);
    const discreet = await createSandbox({
      clock,
      people: [{ id: 'ann', listening: 'quiet' }],
      privateSession: 'withheld',
    });
    discreet.control.script('ann', script);
    const other = checkedClient(discreet, (await signIn(discreet, 'ann')).access_token, 'development');
    expect((await other.get('/v1/me/player')).status).toBe(204);
    await discreet.close();
  });

  it('plays adverts to a free account, without an item', async () => {
    const other = checkedClient(sandbox, (await signIn(sandbox, 'ben')).access_token, 'development');
    sandbox.control.script('ben', [{ at: START, action: 'play', uris: uris() }]);
    const afterFour = tracks.slice(0, 4).reduce((sum, { durationMs }) => sum + durationMs, 0);
    clock.set(START + afterFour);
    expect((await other.get('/v1/me/player')).json).toMatchObject({
      currently_playing_type: 'ad',
      item: null,
      is_playing: true,
    });
    expect((await other.get('/v1/me/player/currently-playing')).status).toBe(200);
    clock.advance(31_000);
    expect((await other.get('/v1/me/player')).json.item.id).toBe(tracks[4]?.id);
    expect(sandbox.groundTruth.plays('ben')).toHaveLength(4);
  });
});

describe('crossfade', () => {
  it('ends a track before its end', async () => {
    sandbox.control.addPerson({ id: 'cy', listening: 'quiet', product: 'premium', crossfadeMs: 8000 });
    sandbox.control.script('cy', [{ at: START, action: 'play', uris: uris() }]);
    clock.advance(60 * MINUTE);
    for (const play of sandbox.groundTruth.plays('cy')) {
      expect(play).toMatchObject({ endedBy: 'finished', msPlayed: play.durationMs - 8000 });
    }
    expect(sandbox.groundTruth.plays('cy').length).toBeGreaterThan(8);
  });
});

describe('the queue', () => {
  it('foretells the next twenty exactly, shuffled, repeated or queued by hand', async () => {
    const long = sandbox.catalogue.tracks.filter(({ playable }) => playable).slice(40, 75);
    for (const [shuffle, repeat] of [
      [false, 'off'],
      [true, 'off'],
      [true, 'context'],
      [false, 'track'],
    ] as const) {
      await put('/play', { uris: long.map(({ uri }) => uri), offset: { position: 20 } }).then(
        async (answer) => {
          if (answer.status === 404) {
            await put(`/play?device_id=${free()}`, {
              uris: long.map(({ uri }) => uri),
              offset: { position: 20 },
            });
          }
        },
      );
      await put(`/shuffle?state=${shuffle}`);
      await put(`/repeat?state=${repeat}`);
      if (shuffle) await api.call('POST', `/v1/me/player/queue?uri=${tracks[3]?.uri}`);
      const foretold: string[] = (await api.get('/v1/me/player/queue')).json.queue.map(
        (item: { id: string }) => item.id,
      );
      expect(foretold.length).toBe(shuffle || repeat !== 'off' ? 20 : 14);
      if (shuffle) expect(foretold[0]).toBe(tracks[3]?.id);
      const heard: string[] = [];
      for (let index = 0; index < foretold.length; index += 1) {
        const now = sandbox.groundTruth.nowPlaying('ann');
        const item = long.concat(tracks).find(({ id }) => id === now.itemId);
        clock.set(now.changedAtMs + (item?.durationMs ?? 0));
        heard.push((await state()).item.id);
      }
      expect(heard).toEqual(foretold);
    }
  });
});

describe('commands', () => {
  const refusal = (answer: Answer) => [answer.status, answer.json?.error.reason, answer.json?.error.message];

  it('need an active device or a named one, and wake the latter', async () => {
    expect(refusal(await put('/play'))).toEqual([
      404,
      'NO_ACTIVE_DEVICE',
      'Player command failed: No active device found',
    ]);
    expect(refusal(await put('/play?device_id=nothing', { uris: uris() }))).toEqual([
      404,
      undefined,
      'Device not found',
    ]);
    const started = await put(`/play?device_id=${free()}`, {
      context_uri: tracks[0]?.album.uri,
      offset: { uri: tracks[2]?.uri },
      position_ms: 1500,
    });
    expect([started.status, started.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('text/plain'),
    ]);
    expect(() => JSON.parse(started.text)).toThrow();
    expect(await state()).toMatchObject({
      item: { id: tracks[2]?.id },
      progress_ms: 1500,
      context: { uri: tracks[0]?.album.uri, type: 'album' },
      device: { id: free(), is_active: true },
    });
  });

  it('are refused with a reason when they make no sense', async () => {
    await put(`/play?device_id=${free()}`, { uris: uris().slice(0, 1) });
    expect(refusal(await put('/play'))).toEqual([403, 'ALREADY_PLAYING', expect.any(String)]);
    expect(refusal(await api.call('POST', '/v1/me/player/next'))[1]).toBe('NO_NEXT_TRACK');
    await put('/pause');
    expect(refusal(await put('/pause'))[1]).toBe('ALREADY_PAUSED');
    expect(refusal(await put('/volume?volume_percent=50'))[1]).toBe('VOLUME_CONTROL_DISALLOW');
    expect(refusal(await put('/volume?volume_percent=101'))).toEqual([
      400,
      undefined,
      'Invalid volume_percent',
    ]);
    expect(refusal(await put('/play', { uris: ['spotify:local:a:b:c:1'] }))[2]).toMatch(/^Invalid track uri/);
    expect(refusal(await put('/play', { context_uri: 'nonsense' }))[2]).toBe('Invalid context uri');
    expect(
      refusal(await put('/play', { context_uri: tracks[0]?.album.uri, offset: { position: 99 } }))[1],
    ).toBe('NO_SPECIFIC_TRACK');
    expect(refusal(await put('', { device_ids: ['a', 'b'] }))[0]).toBe(400);
    expect(refusal(await put('', {}))[2]).toBe('Missing required field: device_ids');
    expect((await api.call('PUT', '/v1/me/player/play', { body: '{"uris":' })).status).toBe(400);
  });

  it('need Premium', async () => {
    const other = checkedClient(sandbox, (await signIn(sandbox, 'ben')).access_token, 'development');
    const refused = await other.call('PUT', '/v1/me/player/pause');
    expect(refusal(refused)).toEqual([403, 'PREMIUM_REQUIRED', 'Player command failed: Premium required']);
    sandbox.control.setProduct('ben', 'premium');
    expect(refusal(await other.call('PUT', '/v1/me/player/pause'))[1]).toBe('NO_ACTIVE_DEVICE');
  });

  it('are refused by a restricted device', async () => {
    const names = Array.from({ length: 30 }, (_, index) => ({
      id: `p${index}`,
      listening: 'quiet' as const,
      product: 'premium' as const,
    }));
    const town = await createSandbox({ clock, people: names, mode: 'extended' });
    const owner = town.control.people().find((person) => person.devices.some(({ restricted }) => restricted));
    const television = owner?.devices.find(({ restricted }) => restricted);
    const other = checkedClient(town, (await signIn(town, owner?.id ?? '')).access_token, 'extended');
    const refused = await other.call('PUT', `/v1/me/player/play?device_id=${television?.id}`, {
      body: { uris: uris() },
    });
    expect(refusal(refused)).toEqual([403, 'DEVICE_NOT_CONTROLLABLE', expect.any(String)]);
    await town.close();
  });

  it('put the person to sleep when nothing sounds for a while; the device must then be named', async () => {
    await put(`/play?device_id=${free()}`, { uris: uris() });
    clock.advance(40_000);
    await put('/pause');
    clock.advance(14 * MINUTE);
    expect((await state()).is_playing).toBe(false);
    clock.advance(2 * MINUTE);
    expect((await api.get('/v1/me/player')).status).toBe(204);
    expect(refusal(await put('/play'))[1]).toBe('NO_ACTIVE_DEVICE');
    expect((await put('', { device_ids: [free()], play: true })).status).toBe(204);
    expect(await state()).toMatchObject({
      item: { id: tracks[0]?.id },
      progress_ms: 40_000,
      is_playing: true,
    });
    await api.call('POST', '/v1/me/player/next');
    expect(sandbox.groundTruth.plays('ann').map(({ endedBy, msPlayed }) => [endedBy, msPlayed])).toEqual([
      ['slept', 40_000],
      ['skipped', 0],
    ]);
  });

  it('end a life by habits: afterwards only commands move the player', async () => {
    sandbox.control.addPerson({ id: 'mo', product: 'premium', profile: { alwaysListening: true } });
    const { access_token } = await signIn(sandbox, 'mo').catch(() => ({ access_token: '' }));
    expect(access_token).not.toBe('');
    sandbox.control.allow(sandbox.control.apps()[0]?.clientId ?? '', 'mo');
    const other = checkedClient(sandbox, access_token, 'development');
    clock.advance(MINUTE);
    // Whatever she had set herself stays set.
    await other.call('PUT', '/v1/me/player/repeat?state=off');
    await other.call('PUT', '/v1/me/player/play', { body: { uris: uris().slice(0, 2) } });
    const whole = tracks.slice(0, 2).reduce((sum, { durationMs }) => sum + durationMs, 0);
    clock.advance(whole + MINUTE);
    expect((await other.get('/v1/me/player')).json).toMatchObject({ is_playing: false, item: null });
    clock.advance(10 * 3_600_000);
    expect((await other.get('/v1/me/player')).status).toBe(204);
    const lastTwo = sandbox.groundTruth.plays('mo').slice(-2);
    expect(lastTwo.map(({ itemId }) => itemId)).toEqual(tracks.slice(0, 2).map(({ id }) => id));
    expect(sandbox.control.commands('mo')).toMatchObject([
      { action: 'player.repeat', details: { mode: 'off' } },
      { action: 'player.play', personId: 'mo' },
    ]);
  });
});
