import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ReadOptions, readLikedSongs, readPlaylistContents, readPlaylistList } from '@spindle/library';
import type { Browser } from './support/browser.ts';
import { startGateway, type TestGateway } from './support/test-gateway.ts';
import { unzip } from './support/unzip.ts';

const waiting = { prefer: 'wait=10' };
let gateway: TestGateway;
let ann: Browser;
let bob: Browser;
let annId: number;
let calls = 0;

const options = (signal: AbortSignal): ReadOptions => ({ lane: 'interactive', signal });

beforeAll(async () => {
  gateway = await startGateway();
  [ann, bob] = [await gateway.signedIn('ann'), await gateway.signedIn('bob')];
  annId = Number((await ann.ask('/api/user')).json.id);
  const access = gateway.context;
  await gateway.work({
    history: async () => ({ stored: 0, merged: 0 }) as never,
    playback: async () => ({}) as never,
    playlists: async (_context, { userId }, job) => {
      calls += 1;
      const list = await readPlaylistList(access, userId, options(job.signal));
      const liked = await readLikedSongs(access, userId, options(job.signal));
      return { playlists: list.playlists, likedTracks: liked.total };
    },
    'liked-songs': (_context, { userId, full }, job) =>
      readLikedSongs(access, userId, { ...options(job.signal), ...(full && { full }) }),
    'read-source': async (_context, { userId, source }, job) => {
      const { entries, unchanged } = await readPlaylistContents(access, userId, source, options(job.signal));
      return { tracks: entries.length, unchanged };
    },
  });
});
afterAll(() => gateway?.stop());

const tracks = (count: number, from = 0) => gateway.sandbox.catalogue.tracks.slice(from, from + count);
const uris = (count: number, from = 0): string[] => tracks(count, from).map((track) => track.uri);
const give = (name: string, items: readonly (string | null)[], more: object = {}): string =>
  gateway.sandbox.control.givePlaylist('ann', { name, uris: items, ...more });
const truth = () => gateway.sandbox.groundTruth.playlists('ann');
const readList = () => ann.ask('/api/playlist/read', { method: 'POST', headers: waiting });
const read = (source: string) => ann.ask('/api/library/read', { body: { source }, headers: waiting });

describe('my playlists', () => {
  it('are there at the first look, Liked Songs on top, in pages', async () => {
    const answer = await ann.ask('/api/playlist/me?limit=3');
    expect(answer.status).toBe(200);
    const { items, readAt, refreshing, nextCursor } = answer.json;
    expect([readAt, refreshing]).toEqual([expect.any(String), null]);
    expect(items[0]).toMatchObject({
      id: 'liked',
      name: 'Liked Songs',
      tracks: gateway.sandbox.groundTruth.likedSongs('ann').length,
      images: [],
      made: null,
    });
    const rest = await ann.ask(`/api/playlist/me?limit=100&cursor=${nextCursor}`);
    const ids = [...items, ...rest.json.items].map(({ id }: { id: string }) => id);
    expect(ids).toEqual(['liked', ...truth().map(({ id }) => id)]);
    expect(rest.json.nextCursor).toBeNull();
  });

  it('are read again when that is long ago, and when asked for', async () => {
    const made = give('Fresh one', uris(3));
    expect((await ann.ask('/api/playlist/me')).json.refreshing).toBeNull();
    const before = calls;
    await gateway.db.pool.query(
      `UPDATE library_states SET playlists_read_at = playlists_read_at - interval '11 minutes'`,
    );
    const { refreshing } = (await ann.ask('/api/playlist/me')).json;
    expect(refreshing).toEqual(expect.any(String));
    await gateway.context.producer.waitFor(refreshing, 10_000);
    expect(calls).toBe(before + 1);
    const asked = await readList();
    expect(asked.json).toMatchObject({ playlists: truth().length });
    const found = (await ann.ask('/api/playlist/me?q=FRESH')).json.items;
    expect(found).toMatchObject([{ id: made, name: 'Fresh one', own: true, readable: true, tracks: 3 }]);
    expect((await ann.ask('/api/playlist/me?q=liked')).json.items[0].id).toBe('liked');
  });

  it('say which were made here, and of what', async () => {
    const made = give('A shuffle', uris(3));
    await readList();
    const finishedAt = new Date('2026-11-01T10:00:00Z');
    const row = { userId: annId, sourceId: 'liked', sourceName: 'Liked Songs', seed: '', name: 'A shuffle' };
    await gateway.db.prisma.shuffledPlaylist.create({
      data: { ...row, mode: 'spread', status: 'succeeded', playlistId: made, finishedAt },
    });
    const { items } = (await ann.ask('/api/playlist/me?q=shuffle')).json;
    expect(items).toMatchObject([
      { id: made, made: { mode: 'spread', sourceName: 'Liked Songs', at: finishedAt.toISOString() } },
    ]);
  });

  it('are not asked for where the consent has ended', async () => {
    await bob.ask('/api/playlist/me');
    await gateway.db.pool.query(
      `UPDATE spotify_credentials SET reauth_needed_at = now() WHERE user_id <> $1`,
      [annId],
    );
    await gateway.db.pool.query(
      `UPDATE library_states SET playlists_read_at = playlists_read_at - interval '1 day' WHERE user_id <> $1`,
      [annId],
    );
    const before = calls;
    expect((await bob.ask('/api/playlist/me')).json.refreshing).toBeNull();
    expect(calls).toBe(before);
    const refused = await bob.ask('/spotify/sync-favorites', { method: 'POST' });
    expect([refused.status, refused.json.type]).toEqual([422, '/problems/reauth-needed']);
  });
});

