import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSandbox, type ManualClock, manualClock, type Sandbox } from '../src/index.ts';
import { type CheckedClient, checkedClient } from './support/api-client.ts';
import { signIn } from './support/sign-in.ts';

const START = Date.UTC(2026, 9, 7, 15, 0);
const MINUTE = 60_000;

/** Every answer in this file is checked against the schema of the package and, where it is found, Spotify's own. */
describe('every endpoint in development mode', () => {
  let clock: ManualClock;
  let sandbox: Sandbox;
  let api: CheckedClient;
  const me = 'mara-okonkwo';

  beforeAll(async () => {
    clock = manualClock(START);
    sandbox = await createSandbox({
      clock,
      rateLimit: null,
      quota: null,
      accessTokenMs: 7 * 86_400_000,
    });
    api = checkedClient(sandbox, (await signIn(sandbox, me)).access_token, 'development');
  });
  afterAll(() => sandbox.close());

  it('tells the profile without the fields that were taken away', async () => {
    const { json } = await api.get('/v1/me');
    expect(json).toMatchObject({ id: me, type: 'user' });
    expect(Object.keys(json)).not.toEqual(expect.arrayContaining(['email']));
  });

  it('answers whatever the player is doing through a whole day', async () => {
    const states = new Set<string>();
    for (let minute = 0; minute < 24 * 60; minute += 7) {
      clock.advance(7 * MINUTE);
      const person = minute % 2 === 0 ? '' : '?additional_types=track,episode';
      for (const path of ['/v1/me/player', '/v1/me/player/currently-playing']) {
        const { status, json } = await api.get(path + person);
        states.add(`${status} ${json?.currently_playing_type ?? ''} ${json?.context?.type ?? ''}`);
      }
      await api.get('/v1/me/player/queue');
    }
    await api.get('/v1/me/player/devices');
    expect([...states].filter((state) => state.includes('track')).length).toBeGreaterThanOrEqual(3);
    expect((await api.get('/v1/me/player/recently-played?limit=50')).json.items).toHaveLength(50);
  });

  it('finds, lists and tells every kind of item', async () => {
    const [artist] = sandbox.catalogue.artists;
    const [show] = sandbox.catalogue.shows;
    for (const album of sandbox.catalogue.albums.slice(0, 60)) {
      await api.get(`/v1/albums/${album.id}`);
    }
    for (const track of sandbox.catalogue.tracks.slice(0, 60)) await api.get(`/v1/tracks/${track.id}`);
    for (const each of sandbox.catalogue.artists.slice(0, 20)) await api.get(`/v1/artists/${each.id}`);
    await api.get(`/v1/albums/${artist?.albums[0]?.id}/tracks?limit=3&offset=2`);
    await api.get(`/v1/artists/${artist?.id}/albums?limit=10`);
    await api.get(`/v1/shows/${show?.id}`);
    await api.get(`/v1/shows/${show?.id}/episodes?limit=2`);
    await api.get(`/v1/episodes/${show?.episodes[0]?.id}`);
    const everything = 'album,artist,playlist,track,show,episode,audiobook';
    const found = (await api.get(`/v1/search?q=o&type=${everything}&limit=10`)).json;
    expect(found.tracks.items).toHaveLength(10);
    expect(found.artists.total).toBeGreaterThan(10);
    expect((await api.get(`/v1/audiobooks/${show?.id}`)).status).toBe(404);
    expect((await api.get(`/v1/chapters/${show?.id}`)).status).toBe(404);
  });

  it('lists the library and changes it through /me/library', async () => {
    for (const shelf of ['tracks', 'albums', 'shows', 'episodes', 'audiobooks', 'playlists']) {
      await api.get(`/v1/me/${shelf}?limit=50`);
    }
    await api.get('/v1/me/following?type=artist&limit=5');
    await api.get('/v1/me/top/artists?time_range=short_term');
    await api.get('/v1/me/top/tracks?limit=50&offset=49');
    const fresh = sandbox.catalogue.tracks.filter(
      ({ id }) => !sandbox.groundTruth.likedSongs(me).some((liked) => liked.id === id),
    );
    const uris = fresh.slice(0, 40).map(({ uri }) => uri);
    const query = `?uris=${uris.join(',')}`;
    expect((await api.get(`/v1/me/library/contains${query}`)).json).toEqual(uris.map(() => false));
    expect((await api.call('PUT', `/v1/me/library${query}`)).status).toBe(200);
    expect((await api.get(`/v1/me/library/contains${query}`)).json).toEqual(uris.map(() => true));
    expect((await api.get('/v1/me/tracks?limit=1')).json.items[0].track.uri).toBe(uris.at(-1));
    expect((await api.call('DELETE', `/v1/me/library${query}`)).status).toBe(200);
    expect((await api.get(`/v1/me/library/contains${query}`)).json).toEqual(uris.map(() => false));
  });

  it('makes, fills, changes, reads and unfollows a playlist', async () => {
    const made = await api.call('POST', '/v1/me/playlists', { body: { name: 'Mine', public: false } });
    expect(made.status).toBe(201);
    const path = `/v1/playlists/${made.json.id}`;
    const uris = sandbox.catalogue.tracks.slice(0, 60).map(({ uri }) => uri);
    expect((await api.call('POST', `${path}/items`, { body: { uris } })).status).toBe(201);
    await api.call('PUT', `${path}/items`, {
      body: { range_start: 0, insert_before: 10, range_length: 2 },
    });
    await api.call('DELETE', `${path}/items`, { body: { items: [{ uri: uris[5] }] } });
    await api.call('PUT', `${path}/items`, { body: { uris: uris.slice(0, 3) } });
    expect((await api.call('PUT', path, { body: { name: 'Renamed' } })).status).toBe(200);
    const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]).toString('base64');
    const upload = await api.call('PUT', `${path}/images`, {
      body: jpeg,
      headers: { 'content-type': 'image/jpeg' },
    });
    expect(upload.status).toBe(202);
    const images = await api.get(`${path}/images`);
    expect((await fetch(images.json[0].url)).headers.get('content-type')).toBe('image/jpeg');
    expect((await api.get(path)).json).toMatchObject({ name: 'Renamed', items: { total: 3 } });
    await api.call('DELETE', `/v1/me/library?uris=spotify:playlist:${made.json.id}`);
    expect(sandbox.groundTruth.playlists(me).some(({ id }) => id === made.json.id)).toBe(false);
    expect(sandbox.groundTruth.playlist(made.json.id)?.items).toHaveLength(3);
  });

  it('reads every playlist there is, with local files, episodes and gaps, in both forms', async () => {
    const kinds = new Set<string>();
    for (const { id } of sandbox.groundTruth.playlists(me)) {
      for (const more of ['', '&additional_types=track,episode']) {
        await api.get(`/v1/playlists/${id}?x${more}`);
        const { status, json } = await api.get(`/v1/playlists/${id}/items?limit=50${more}`);
        for (const entry of status === 200 ? json.items : []) {
          kinds.add(entry.item === null ? 'null' : entry.is_local ? 'local' : entry.item.uri.split(':')[1]);
        }
      }
    }
    expect([...kinds].sort()).toEqual(['episode', 'local', 'null', 'track']);
  });

  it('carries out every player command', async () => {
    const album = sandbox.catalogue.albums.find(({ tracks }) => tracks.length > 9);
    const computer = sandbox.control
      .people()
      .find(({ id }) => id === me)
      ?.devices.find(({ type }) => type === 'Computer');
    const put = async (path: string, body?: unknown): Promise<number> =>
      (await api.call('PUT', `/v1/me/player${path}`, body === undefined ? {} : { body })).status;
    expect(await put('', { device_ids: [computer?.id], play: true })).toBe(204);
    expect(await put('/play', { context_uri: album?.uri, offset: { position: 2 }, position_ms: 5000 })).toBe(
      200,
    );
    expect(await put('/volume?volume_percent=33')).toBe(200);
    expect(await put('/shuffle?state=true')).toBe(200);
    expect(await put('/repeat?state=context')).toBe(200);
    expect(await put('/seek?position_ms=1000')).toBe(200);
    const track = sandbox.catalogue.tracks[7];
    expect((await api.call('POST', `/v1/me/player/queue?uri=${track?.uri}`)).status).toBe(200);
    expect((await api.get('/v1/me/player/queue')).json.queue[0].id).toBe(track?.id);
    expect((await api.call('POST', '/v1/me/player/next')).status).toBe(200);
    expect((await api.get('/v1/me/player')).json).toMatchObject({
      item: { id: track?.id },
      shuffle_state: true,
      repeat_state: 'context',
      device: { id: computer?.id, volume_percent: 33 },
    });
    expect((await api.call('POST', '/v1/me/player/previous')).status).toBe(200);
    expect(await put('/pause')).toBe(200);
    expect(await put('/play')).toBe(200);
  });

  it('has thereby answered every operation of the schema that development mode has', () => {
    const older =
      /^(PUT|DELETE) \/v1\/me\/(tracks|albums|shows|episodes|following) |\/(tracks|albums|shows|episodes|following|followers)\/contains |\/followers |\/v1\/users\/|\/playlists\/:id\/tracks|^GET \/v1\/(tracks|albums|artists|episodes|shows|markets) |top-tracks|\/browse\//;
    const current = api.operations.filter((operation) => !older.test(operation));
    // Mara never stops listening; 204 is shown in player.test.ts.
    const missing = current.filter((operation) => !api.seen.has(operation) && !operation.endsWith('204'));
    expect(missing).toEqual([]);
    if (api.official) expect(api.official.checked.size).toBeGreaterThan(25);
  });
});
