import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  changeUserSettings,
  ingestPlays,
  localDay,
  type PlayObservation,
  recountIfStale,
  startShare,
  upsertTracks,
} from '@spindle/db';
import type { Browser } from './support/browser.ts';
import { startGateway, type TestGateway } from './support/test-gateway.ts';

const ZONE = 'Asia/Kathmandu';
const LENGTH_MS = 100_000;
let gateway: TestGateway;
let ann: Browser;
let bob: Browser;
let annId: number;
let bobId: number;
let tracks: number[];

beforeAll(async () => {
  gateway = await startGateway();
  ann = await gateway.signedIn('ann');
  bob = await gateway.signedIn('bob');
  annId = Number((await ann.ask('/api/user')).json.id);
  bobId = Number((await bob.ask('/api/user')).json.id);
  const items = [0, 1, 2].map((index) => ({
    spotifyId: `track${index}`,
    name: `Track ${index}`,
    durationMs: LENGTH_MS,
    explicit: false,
    isrc: null,
    discNumber: 1,
    trackNumber: index,
    artists: [{ spotifyId: `artist${index % 2}`, name: `Artist ${index % 2}` }],
    album: {
      spotifyId: 'album',
      name: 'Album',
      albumType: 'album',
      releaseDate: null,
      releaseDatePrecision: null,
      totalTracks: null,
      images: [],
      artists: [{ spotifyId: 'artist0', name: 'Artist 0' }],
    },
  }));
  const ids = await gateway.db.transaction((tx) => upsertTracks(tx, items, new Date()));
  tracks = items.map((item) => ids.get(item.spotifyId) ?? 0);
  for (const userId of [annId, bobId]) {
    await changeUserSettings(gateway.db, userId, { timeZone: ZONE });
    await recountIfStale(gateway.db, userId, new Date());
  }
  // In 2024: track 0 five times, track 1 three times, track 2 once, all in one evening; in 2023 track 1.
  const evening = Date.parse('2024-05-31T13:00:00Z');
  await listen(
    annId,
    [0, 0, 0, 0, 0, 1, 1, 1, 2].map((track, index) => ({ track, at: evening + index * 1_800_000 })),
  );
  await listen(annId, [{ track: 1, at: Date.parse('2023-05-31T13:00:00Z') }]);
  await listen(bobId, [{ track: 2, at: evening }]);
});
afterAll(() => gateway.stop());

async function listen(userId: number, plays: { track: number; at: number }[]): Promise<void> {
  const observations = plays.map(
    ({ track, at }): PlayObservation => ({
      trackId: tracks[track] ?? 0,
      source: 'recently-played',
      startedAt: at,
      endedAt: at + LENGTH_MS,
      msPlayed: null,
      durationMs: LENGTH_MS,
    }),
  );
  await gateway.db.transaction((tx) => ingestPlays(tx, userId, observations));
}

const figures = (plays: number) => ({
  plays,
  msPlayed: plays * LENGTH_MS,
  msAssumed: plays * LENGTH_MS,
});

