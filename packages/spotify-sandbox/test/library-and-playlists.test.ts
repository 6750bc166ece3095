import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSandbox, type ManualClock, manualClock, type Sandbox, type Track } from '../src/index.ts';
import { type Answer, type CheckedClient, checkedClient } from './support/api-client.ts';
import { ALL_SCOPES, signIn } from './support/sign-in.ts';

const [me, friend] = ['mara-okonkwo', 'bjorn-novak'];
let clock: ManualClock;
let sandbox: Sandbox;
let api: CheckedClient;

beforeEach(async () => {
  clock = manualClock(Date.UTC(2026, 9, 7, 12));
  sandbox = await createSandbox({ clock, rateLimit: null, quota: null, playlistItemLimit: 150 });
  api = checkedClient(sandbox, (await signIn(sandbox, me)).access_token, 'development');
});
afterEach(() => sandbox.close());

const refusal = (answer: Answer): [number, string] => [answer.status, answer.json?.error.message];
const songs = (count: number, from = 0): Track[] => sandbox.catalogue.tracks.slice(from, from + count);
const uris = (tracks: readonly Track[]): string[] => tracks.map(({ uri }) => uri);
const items = (id: string): (string | null)[] =>
  sandbox.groundTruth.playlist(id)?.items.map(({ uri }) => uri) ?? [];

async function made(tracks: readonly Track[], details: object = {}): Promise<string> {
  const { json } = await api.call('POST', '/v1/me/playlists', { body: { name: 'Made', ...details } });
  if (tracks.length > 0) {
    await api.call('POST', `/v1/playlists/${json.id}/items`, { body: { uris: uris(tracks) } });
  }
  return json.id;
}

describe('/me/library', () => {
  it('wants its URIs in the query, at most forty, of kinds it knows', async () => {
    const [track] = songs(1);
    expect(refusal(await api.call('PUT', '/v1/me/library', { body: { uris: [track?.uri] } }))).toEqual([
      400,
      'Missing required field: uris',
    ]);
    expect((await api.call('PUT', `/v1/me/library?uris=${uris(songs(41))}`)).status).toBe(400);
    const artist = sandbox.catalogue.artists[0]?.uri;
    expect((await api.call('PUT', `/v1/me/library?uris=${artist}`)).status).toBe(400);
    expect((await api.get(`/v1/me/library/contains?uris=${artist},${track?.uri}`)).json).toHaveLength(2);
    expect((await api.call('PUT', '/v1/me/library?uris=spotify:local:a:b:c:1')).status).toBe(400);
    expect((await api.call('PUT', `/v1/me/library?uris=spotify:track:${'7'.repeat(22)}`)).status).toBe(404);
  });

  it('needs the scope of each kind', async () => {
    const without = ALL_SCOPES.filter(
      (scope) => !scope.startsWith('playlist-modify') && scope !== 'user-library-modify',
    );
    const { access_token } = await signIn(sandbox, friend, { scopes: without });
    const call = (uri: string | undefined): Promise<Answer> =>
      api.call('PUT', `/v1/me/library?uris=${uri}`, { token: access_token });
    expect(refusal(await call(songs(1)[0]?.uri))).toEqual([403, 'Insufficient client scope']);
    expect(refusal(await call(`spotify:playlist:${await made([])}`))).toEqual([
      403,
      'Insufficient client scope',
    ]);
    expect((await call(`spotify:user:${me}`)).status).toBe(200);
  });

  it('keeps liked songs newest first, each once, and tells removals', async () => {
    const fresh = songs(3, 900).filter(
      ({ id }) => !sandbox.groundTruth.likedSongs(me).some((liked) => liked.id === id),
    );
    for (const { uri } of fresh) {
      clock.advance(60_000);
      await api.call('PUT', `/v1/me/library?uris=${uri}`);
      await api.call('PUT', `/v1/me/library?uris=${uri}`);
    }
    const page = (await api.get('/v1/me/tracks?limit=5')).json;
    expect(
      page.items.slice(0, fresh.length).map((entry: { track: { id: string } }) => entry.track.id),
    ).toEqual(fresh.map(({ id }) => id).toReversed());
    const total = page.total;
    await api.call('DELETE', `/v1/me/library?uris=${fresh[0]?.uri}`);
    const after = (await api.get('/v1/me/tracks?limit=1&offset=1')).json;
    expect([after.total, after.previous, after.next]).toEqual([
      total - 1,
      expect.stringContaining('offset=0&limit=1'),
      expect.stringContaining('offset=2&limit=1'),
    ]);
    expect((await api.get('/v1/me/tracks?limit=51')).json.error.message).toBe('Invalid limit');
  });
});