describe('Liked Songs', () => {
  it('come page by page as Spotify orders them, and by words', async () => {
    const [song] = tracks(1, 1500);
    gateway.sandbox.control.like('ann', [song?.id ?? '']);
    const sync = await ann.ask('/spotify/sync-favorites', { method: 'POST', headers: waiting });
    expect(sync.json).toMatchObject({ added: 1, removed: 0, pages: 1, full: false });
    const all: string[] = [];
    let cursor = '';
    do {
      const { json } = await ann.ask(`/api/favorites?limit=40${cursor && `&cursor=${cursor}`}`);
      expect(json.total).toBe(sync.json.total);
      for (const item of json.items) all.push(item.track.spotifyId);
      cursor = json.nextCursor ?? '';
    } while (cursor);
    expect(all).toEqual(gateway.sandbox.groundTruth.likedSongs('ann').map(({ id }) => id));

    const words = encodeURIComponent(`${song?.name} ${song?.artists[0]?.name}`.toUpperCase());
    const found = (await ann.ask(`/api/favorites?q=${words}`)).json;
    expect(found.items.map((item: { track: { spotifyId: string } }) => item.track.spotifyId)).toContain(
      song?.id,
    );
    expect(found.total).toBeLessThan(all.length);
    expect((await ann.ask('/api/favorites?q=200%25')).json).toMatchObject({ items: [], total: 0 });
    expect((await ann.ask('/api/favorites?cursor=nonsense')).status).toBe(400);
    expect(
      (await ann.ask('/spotify/sync-favorites?full=1', { method: 'POST', headers: waiting })).json.full,
    ).toBe(true);
  });
});

describe('what is odd about a playlist', () => {
  it('is not known before it was read', async () => {
    const id = give('Unread', uris(3));
    expect((await ann.ask(`/api/library/findings?source=${id}`)).status).toBe(404);
    await readList();
    expect((await ann.ask(`/api/library/findings?source=${id}`)).json).toMatchObject({
      name: 'Unread',
      readAt: null,
      duplicates: [],
    });
    const refused = await ann.ask(`/api/library/export?source=${id}`);
    expect([refused.status, refused.json.type]).toEqual([409, '/problems/not-read']);
  });

  it('are duplicates of three sorts, what cannot be played, and what is no track', async () => {
    const { catalogue } = gateway.sandbox;
    // One recording under two ids: an album track that also came out as a single.
    const single = catalogue.tracks.find((track) =>
      catalogue.tracks.some((other) => other !== track && other.isrc === track.isrc),
    );
    const original = catalogue.tracks.find((other) => other !== single && other.isrc === single?.isrc);
    const [twice = '', merged = '', into = '', alike = '', alikeToo = '', silent = ''] = uris(6, 700);
    gateway.sandbox.control.setUnplayable(silent.slice('spotify:track:'.length), true);
    const episode = catalogue.shows[0]?.episodes[0];
    const list = [
      twice,
      single?.uri ?? '',
      merged,
      alike,
      episode?.uri ?? '',
      twice,
      'spotify:local:Some+Band:Tape:Take+4:187',
      null,
      into,
      original?.uri ?? '',
      alikeToo,
      silent,
    ];
    const id = give('Odd', list);
    await readList();
    expect((await read(id)).json).toEqual({ tracks: 12, unchanged: false });
    const row = async (uri: string): Promise<number> =>
      (await gateway.db.prisma.track.findUniqueOrThrow({ where: { spotifyId: uri.slice(14) } })).id;
    const pair = { userId: annId, trackId: await row(merged), intoId: await row(into) };
    await gateway.db.prisma.trackMerge.create({ data: { ...pair, rootId: pair.intoId } });
    await gateway.db.pool.query(
      `UPDATE tracks t SET name_key = o.name_key, artist_key = o.artist_key, duration_ms = o.duration_ms + 2500
         FROM tracks o WHERE t.id = $1 AND o.id = $2`,
      [await row(alikeToo), await row(alike)],
    );
    const { json } = await ann.ask(`/api/library/findings?source=${id}`);
    expect(json).toMatchObject({ source: id, name: 'Odd', tracks: 12, readAt: expect.any(String) });
    const positions = (lines: { position: number }[]) => lines.map((line) => line.position);
    expect(
      json.duplicates.map(({ why, lines }: { why: string; lines: { position: number }[] }) => [
        why,
        positions(lines),
      ]),
    ).toEqual([
      ['same', [1, 6]],
      ['same', [3, 9]],
      ['isrc', [2, 10]],
      ['alike', [4, 11]],
    ]);
    expect(positions(json.unplayable)).toContain(12);
    expect(json.others).toEqual([
      { position: 5, kind: 'episode', name: episode?.name },
      { position: 7, kind: 'local', name: 'Take 4' },
      { position: 8, kind: 'removed', name: null },
    ]);
    gateway.sandbox.control.setUnplayable(silent.slice('spotify:track:'.length), false);
  });

  it('of somebody else is not told', async () => {
    const id = give('Mine alone', uris(2));
    await read(id);
    for (const path of ['findings', 'export']) {
      expect((await bob.ask(`/api/library/${path}?source=${id}`)).status).toBe(404);
      expect((await gateway.browser().ask(`/api/library/${path}?source=${id}`)).status).toBe(401);
    }
    expect((await ann.ask('/api/library/findings?source=x')).status).toBe(400);
  });
});