describe('my statistics', () => {
  it('sum a period up, with the one before beside it', async () => {
    const { status, json } = await ann.ask('/api/stats/summary?range=year&at=2024-02-01');
    expect(status).toBe(200);
    expect(json).toMatchObject({
      period: { range: 'year', from: '2024-01-01', to: '2024-12-31', timeZone: ZONE },
      figures: figures(9),
      distinct: { tracks: 3, artists: 2, albums: 1 },
      discovered: { tracks: 2, artists: 1, albums: 0 },
      activeDays: 1,
      days: 366,
      previous: { figures: figures(1), distinct: { tracks: 1, artists: 1, albums: 1 }, activeDays: 1 },
      counting: { minPlayMs: 30_000, recounting: false, firstPlayAt: '2023-05-31T13:00:00.000Z' },
    });
  });

  it('list the most played, page by page', async () => {
    const path = '/api/stats/top/tracks?from=2024-05-01&to=2024-06-30&limit=2';
    const first = (await ann.ask(path)).json;
    expect(first).toMatchObject({ figures: figures(9), total: 3 });
    expect(first.items).toMatchObject([
      { rank: 1, ...figures(5), track: { name: 'Track 0' }, previous: { plays: 0, msPlayed: 0 } },
      { rank: 2, ...figures(3), track: { name: 'Track 1' } },
    ]);
    const second = (await ann.ask(`${path}&cursor=${first.nextCursor}`)).json;
    expect(second.items).toMatchObject([{ rank: 3, ...figures(1), track: { name: 'Track 2' } }]);
    expect(second.nextCursor).toBeNull();
    const artists = (await ann.ask('/api/stats/top/artists?range=all&by=time')).json;
    expect(artists.items).toMatchObject([
      { artist: { name: 'Artist 0' }, ...figures(6), previous: null },
      { artist: { name: 'Artist 1' }, ...figures(4) },
    ]);
  });

  it('tell days and hours of my own zone apart', async () => {
    // 13:00 UTC is 18:45 in Kathmandu; nine plays, one every half an hour.
    const days = (await ann.ask('/api/stats/timeline?from=2024-05-30&to=2024-06-01')).json;
    expect(days).toMatchObject({ by: 'day', gaps: [] });
    expect(days.points.map((point: { at: string; plays: number }) => [point.at, point.plays])).toEqual([
      ['2024-05-30', 0],
      ['2024-05-31', 9],
      ['2024-06-01', 0],
    ]);
    const hours = (await ann.ask('/api/stats/timeline?range=day&at=2024-05-31')).json;
    expect(hours.by).toBe('hour');
    expect(hours.points.slice(17, 24).map((point: { plays: number }) => point.plays)).toEqual([
      0, 1, 2, 2, 2, 2, 0,
    ]);
    const { cells } = (await ann.ask('/api/stats/clock?range=year&at=2024-01-01')).json;
    expect(cells).toHaveLength(168);
    expect(cells[4 * 24 + 18]).toEqual({ weekday: 5, hour: 18, ...figures(1) });
  });

  it('know today', async () => {
    const now = new Date();
    await listen(bobId, [{ track: 0, at: now.getTime() }]);
    const { status, json } = await bob.ask('/dashboard/today');
    expect(status).toBe(200);
    expect(json).toMatchObject({ timeZone: ZONE, yesterday: { plays: expect.any(Number) } });
    // Unless midnight was in between.
    if (json.day === localDay(now, ZONE)) {
      expect(json).toMatchObject({
        figures: figures(1),
        distinct: { tracks: 1, artists: 1, albums: 1 },
        topTrack: { rank: 1, track: { name: 'Track 0' } },
        topArtist: { artist: { name: 'Artist 0' } },
      });
    }
  });

  it('are of nobody else', async () => {
    const mine = (await bob.ask('/api/stats/top/tracks?range=year&at=2024-01-01')).json;
    expect(mine).toMatchObject({ figures: figures(1), total: 1, items: [{ track: { name: 'Track 2' } }] });
    const seen = await ann.ask('/api/stats/summary?range=year&at=2024-01-01');
    const theirs = await bob.ask('/api/stats/summary?range=year&at=2024-01-01', {
      headers: { 'if-none-match': seen.headers.get('etag') ?? '' },
    });
    expect(theirs.status).toBe(200);
    expect(theirs.json.figures).toEqual(figures(1));
    expect((await gateway.browser().ask('/api/stats/summary')).status).toBe(401);
  });
});

describe('an unchanged history', () => {
  it('answers 304 to who has the answer, until a play comes', async () => {
    const path = '/api/stats/top/tracks?range=all';
    const first = await ann.ask(path);
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^W\/"[\w-]{20,}"$/);
    expect(first.headers.get('cache-control')).toBe('private, no-cache');
    const ask = () => ann.ask(path, { headers: { 'if-none-match': etag } });
    const second = await ask();
    expect(second.headers.get('etag')).toBe(etag);
    expect([second.status, second.text]).toEqual([304, '']);
    const several = await ann.ask(path, { headers: { 'if-none-match': `"x", ${etag.slice(2)}` } });
    expect(several.status).toBe(304);
    // Another question is not answered by it.
    const other = await ann.ask(`${path}&by=time`, { headers: { 'if-none-match': etag } });
    expect(other.status).toBe(200);

    await listen(annId, [{ track: 2, at: Date.parse('2022-01-01T00:00:00Z') }]);
    const third = await ask();
    expect(third.status).toBe(200);
    expect(third.json.figures.plays).toBe(first.json.figures.plays + 1);
    expect(third.headers.get('etag')).not.toBe(etag);
  });

  it('answers anew once the zone is another', async () => {
    const path = '/api/stats/clock?range=year&at=2024-01-01';
    const first = await bob.ask(path);
    await changeUserSettings(gateway.db, bobId, { timeZone: 'UTC' });
    await recountIfStale(gateway.db, bobId, new Date());
    const second = await bob.ask(path, { headers: { 'if-none-match': first.headers.get('etag') ?? '' } });
    expect(second.status).toBe(200);
    expect(second.json.period.timeZone).toBe('UTC');
    expect(second.json.cells[4 * 24 + 13]).toMatchObject({ plays: 1 });
    expect(first.json.cells[4 * 24 + 18]).toMatchObject({ plays: 1 });
  });
});