describe('playlists', () => {
  it('keep what is added where it is put, duplicates too', async () => {
    const [a, b, c] = songs(3);
    const id = await made(songs(3));
    await api.call('POST', `/v1/playlists/${id}/items`, { body: { uris: [c?.uri, a?.uri], position: 1 } });
    expect(items(id)).toEqual([a?.uri, c?.uri, a?.uri, b?.uri, c?.uri]);
    // With URIs in the query the body is not read.
    await api.call('POST', `/v1/playlists/${id}/items?uris=${b?.uri}`, {
      body: { uris: [a?.uri], position: 0 },
    });
    expect(items(id).at(-1)).toBe(b?.uri);
    await api.call('DELETE', `/v1/playlists/${id}/items`, {
      body: { items: [{ uri: a?.uri }, { uri: b?.uri }] },
    });
    expect(items(id)).toEqual([c?.uri, c?.uri]);
    expect(refusal(await api.call('DELETE', `/v1/playlists/${id}/items`, { body: { tracks: [] } }))).toEqual([
      400,
      'Missing required field: items',
    ]);
  });

  it('are reordered by ranges, forwards and backwards, or replaced, never both', async () => {
    const five = songs(5);
    const id = await made(five);
    const order = (): number[] => items(id).map((uri) => five.findIndex((track) => track.uri === uri));
    const put = (body: object): Promise<Answer> => api.call('PUT', `/v1/playlists/${id}/items`, { body });
    await put({ range_start: 0, range_length: 2, insert_before: 5 });
    expect(order()).toEqual([2, 3, 4, 0, 1]);
    await put({ range_start: 3, range_length: 2, insert_before: 0 });
    expect(order()).toEqual([0, 1, 2, 3, 4]);
    await put({ range_start: 1, insert_before: 3 });
    expect(order()).toEqual([0, 2, 1, 3, 4]);
    expect((await put({ range_start: 4, range_length: 2, insert_before: 0 })).status).toBe(400);
    expect((await put({ uris: [], range_start: 0, insert_before: 1 })).status).toBe(400);
    await put({ uris: [five[4]?.uri] });
    expect(order()).toEqual([4]);
    expect((await api.call('PUT', `/v1/playlists/${id}/items?uris=`)).status).toBe(200);
    expect(order()).toEqual([]);
  });

  it('show an intermediate snapshot for a while after a write', async () => {
    const id = await made([]);
    clock.advance(60_000);
    const seen = async (): Promise<string> => (await api.get(`/v1/playlists/${id}`)).json.snapshot_id;
    const before = await seen();
    const { json } = await api.call('POST', `/v1/playlists/${id}/items`, { body: { uris: uris(songs(1)) } });
    const between = await seen();
    expect(new Set([before, between, json.snapshot_id]).size).toBe(3);
    clock.advance(31_000);
    expect(await seen()).toBe(json.snapshot_id);
    await api.call('PUT', `/v1/playlists/${id}`, { body: { name: 'Other' } });
    clock.advance(31_000);
    expect(await seen()).not.toBe(json.snapshot_id);
  });

  it('refuse local files, too many at once, and more than they hold', async () => {
    const id = await made([]);
    const add = (body: object): Promise<Answer> => api.call('POST', `/v1/playlists/${id}/items`, { body });
    expect(refusal(await add({ uris: ['spotify:local:a:b:c:1'] }))[1]).toMatch(/^Invalid track uri/);
    expect((await add({ uris: uris(songs(101)) })).status).toBe(400);
    expect((await add({ uris: uris(songs(1)), position: 9 })).status).toBe(400);
    expect((await add({ uris: uris(songs(100)) })).status).toBe(201);
    expect(refusal(await add({ uris: uris(songs(60)) }))).toEqual([403, 'Playlist size limit reached']);
    expect(items(id)).toHaveLength(100);
    expect((await api.get(`/v1/playlists/${id}/items?limit=51`)).json.error.message).toBe('Invalid limit');
  });

  it('of others tell only what they are; editorial ones are not there at all', async () => {
    const [theirs] = sandbox.groundTruth.playlists(friend).filter((playlist) => playlist.ownerId === friend);
    const id = theirs?.id ?? '';
    const meta = (await api.get(`/v1/playlists/${id}`)).json;
    expect(meta).toMatchObject({ name: theirs?.name, owner: { id: friend } });
    expect(meta).not.toHaveProperty('items');
    expect((await api.get(`/v1/playlists/${id}/items`)).status).toBe(403);
    expect(
      refusal(await api.call('POST', `/v1/playlists/${id}/items`, { body: { uris: uris(songs(1)) } }))[0],
    ).toBe(403);
    expect((await api.call('PUT', `/v1/playlists/${id}`, { body: { name: 'x' } })).status).toBe(403);
    const editorial = sandbox.groundTruth.playlists(me).find(({ ownerId }) => ownerId === 'spotify');
    expect((await api.get(`/v1/playlists/${editorial?.id}`)).status).toBe(404);
  });

  it('that are collaborative can be changed by those who follow them', async () => {
    const id = await made(songs(2), { public: false, collaborative: true });
    const { access_token: token } = await signIn(sandbox, friend);
    const add = (): Promise<Answer> =>
      api.call('POST', `/v1/playlists/${id}/items`, { body: { uris: uris(songs(1)) }, token });
    expect((await add()).status).toBe(403);
    await api.call('PUT', `/v1/me/library?uris=spotify:playlist:${id}`, { token });
    expect((await add()).status).toBe(201);
    expect(sandbox.groundTruth.playlist(id)?.items.at(-1)?.addedById).toBe(friend);
    expect(
      (await api.call('POST', '/v1/me/playlists', { body: { name: 'x', collaborative: true } })).status,
    ).toBe(400);
    expect(refusal(await api.call('POST', '/v1/me/playlists', { body: {} }))).toEqual([
      400,
      'Missing required field: name',
    ]);
  });

  it('need the scope of their visibility', async () => {
    const { access_token: token } = await signIn(sandbox, friend, { scopes: ['playlist-modify-private'] });
    const create = (isPublic: boolean): Promise<Answer> =>
      api.call('POST', '/v1/me/playlists', { body: { name: 'x', public: isPublic }, token });
    expect(refusal(await create(true))).toEqual([403, 'Insufficient client scope']);
    expect((await create(false)).status).toBe(201);
    expect(refusal(await api.call('GET', '/v1/me/playlists', { token }))).toEqual([
      403,
      'Insufficient client scope',
    ]);
  });

  it('are cut down to the fields asked for', async () => {
    const id = await made(songs(2));
    const ask = async (fields: string): Promise<unknown> =>
      (await api.get(`/v1/playlists/${id}/items?fields=${encodeURIComponent(fields)}`)).json;
    expect(await ask('total,items(item(id,album.name))')).toEqual({
      total: 2,
      items: songs(2).map((track) => ({ item: { id: track.id, album: { name: track.album.name } } })),
    });
    expect(await ask('total,limit')).toEqual({ total: 2, limit: 50 });
    expect(await ask('!items,!href')).not.toHaveProperty('items');
    expect((await api.get(`/v1/playlists/${id}?fields=a(b`)).status).toBe(400);
    expect((await api.get(`/v1/playlists/${id}?fields=name,owner(id)`)).json).toEqual({
      name: 'Made',
      owner: { id: me },
    });
  });
});

