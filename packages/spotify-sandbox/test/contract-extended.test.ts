import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSandbox, manualClock, type Sandbox } from '../src/index.ts';
import { type CheckedClient, checkedClient } from './support/api-client.ts';
import { loadContract } from './support/contract.ts';
import { signIn } from './support/sign-in.ts';

/** The older rules: every endpoint and field that development mode has lost, checked against both schemas. */
describe('every endpoint in extended mode', () => {
  let sandbox: Sandbox;
  let api: CheckedClient;
  const me = 'mara-okonkwo';

  beforeAll(async () => {
    sandbox = await createSandbox({
      clock: manualClock(Date.UTC(2026, 9, 7, 15)),
      mode: 'extended',
      rateLimit: null,
    });
    api = checkedClient(sandbox, (await signIn(sandbox, me)).access_token, 'extended');
  });
  afterAll(() => sandbox.close());

  it('tells the whole profile', async () => {
    expect((await api.get('/v1/me')).json).toMatchObject({
      email: `${me}@example.com`,
      product: 'premium',
      country: 'DE',
      account_id: expect.any(String),
    });
    const [, other] = sandbox.control.people();
    await api.get(`/v1/users/${other?.id}`);
    expect((await api.get('/v1/users/nobody')).status).toBe(404);
  });

  it('answers for several ids at once, null for the unknown', async () => {
    const { tracks, albums, artists, shows } = sandbox.catalogue;
    const unknown = '7'.repeat(22);
    const ids = (items: readonly { id: string }[] | undefined): string =>
      [...(items ?? []).slice(0, 4).map(({ id }) => id), unknown].join(',');
    for (const [kind, items] of Object.entries({
      tracks,
      albums,
      artists,
      shows,
      episodes: shows[0]?.episodes,
    })) {
      const { json } = await api.get(`/v1/${kind}?ids=${ids(items)}`);
      expect(json[kind].map((item: { id: string } | null) => item?.id ?? null)).toEqual(
        ids(items)
          .split(',')
          .map((id) => (id === unknown ? null : id)),
      );
    }
    const [artist] = artists;
    await api.get(`/v1/tracks/${tracks[3]?.id}`);
    await api.get(`/v1/albums/${albums[3]?.id}`);
    await api.get(`/v1/albums/${albums[3]?.id}/tracks`);
    await api.get(`/v1/artists/${artist?.id}`);
    await api.get(`/v1/artists/${artist?.id}/albums?limit=50`);
    expect((await api.get(`/v1/artists/${artist?.id}/top-tracks`)).json.tracks).toHaveLength(10);
    await api.get(`/v1/shows/${shows[0]?.id}`);
    await api.get(`/v1/shows/${shows[0]?.id}/episodes`);
    await api.get(`/v1/episodes/${shows[0]?.episodes[0]?.id}`);
    await api.get('/v1/markets');
    await api.get('/v1/browse/new-releases?limit=5');
    await api.get('/v1/browse/categories');
    await api.get('/v1/search?q=the&type=album,artist,playlist,track,show,episode,audiobook&limit=50');
  });

  it('changes shelves by ids, in the query or in the body, with times where asked', async () => {
    const { tracks, albums, shows, artists } = sandbox.catalogue;
    const shelves = { tracks, albums, shows, episodes: shows[5]?.episodes ?? [] };
    for (const [shelf, items] of Object.entries(shelves)) {
      const ids = items.slice(-2).map(({ id }) => id);
      await api.call('PUT', `/v1/me/${shelf}`, { body: { ids } });
      expect((await api.get(`/v1/me/${shelf}/contains?ids=${ids}`)).json).toEqual([true, true]);
      await api.call('DELETE', `/v1/me/${shelf}?ids=${ids}`);
      expect((await api.get(`/v1/me/${shelf}/contains?ids=${ids}`)).json).toEqual([false, false]);
      await api.get(`/v1/me/${shelf}?limit=5`);
    }
    const stamped = { id: tracks[100]?.id, added_at: '2011-01-01T00:00:00Z' };
    await api.call('PUT', '/v1/me/tracks', { body: { timestamped_ids: [stamped] } });
    expect(sandbox.groundTruth.likedSongs(me).at(-1)?.addedAtMs).toBe(Date.UTC(2011, 0, 1));
    const artist = artists.at(-1)?.id;
    await api.call('PUT', `/v1/me/following?type=artist&ids=${artist}`);
    expect((await api.get(`/v1/me/following/contains?type=artist&ids=${artist}`)).json).toEqual([true]);
    await api.call('DELETE', `/v1/me/following?type=artist&ids=${artist}`);
    await api.get('/v1/me/following?type=artist');
    await api.get('/v1/me/top/artists');
    await api.get('/v1/me/top/tracks');
    await api.get('/v1/me/audiobooks');
    const uri = tracks[100]?.uri;
    await api.call('PUT', `/v1/me/library?uris=${uri}`);
    await api.get(`/v1/me/library/contains?uris=${uri}`);
    await api.call('DELETE', `/v1/me/library?uris=${uri}`);
  });

  it('keeps playlists under their old addresses', async () => {
    const made = await api.call('POST', `/v1/users/${me}/playlists`, { body: { name: 'Old ways' } });
    expect(made.status).toBe(201);
    const path = `/v1/playlists/${made.json.id}`;
    const uris = sandbox.catalogue.tracks.slice(0, 100).map(({ uri }) => uri);
    for (const name of ['tracks', 'items']) {
      await api.call('POST', `${path}/${name}?position=0&uris=${uris.slice(0, 2)}`);
      await api.call('POST', `${path}/${name}`, { body: { uris } });
      await api.call('PUT', `${path}/${name}`, { body: { range_start: 0, insert_before: 4 } });
      await api.get(`${path}/${name}?limit=50`);
      await api.call('DELETE', `${path}/${name}`, { body: { [name]: [{ uri: uris[0] }] } });
    }
    expect((await api.get(`${path}/tracks?limit=100`)).json.items).toHaveLength(100);
    expect((await api.get(path)).json.tracks.total).toBe(
      sandbox.groundTruth.playlist(made.json.id)?.items.length,
    );
    await api.call('PUT', path, { body: { description: 'x' } });
    await api.get(`${path}/images`);
    await api.call('DELETE', `${path}/followers`);
    expect((await api.get(`${path}/followers/contains?ids=${me}`)).json).toEqual([false]);
    await api.call('PUT', `${path}/followers`);
    expect((await api.get('/v1/me/playlists?limit=1')).json.items[0].id).toBe(made.json.id);
    await api.get(`/v1/users/${me}/playlists`);
    await api.call('POST', '/v1/me/playlists', { body: { name: 'New ways' } });
    const foreign = sandbox.groundTruth.playlists('bjorn-novak').find((playlist) => playlist.public);
    await api.get(`/v1/playlists/${foreign?.id}`);
    await api.get(`/v1/playlists/${foreign?.id}/tracks?limit=100`);
    for (const { id } of sandbox.groundTruth.playlists(me)) await api.get(`/v1/playlists/${id}`);
  });

  it('reads the player', async () => {
    await api.get('/v1/me/player');
    await api.get('/v1/me/player/currently-playing');
    await api.get('/v1/me/player/queue');
    await api.get('/v1/me/player/devices');
    await api.get('/v1/me/player/recently-played');
  });

  it('does not bring back what no app gets any more', async () => {
    for (const [path, status] of [
      ['/v1/recommendations', 404],
      ['/v1/audio-features', 403],
      [`/v1/artists/${sandbox.catalogue.artists[0]?.id}/related-artists`, 403],
    ] as const) {
      expect((await api.get(path)).status).toBe(status);
    }
  });

  it('has thereby answered every read of the schema and every write that development mode has lost', () => {
    const elsewhere = /204$|^(PUT|POST) \/v1\/me\/player|^PUT \/v1\/playlists\/:id\/images/;
    const missing = api.operations.filter(
      (operation) =>
        !api.seen.has(operation) && !elsewhere.test(operation) && !operation.includes('/me/following 204'),
    );
    expect(missing).toEqual([]);
    if (api.official) expect(api.official.checked.size).toBeGreaterThan(35);
  });
});

describe('the schema itself', () => {
  it('refuses answers with a field too many, too few, or of the wrong mode', () => {
    const [development, extended] = [loadContract('development'), loadContract('extended')];
    const device = {
      id: 'x',
      is_active: true,
      is_private_session: false,
      is_restricted: false,
      name: 'n',
      supports_volume: true,
      type: 'TV',
      volume_percent: null,
    };
    const check = (contract: typeof development, entry: object): string | null =>
      contract.complaint('GET /v1/me/player/devices 200', { text: '', json: { devices: [entry] } });
    expect(check(development, device)).toBeNull();
    expect(check(development, { ...device, extra: 1 })).toMatch(/additional/);
    expect(check(extended, { ...device, name: undefined, type: 'Fridge' })).not.toBeNull();
    expect(development.complaint('GET /v1/me 200', { text: '', json: { popularity: 3 } })).not.toBeNull();
    expect(development.complaint('PUT /v1/me/library 200', { text: '{}', json: {} })).toMatch(/empty/);
    expect(development.complaint('GET /v1/me 418', { text: '{}', json: {} })).not.toBeNull();
  });
});
