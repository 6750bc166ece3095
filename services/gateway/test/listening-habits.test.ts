import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ingestPlays, type PlayObservation, recountIfStale, upsertTracks } from '@spindle/db';
import type { Browser } from './support/browser.ts';
import { startGateway, type TestGateway } from './support/test-gateway.ts';

const LENGTH_MS = 100_000;
const DAY_MS = 86_400_000;
const FIRST = Date.parse('2024-05-30T12:00:00Z');
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
    spotifyId: `habit${index}`,
    name: index === 2 ? 'Bob’s <secret> & song' : `Habit ${index}`,
    durationMs: LENGTH_MS,
    explicit: false,
    isrc: null,
    discNumber: 1,
    trackNumber: index,
    artists: [{ spotifyId: `habitual${index}`, name: `Habitual ${index}` }],
    album: {
      spotifyId: `collection${index}`,
      name: `Collection ${index}`,
      albumType: 'album',
      releaseDate: null,
      releaseDatePrecision: null,
      totalTracks: null,
      images: [],
      artists: [{ spotifyId: `habitual${index}`, name: `Habitual ${index}` }],
    },
  }));
  const ids = await gateway.db.transaction((tx) => upsertTracks(tx, items, new Date()));
  tracks = items.map((item) => ids.get(item.spotifyId) ?? 0);
  for (const userId of [annId, bobId]) {
    await gateway.db.prisma.user.update({ where: { id: userId }, data: { timeZone: 'UTC' } });
    await recountIfStale(gateway.db, userId, new Date());
  }
  // Ann: three days in a row, two of one track and one of another each. Bob: one play of a third, and one of the first.
  for (const day of [0, 1, 2]) {
    const at = FIRST + day * DAY_MS;
    await listen(annId, [
      { track: 0, at },
      { track: 0, at: at + 200_000 },
      { track: 1, at: at + 7_200_000 },
    ]);
  }
  await listen(bobId, [
    { track: 2, at: FIRST },
    { track: 0, at: FIRST + 7_200_000 },
  ]);
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

const allow = (id: number, comparable: boolean) =>
  gateway.db.prisma.user.update({ where: { id }, data: { comparable } });

async function problem(browser: Browser, path: string, status: number) {
  const answer = await browser.ask(path);
  expect([path, answer.status]).toEqual([path, status]);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  return answer.json;
}

describe('sessions, streaks and discoveries', () => {
  it('are told of the caller alone', async () => {
    const sessions = (await ann.ask('/api/stats/sessions?range=year&at=2024-01-01&limit=4')).json;
    expect(sessions).toMatchObject({ count: 6, longestMs: 300_000, averageMs: 200_000 });
    expect(sessions.items).toHaveLength(4);
    const cursor = encodeURIComponent(sessions.nextCursor);
    const rest = (await ann.ask(`/api/stats/sessions?range=year&at=2024-01-01&limit=4&cursor=${cursor}`))
      .json;
    expect([rest.items.length, rest.nextCursor]).toEqual([2, null]);
    expect((await bob.ask('/api/stats/sessions')).json.count).toBe(2);

    const streaks = (await ann.ask('/api/stats/streaks')).json;
    expect(streaks).toMatchObject({
      current: null,
      longest: [{ days: 3, from: '2024-05-30', to: '2024-06-01' }],
      activeDays: 3,
      next: { plays: 100, left: 91 },
    });
    expect(streaks.milestones).toEqual([
      expect.objectContaining({ plays: 1, at: new Date(FIRST).toISOString() }),
    ]);

    const found = (await ann.ask('/api/stats/discoveries?from=2024-05-01&to=2024-05-31&kind=tracks')).json;
    expect([found.total, found.by, found.points.length]).toEqual([2, 'day', 31]);
    expect(
      found.items.map((item: { track: { name: string }; plays: number }) => [item.track.name, item.plays]),
    ).toEqual([
      ['Habit 0', 6],
      ['Habit 1', 3],
    ]);
  });

  it('answer 304 until something was played', async () => {
    const first = await bob.ask('/api/stats/streaks');
    const headers = { 'if-none-match': first.headers.get('etag') ?? '' };
    const etag = /^W\/"/;
    expect(first.headers.get('etag')).toMatch(etag);
    expect((await bob.ask('/api/stats/streaks', { headers })).status).toBe(304);
    expect((await ann.ask('/api/stats/streaks', { headers })).status).toBe(200);
    await listen(bobId, [{ track: 2, at: FIRST + 5 * DAY_MS }]);
    const after = await bob.ask('/api/stats/streaks', { headers });
    expect([after.status, after.json.activeDays]).toEqual([200, 2]);
  });

  it('refuse what makes no sense, naming it', async () => {
    for (const [path, at] of [
      ['/api/stats/sessions?order=shortest', 'query.order'],
      ['/api/stats/sessions?from=2024-02-01&to=2024-01-01', 'query.from'],
      ['/api/stats/discoveries?kind=genres', 'query.kind'],
      ['/api/stats/discoveries?range=year&from=2024-01-01', 'query.range'],
      ['/api/stats/streaks?range=year', 'query.range'],
      ['/api/stats/compare?otherFrom=2024-02-01&otherTo=2024-01-01', 'query.otherFrom'],
      ['/api/stats/compare?otherAt=2024-02-01', 'query.otherAt'],
      ['/api/search?q=', 'query.q'],
    ] as const) {
      const { errors } = await problem(ann, path, 400);
      expect([path, errors.map((one: { path: string }) => one.path)]).toEqual([path, [at]]);
    }
    await problem(ann, '/api/stats/sessions?cursor=nonsense', 400);
    await problem(ann, '/api/stats/wrapped/12', 400);
    await problem(gateway.browser(), '/api/stats/streaks', 401);
  });
});