describe('search', () => {
  it('finds by words, accents or not, and by filters, best first', async () => {
    const album = sandbox.catalogue.albums.find(({ artists }) => artists[0]?.name.includes('ö'));
    const [artist] = album?.artists ?? [];
    const find = async (query: string, type: string): Promise<{ id: string }[]> =>
      (await api.get(`/v1/search?q=${encodeURIComponent(query)}&type=${type}&limit=10`)).json[`${type}s`]
        .items;
    const plain = artist?.name.normalize('NFKD').replace(/\p{M}/gu, '').toUpperCase() ?? '';
    expect((await find(plain, 'artist')).map(({ id }) => id)).toContain(artist?.id);
    const [track] = album?.tracks ?? [];
    expect((await find(`isrc:${track?.isrc}`, 'track')).map(({ id }) => id)).toContain(track?.id);
    const narrowed = await find(`track:"${track?.name}" artist:"${artist?.name}"`, 'track');
    expect(narrowed.map(({ id }) => id)).toContain(track?.id);
    expect(await find('qqqqqq zzzz', 'track')).toEqual([]);
    expect((await api.get('/v1/search?type=track')).json.error.message).toBe('No search query');
    expect((await api.get('/v1/search?q=a&type=cake')).status).toBe(400);
    expect((await api.get('/v1/search?q=a&type=track&offset=1001')).status).toBe(400);
    const first = (await api.get('/v1/search?q=a&type=track')).json.tracks;
    expect([first.limit, first.items.length]).toEqual([5, 5]);
  });
});