describe('an export of a source', () => {
  it('is a table with a heading, or a list, with every line in its place', async () => {
    const id = give('Ünder, Score', [...uris(2), null, 'spotify:local:Some+Band:Tape:=SUM(1):187']);
    await readList();
    await read(id);
    const csv = await ann.ask(`/api/library/export?source=${id}`);
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(csv.headers.get('content-disposition')).toMatch(
      /^attachment; filename="spindle-under-score-\d{4}-\d\d-\d\d\.csv"$/,
    );
    const lines = csv.text.trimEnd().split('\r\n');
    expect(lines).toHaveLength(5);
    expect(lines[0]).toBe(
      '"position","added_at","kind","name","artists","album","release_date","duration_ms","explicit","isrc","uri","unplayable"',
    );
    const [first] = tracks(1);
    expect(lines[1]).toContain(`"track","${first?.name.replaceAll('"', '""')}"`);
    expect(lines[3]).toMatch(/^3,"[^"]+","removed",,/);

    const json = await ann.ask(`/api/library/export?source=${id}&format=json`);
    expect(json.headers.get('content-disposition')).toContain('.json"');
    expect(json.json).toHaveLength(4);
    expect(json.json[0]).toMatchObject({ position: 1, kind: 'track', uri: first?.uri, isrc: first?.isrc });
    expect(json.json[3]).toMatchObject({ position: 4, kind: 'local', name: '=SUM(1)', artists: [] });
  });

  it('of Liked Songs and of an empty playlist is whole, too', async () => {
    const liked = await ann.ask('/api/library/export?source=liked&format=json');
    expect(liked.json.map(({ uri }: { uri: string }) => uri.slice(14))).toEqual(
      gateway.sandbox.groundTruth.likedSongs('ann').map(({ id }) => id),
    );
    const id = give('Nothing', []);
    await read(id);
    expect((await ann.ask(`/api/library/export?source=${id}&format=json`)).json).toEqual([]);
    expect((await ann.ask(`/api/library/export?source=${id}`)).text.split('\r\n')).toHaveLength(2);
  });
});

it('all of it is in the export of my data', async () => {
  const response = await fetch(`${gateway.url}/api/user/export`, { headers: { cookie: ann.cookie } });
  const files = await unzip(Buffer.from(await response.arrayBuffer()));
  const lines = (name: string) =>
    (files.get(`${name}.ndjson`) ?? '')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  expect(lines('liked-tracks').map((line) => line.itemKey)).toEqual(
    gateway.sandbox.groundTruth.likedSongs('ann').map(({ id }) => id),
  );
  expect(lines('library-playlists').map((line) => line.name)).toContain('Odd');
  expect(lines('playlist-contents').some((line) => line.entries.length === 12)).toBe(true);
});