describe('a comparison', () => {
  it('with oneself is with the period before, unless told', async () => {
    const path = '/api/stats/compare?range=day&at=2024-06-01&kind=tracks';
    const { json } = await ann.ask(path);
    expect([json.theirs.period.from, json.likeness, json.shared]).toEqual(['2024-05-31', 1, 2]);
    const other = (await ann.ask(`${path}&otherRange=day&otherAt=2020-01-01`)).json;
    expect([other.theirs.figures.plays, other.likeness, other.items]).toEqual([0, 0, []]);
  });

  it('with somebody needs the leave of both, and tells nobody who exists', async () => {
    const { handle } = await gateway.db.prisma.user.findUniqueOrThrow({ where: { id: bobId } });
    const ask = (name: string) => `/api/stats/compare?from=2024-05-30&to=2024-05-30&kind=tracks&with=${name}`;
    const unknown = await problem(ann, ask('nobody-here'), 404);
    const same = async () => {
      const { detail, title, type } = await problem(ann, ask(handle), 404);
      expect({ detail, title, type }).toEqual({
        detail: unknown.detail,
        title: unknown.title,
        type: unknown.type,
      });
    };
    await same();
    await allow(bobId, true);
    await same();
    await allow(annId, true);
    const { status, json } = await ann.ask(ask(handle));
    expect(status).toBe(200);
    expect([json.shared, json.items[0].track.name]).toEqual([1, 'Habit 0']);
    // Of Ann's plays two thirds are that track, of Bob's one half.
    expect(json.likeness).toBeCloseTo(0.5 / (2 - 0.5), 9);
    expect(JSON.stringify(json)).not.toContain('secret');
    // An answer that was kept is no way around what was taken back; nor is it one after more was played.
    await listen(bobId, [{ track: 1, at: FIRST + 9 * 3_600_000 }]);
    expect((await ann.ask(ask(handle))).json.shared).toBe(2);
    await allow(bobId, false);
    await same();
  });
});

describe('the year in review', () => {
  it('is the year of the caller, and a picture that runs nothing', async () => {
    const { json } = await ann.ask('/api/stats/wrapped/2024');
    expect(json).toMatchObject({ year: 2024, years: [2024], longestStreak: { days: 3 } });
    expect(json.topTracks[0].track.name).toBe('Habit 0');
    await gateway.db.prisma.user.update({
      where: { id: bobId },
      data: { displayName: '<script>alert(1)</script>\u0001' },
    });
    for (const theme of ['dark', 'light']) {
      const picture = await bob.ask(`/api/stats/wrapped/2024/card.svg?theme=${theme}`);
      expect(picture.headers.get('content-type')).toContain('image/svg+xml');
      expect(picture.text).toMatch(/^<svg [^>]*width="1080" height="1350"/);
      expect(picture.text).toContain('&lt;script&gt;');
      expect(picture.text).not.toMatch(/<script|href=|url\((?!#)/);
      expect(picture.text).not.toContain('\u0001');
      expect(picture.text).toContain('Bob’s &lt;secret&gt; &amp;');
    }
    expect((await ann.ask('/api/stats/wrapped/2019')).json).toMatchObject({
      longestStreak: null,
      first: null,
    });
    await problem(ann, '/api/stats/wrapped/2024/card.svg?theme=pink', 400);
  });
});

describe('pages of items and the search', () => {
  it('show the figures of the caller alone', async () => {
    const id = tracks[0] ?? 0;
    const page = (await ann.ask(`/api/tracks/${id}`)).json;
    expect(page.mine).toMatchObject({ plays: 6, rank: 1, firstPlayedAt: new Date(FIRST).toISOString() });
    expect(page.mine.share).toBeCloseTo(6 / 9, 9);
    expect((await bob.ask(`/api/tracks/${id}`)).json.mine).toMatchObject({ plays: 1, rank: 2 });
    expect((await ann.ask(`/api/tracks/${tracks[2]}`)).json.mine).toMatchObject({
      plays: 0,
      rank: null,
      months: [],
    });
    const [artist] = page.track.artists;
    expect((await ann.ask(`/api/artists/${artist.id}`)).json).toMatchObject({
      mine: { plays: 6 },
      topTracks: [{ plays: 6 }],
      topAlbums: [{ plays: 6 }],
    });
    expect((await ann.ask(`/api/albums/${page.track.album.id}`)).json.tracks).toHaveLength(1);
    for (const path of ['/api/tracks/2000000000', '/api/artists/2000000000', '/api/albums/2000000000'])
      await problem(ann, path, 404);
    for (const path of ['/api/tracks/x', '/api/albums/99999999999999']) {
      const { status } = await ann.ask(path);
      expect([path, [400, 404].includes(status)]).toEqual([path, true]);
    }
  });

  it('finds what the caller has played and nothing else', async () => {
    expect((await bob.ask('/api/search?q=secret')).json.tracks).toHaveLength(1);
    expect((await ann.ask('/api/search?q=secret')).json).toEqual({ tracks: [], artists: [], albums: [] });
    expect((await ann.ask('/api/search?q=habit')).json.tracks[0]).toMatchObject({ plays: 6 });
  });
});