describe('what cannot be asked', () => {
  it.each([
    ['summary?range=decade', 'query.range'],
    ['summary?from=2024-02-30', 'query.from'],
    ['summary?from=2024-02-02&to=2024-02-01', 'query.from'],
    ['summary?at=2024-02-01', 'query.at'],
    ['summary?range=year&to=2024-02-01', 'query.range'],
    ['summary?range=day&at=1969-12-31', 'query.at'],
    ['clock?range=year&hour=3', 'query.hour'],
    ['timeline?range=year&by=hour', 'query.by'],
    ['timeline?range=year&by=minute', 'query.by'],
    ['top/tracks?limit=0', 'query.limit'],
    ['top/tracks?by=name', 'query.by'],
    ['top/tracks?cursor=!', 'query.cursor'],
    ['top/tracks?cursor=LTE', 'query.cursor'],
    ['top/episodes', 'path.kind'],
  ])('%s is refused for its %s', async (path, field) => {
    const answer = await ann.ask(`/api/stats/${path}`);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.headers.get('etag')).toBeNull();
    expect(answer.json.errors.map((error: { path: string }) => error.path)).toContain(field);
  });
});

describe('a public profile', () => {
  const anybody = () => gateway.browser();
  const parts = ['summary', 'top/tracks', 'timeline', 'clock'].map(
    (part) => `stats/${part}?range=year&at=2024-01-01`,
  );
  const show = async (change: Parameters<typeof changeUserSettings>[2]) => {
    await changeUserSettings(gateway.db, annId, change);
  };
  let handle: string;
  beforeAll(async () => {
    handle = (await ann.ask('/api/user')).json.handle;
  });
  const ask = (path = '', who: string = handle) => anybody().ask(`/api/users/${who}${path && `/${path}`}`);

  it('shows nothing that is off, in the words for nobody', async () => {
    const nobody = await ask('', 'nobody-at-all');
    expect(nobody.status).toBe(404);
    const refused = async (paths: string[]) => {
      for (const path of paths) {
        const answer = await ask(path);
        expect([path, answer.status, answer.json.detail]).toEqual([path, 404, nobody.json.detail]);
        expect(answer.json.type).toBe(nobody.json.type);
      }
    };
    await show({ publicProfile: false, publicHistory: true, publicStats: true });
    await refused(['', 'plays', ...parts]);
    await show({ publicProfile: true, publicHistory: false, publicStats: false });
    await refused(['plays', ...parts]);
    expect((await ask()).json).toMatchObject({
      handle,
      parts: { now: false, recent: false, stats: false, comparable: false },
    });
  });

  it('shows the figures once they are on, without what concerns the listener alone', async () => {
    await show({ publicProfile: true, publicStats: true, publicHistory: false });
    const [summary, top, timeline, clock] = await Promise.all(parts.map((part) => ask(part)));
    expect(summary?.json).toMatchObject({ figures: figures(9) });
    expect(Object.keys(summary?.json)).toEqual(expect.not.arrayContaining(['counting', 'gaps']));
    expect(top?.json.items).toMatchObject([{ ...figures(5) }, {}, {}]);
    expect(timeline?.json.points).toHaveLength(12);
    expect(timeline?.json.gaps).toBeUndefined();
    expect(clock?.json.cells).toHaveLength(168);
    expect((await ask('plays')).status).toBe(404);

    const etag = summary?.headers.get('etag') ?? '';
    const again = () =>
      anybody().ask(`/api/users/${handle}/${parts[0]}`, { headers: { 'if-none-match': etag } });
    expect((await again()).status).toBe(304);
    // Whoever has an answer does not learn by it that it still holds.
    await show({ publicStats: false });
    expect((await again()).status).toBe(404);
  });

  it('shows last plays, and that something is shared, without saying where it was heard', async () => {
    await show({ publicProfile: true, publicHistory: true, publicStats: false });
    await startShare(gateway.db, annId, null, new Date(Date.now() - 1_000));
    expect((await ask()).json.parts).toMatchObject({ now: true, recent: true, stats: false });
    const hidden = await gateway.db.prisma.play.findFirstOrThrow({
      where: { userId: annId },
      orderBy: { playedAt: 'desc' },
    });
    expect((await ask('plays')).json.items).toHaveLength(11);
    await gateway.db.pool.query('UPDATE plays SET flags = flags | 16 WHERE user_id = $1 AND played_at = $2', [
      annId,
      hidden.playedAt,
    ]);
    const { items } = (await ask('plays?limit=3')).json;
    expect(items).toMatchObject([
      { track: { name: 'Track 1' }, context: null, device: null },
      { track: { name: 'Track 1' } },
      { track: { name: 'Track 1' } },
    ]);
    expect((await ask('plays?limit=51')).status).toBe(400);
  });
});
