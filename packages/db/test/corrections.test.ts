import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@spindle/testkit';
import {
  addExclusion,
  aliasArtist,
  changePlays,
  changeUserSettings,
  contextIds,
  createDatabase,
  type Database,
  deviceIds,
  ingestPlays,
  listAliases,
  listDevices,
  listExclusions,
  listMerges,
  listPlays,
  loadHistoryState,
  loadUserView,
  mergeTracks,
  recountIfStale,
  removeAlias,
  removeExclusion,
  STALE,
  suggestMerges,
  unmergeTrack,
  upsertTracks,
} from '../src/index.ts';
import { countNaively } from './support/naive-count.ts';
import { readRollups } from './support/rollups.ts';

const NOW = new Date('2026-11-01T12:00:00Z');
const MINUTE = 60_000;
const PLAYLIST = 'spotify:playlist:37i9dQZF1DXcBWIGoYBM5M';
const FIRST = Date.parse('2026-10-01T08:00:00Z');

let store: TestDatabase;
let db: Database;
/** Row ids of tracks A to H, and of artists One to Four. */
let tracks: Record<string, number>;
let artists: Record<string, number>;
let users = 0;

const TRACKS = {
  A: { by: ['One'], name: 'Song', isrc: 'AA0000000001', seconds: 180 },
  B: { by: ['One'], name: 'Song - Single', isrc: 'AA0000000001', seconds: 181 },
  C: { by: ['One'], name: 'Song', isrc: null, seconds: 182 },
  D: { by: ['One'], name: 'Song', isrc: 'AA0000000002', seconds: 240 },
  E: { by: ['Two'], name: 'Song', isrc: null, seconds: 180 },
  F: { by: ['Two', 'Three'], name: 'Other', isrc: null, seconds: 200 },
  G: { by: ['Four'], name: 'Else', isrc: null, seconds: 210 },
  H: { by: ['Three'], name: 'Else', isrc: null, seconds: 210 },
} as const;
const NAMES = Object.keys(TRACKS) as (keyof typeof TRACKS)[];

beforeAll(async () => {
  store = await createTestDatabase();
  db = createDatabase({ url: store.url });
  await db.transaction((tx) =>
    upsertTracks(
      tx,
      NAMES.map((key) => ({
        spotifyId: `track-${key}`,
        name: TRACKS[key].name,
        durationMs: TRACKS[key].seconds * 1_000,
        explicit: false,
        isrc: TRACKS[key].isrc,
        discNumber: 1,
        trackNumber: 1,
        artists: TRACKS[key].by.map((name) => ({ spotifyId: `artist-${name}`, name })),
        album: {
          spotifyId: `album-${key < 'E' ? 'early' : 'late'}`,
          name: key < 'E' ? 'Early' : 'Late',
          albumType: 'album',
          releaseDate: '2020',
          releaseDatePrecision: 'year',
          totalTracks: 4,
          images: [],
          artists: [],
        },
      })),
      NOW,
    ),
  );
  const named = async (prefix: string, rows: { id: number; spotifyId: string | null }[]) =>
    Object.fromEntries(rows.map((row) => [(row.spotifyId ?? '').slice(prefix.length), row.id]));
  tracks = await named('track-', await db.prisma.track.findMany());
  artists = await named('artist-', await db.prisma.artist.findMany());
});
afterAll(async () => {
  await db.close();
  await store.drop();
});

const track = (name: string) => tracks[name] ?? 0;
const artist = (name: string) => artists[name] ?? 0;

async function newListener(timeZone = 'Europe/Berlin'): Promise<number> {
  users += 1;
  const name = `corrector-${users}`;
  const { id } = await db.prisma.user.create({
    data: { accountId: name, spotifyId: name, handle: name, displayName: name, timeZone },
  });
  return id;
}

interface Heard {
  readonly name: string;
  /** Minutes after 2026-10-01 08:00 UTC. */
  readonly at: number;
  readonly context?: string;
  readonly device?: string;
  readonly seconds?: number;
}

async function hear(userId: number, plays: readonly Heard[]): Promise<void> {
  await db.transaction(async (tx) => {
    const contexts = await contextIds(
      tx,
      plays.flatMap((play) => play.context ?? []),
    );
    const devices = await deviceIds(
      tx,
      plays.flatMap((play) => play.device ?? []),
    );
    await ingestPlays(
      tx,
      userId,
      plays.map((play) => {
        const startedAt = FIRST + play.at * MINUTE;
        const msPlayed = (play.seconds ?? 120) * 1_000;
        return {
          trackId: track(play.name),
          source: 'live' as const,
          startedAt,
          endedAt: startedAt + msPlayed,
          msPlayed,
          durationMs: 200_000,
          contextId: contexts.get(play.context ?? '') ?? null,
          deviceId: devices.get(play.device ?? '') ?? null,
        };
      }),
    );
  });
}

const key = (name: string, at: number) => ({
  trackId: track(name),
  playedAt: new Date(FIRST + at * MINUTE),
});

/** Plays by track, as the figures have them. */
async function counts(userId: number, kind = 1): Promise<Record<string, number>> {
  const { rows } = await db.pool.query<{ item_id: number; plays: number }>(
    'SELECT item_id, plays FROM play_periods WHERE user_id = $1 AND grain = 3 AND kind = $2',
    [userId, kind],
  );
  const names = kind === 1 ? tracks : artists;
  return Object.fromEntries(
    rows.map((row) => [Object.keys(names).find((name) => names[name] === row.item_id), row.plays]),
  );
}

async function staleness(userId: number): Promise<number> {
  return (await loadHistoryState(db.pool, userId)).stale;
}

async function expectRight(userId: number): Promise<void> {
  expect(await readRollups(db, userId)).toEqual(await countNaively(db, userId));
}

describe('plays changed by hand', () => {
  it('leave and come back with their figures at once, many in one go, and each only once', async () => {
    const userId = await newListener();
    await hear(userId, [
      { name: 'A', at: 0 },
      { name: 'A', at: 60 },
      { name: 'E', at: 120 },
    ]);
    const both = [key('A', 0), key('E', 120), key('A', 0), key('G', 5)];
    expect(await changePlays(db, userId, 'hide', both, NOW)).toBe(2);
    expect(await changePlays(db, userId, 'hide', both, NOW)).toBe(0);
    expect(await staleness(userId)).toBe(STALE.no);
    expect(await counts(userId)).toEqual({ A: 1 });
    await expectRight(userId);
    const { items } = await listPlays(db, { userId, limit: 10 });
    expect(items.map((play) => [play.counts, play.uncounted])).toEqual([
      [false, 'hidden'],
      [true, null],
      [false, 'hidden'],
    ]);

    expect(await changePlays(db, userId, 'show', both, NOW)).toBe(2);
    expect(await counts(userId)).toEqual({ A: 2, E: 1 });
    expect(await changePlays(db, userId, 'delete', both, NOW)).toBe(2);
    expect(await changePlays(db, userId, 'delete', both, NOW)).toBe(0);
    expect(await counts(userId)).toEqual({ A: 1 });
    await expectRight(userId);
  });

  it('are those of the listener who asks, and nobody else’s', async () => {
    const [mine, other] = [await newListener(), await newListener()];
    await hear(mine, [{ name: 'A', at: 0 }]);
    await hear(other, [{ name: 'A', at: 0 }]);
    const before = await readRollups(db, other);
    expect(await changePlays(db, mine, 'delete', [key('A', 0)], NOW)).toBe(1);
    expect(await readRollups(db, other)).toEqual(before);
    expect((await listPlays(db, { userId: other, limit: 5 })).items).toHaveLength(1);
  });

  it('that were deleted do not come back when they are told again', async () => {
    const userId = await newListener();
    await hear(userId, [{ name: 'A', at: 0 }]);
    await changePlays(db, userId, 'delete', [key('A', 0)], NOW);
    await hear(userId, [{ name: 'A', at: 0 }]);
    expect(await counts(userId)).toEqual({});
  });
});

describe('exclusion rules', () => {
  const plays: readonly Heard[] = [
    { name: 'A', at: 0, context: PLAYLIST, device: 'Kitchen' },
    { name: 'F', at: 60, device: 'Kitchen' },
    // 22:30 and 00:30 in Berlin.
    { name: 'E', at: 750, device: 'Phone' },
    { name: 'G', at: 870, context: PLAYLIST },
  ];
  const kinds = [
    [
      'an artist, also as one of several',
      () => ({ kind: 'artist' as const, artistId: String(artist('Three')) }),
      ['F'],
    ],
    ['a playlist by its URI', () => ({ kind: 'context' as const, context: PLAYLIST }), ['A', 'G']],
    [
      'a playlist by its address',
      () => ({
        kind: 'context' as const,
        context: 'https://open.spotify.com/intl-de/playlist/37i9dQZF1DXcBWIGoYBM5M?si=abc',
      }),
      ['A', 'G'],
    ],
    ['a device', () => ({ kind: 'device' as const, device: 'Kitchen' }), ['A', 'F']],
    [
      'hours of the day over midnight',
      () => ({ kind: 'hours' as const, fromHour: 22, toHour: 1 }),
      ['E', 'G'],
    ],
    ['hours up to midnight', () => ({ kind: 'hours' as const, fromHour: 22, toHour: 24 }), ['E']],
    [
      'a stretch of time, both ends included',
      () => ({ kind: 'session' as const, from: '2026-10-01T09:00:00Z', to: '2026-10-01T20:30:00Z' }),
      ['F', 'E'],
    ],
  ] as const;

  it.each(kinds)('keep out %s, say how much they cover, and bring it back', async (_name, rule, covered) => {
    const userId = await newListener();
    await hear(userId, plays);
    const before = await readRollups(db, userId);
    const made = await addExclusion(db, userId, rule(), NOW);
    expect(made.plays).toBe(covered.length);
    // Until the recount the figures are those from before, all of them.
    expect(await staleness(userId)).toBe(STALE.all);
    expect(await readRollups(db, userId)).toEqual(before);
    expect(await recountIfStale(db, userId, NOW)).toBe(true);
    const expected = plays.map((play) => play.name).filter((name) => !covered.some((one) => one === name));
    expect(Object.keys(await counts(userId)).sort()).toEqual(expected.sort());
    await expectRight(userId);
    const uncounted = (await listPlays(db, { userId, limit: 10, counted: false })).items;
    expect(uncounted.map((play) => play.uncounted)).toEqual(covered.map(() => 'excluded'));
    expect((await listExclusions(db.pool, userId)).map((one) => one.plays)).toEqual([covered.length]);

    // What is heard under the rule later does not count either.
    await hear(
      userId,
      plays.map((play) => ({ ...play, at: play.at + 24 * 60 })),
    );
    await expectRight(userId);

    expect(await removeExclusion(db, userId, Number(made.id), NOW)).toBe(true);
    expect(await removeExclusion(db, userId, Number(made.id), NOW)).toBe(false);
    await recountIfStale(db, userId, NOW);
    await expectRight(userId);
    expect((await listPlays(db, { userId, limit: 10, counted: true })).items).toHaveLength(8);
  });

  it('come back to the very figures from before', async () => {
    const userId = await newListener();
    await hear(userId, plays);
    const before = await readRollups(db, userId);
    const rules = [];
    for (const [, rule] of kinds.filter((_kind, index) => index !== 2)) {
      rules.push(await addExclusion(db, userId, rule(), NOW));
      await recountIfStale(db, userId, NOW);
    }
    expect(await counts(userId)).toEqual({});
    for (const rule of rules) await removeExclusion(db, userId, Number(rule.id), NOW);
    await recountIfStale(db, userId, NOW);
    expect(await readRollups(db, userId)).toEqual(before);
  });

  it('of two that cover a play each keep it out', async () => {
    const userId = await newListener();
    await hear(userId, plays);
    const byDevice = await addExclusion(db, userId, { kind: 'device', device: 'Kitchen' }, NOW);
    await addExclusion(db, userId, { kind: 'artist', artistId: String(artist('One')) }, NOW);
    await removeExclusion(db, userId, Number(byDevice.id), NOW);
    await recountIfStale(db, userId, NOW);
    expect(Object.keys(await counts(userId)).sort()).toEqual(['E', 'F', 'G']);
  });

  it.each([
    ['an artist who is not there', { kind: 'artist', artistId: '2000000000' }, 'unknown'],
    ['what is no address', { kind: 'context', context: 'https://example.org/playlist/1' }, 'invalid'],
    ['a single track', { kind: 'context', context: 'spotify:track:37i9dQZF1DXcBWIGoYBM5M' }, 'invalid'],
    ['a device of nobody’s', { kind: 'device', device: 'Fridge' }, 'unknown'],
    ['no hours at all', { kind: 'hours', fromHour: 4, toHour: 4 }, 'invalid'],
    [
      'a stretch that ends before it begins',
      { kind: 'session', from: '2026-10-02T00:00:00Z', to: '2026-10-01T00:00:00Z' },
      'invalid',
    ],
  ] as const)('refuse %s, and change nothing', async (_name, rule, reason) => {
    const userId = await newListener();
    await hear(userId, plays);
    await expect(addExclusion(db, userId, rule, NOW)).rejects.toMatchObject({
      name: 'CorrectionRefused',
      reason,
    });
    expect(await listExclusions(db.pool, userId)).toEqual([]);
    expect(await staleness(userId)).toBe(STALE.no);
  });

  it('stand once each', async () => {
    const userId = await newListener();
    await hear(userId, plays);
    await addExclusion(db, userId, { kind: 'device', device: 'Phone' }, NOW);
    await expect(addExclusion(db, userId, { kind: 'device', device: 'Phone' }, NOW)).rejects.toMatchObject({
      reason: 'exists',
    });
    expect(await listExclusions(db.pool, userId)).toHaveLength(1);
  });

  it('belong to one listener: nobody else may take them away, or is touched by them', async () => {
    const [mine, other] = [await newListener(), await newListener()];
    await hear(mine, plays);
    await hear(other, plays);
    const rule = await addExclusion(db, mine, { kind: 'device', device: 'Kitchen' }, NOW);
    expect(await removeExclusion(db, other, Number(rule.id), NOW)).toBe(false);
    expect(await listExclusions(db.pool, other)).toEqual([]);
    expect(await staleness(other)).toBe(STALE.no);
    await recountIfStale(db, mine, NOW);
    await expectRight(other);
  });

  it('can be chosen from the devices that the plays name, the most used first', async () => {
    const userId = await newListener();
    await hear(userId, plays);
    expect(await listDevices(db.pool, userId)).toEqual([
      { name: 'Kitchen', plays: 2 },
      { name: 'Phone', plays: 1 },
    ]);
  });
});

describe('settings', () => {
  it('show the artists’ rules as hidden artists, and change them as a whole', async () => {
    const userId = await newListener();
    await hear(userId, [
      { name: 'A', at: 0, device: 'Phone' },
      { name: 'E', at: 60 },
    ]);
    await addExclusion(db, userId, { kind: 'artist', artistId: String(artist('One')) }, NOW);
    await addExclusion(db, userId, { kind: 'device', device: 'Phone' }, NOW);
    expect((await loadUserView(db, userId, [], NOW))?.hiddenArtists).toEqual([String(artist('One'))]);
    await recountIfStale(db, userId, NOW);
    const ids = async () =>
      (await listExclusions(db.pool, userId)).filter((one) => one.kind === 'artist').map((one) => one.id);
    const [first] = await ids();

    // The same set again is no change: the rule stays the rule it is, and nothing is counted anew.
    expect(await changeUserSettings(db, userId, { hiddenArtists: [artist('One')] })).toEqual({
      ok: true,
      recount: false,
    });
    expect(await ids()).toEqual([first]);
    expect(await staleness(userId)).toBe(STALE.no);

    expect(
      await changeUserSettings(db, userId, { hiddenArtists: [artist('One'), artist('Two')] }),
    ).toMatchObject({ recount: true });
    expect(await ids()).toHaveLength(2);
    expect(await ids()).toContain(first);
    await recountIfStale(db, userId, NOW);
    expect(await counts(userId)).toEqual({});
    await changeUserSettings(db, userId, { hiddenArtists: [] });
    await recountIfStale(db, userId, NOW);
    // The device's rule is none of the settings' business.
    expect(await counts(userId)).toEqual({ E: 1 });
  });

  it('count short plays in retrospect, and say why a play does not count', async () => {
    const userId = await newListener();
    await hear(userId, [
      { name: 'A', at: 0, seconds: 20 },
      { name: 'E', at: 60, seconds: 100 },
    ]);
    expect(await counts(userId)).toEqual({ E: 1 });
    const { items } = await listPlays(db, { userId, limit: 5, counted: false });
    expect(items.map((play) => play.uncounted)).toEqual(['too-short']);
    expect(await changeUserSettings(db, userId, { minPlayMs: 10_000 })).toEqual({ ok: true, recount: true });
    expect(await staleness(userId)).toBe(STALE.all);
    await recountIfStale(db, userId, NOW);
    expect(await counts(userId)).toEqual({ A: 1, E: 1 });
    expect(await changeUserSettings(db, userId, { minPlayMs: 10_000, displayName: 'X' })).toEqual({
      ok: true,
      recount: false,
    });
  });
});

describe('merges', () => {
  const everything = NAMES.map((name, index) => ({ name, at: index * 60 }));
  const said = async (userId: number) =>
    (await db.prisma.trackMerge.findMany({ where: { userId }, orderBy: { trackId: 'asc' } })).map((one) => [
      one.trackId,
      one.intoId,
      one.rootId,
    ]);

  it('count for the end of a chain, and for what is left of it when one is taken back', async () => {
    const userId = await newListener();
    await hear(userId, everything);
    const before = await readRollups(db, userId);
    const [a, b, c] = [track('A'), track('B'), track('C')];
    const made = await mergeTracks(db, userId, [a], b, NOW);
    expect(made).toMatchObject([{ track: { id: String(a) }, into: { id: String(b) } }]);
    await mergeTracks(db, userId, [b], c, NOW);
    expect(await said(userId)).toEqual([
      [a, b, c],
      [b, c, c],
    ]);
    await recountIfStale(db, userId, NOW);
    expect(await counts(userId)).toMatchObject({ C: 3 });
    await expectRight(userId);

    expect(await unmergeTrack(db, userId, b, NOW)).toBe(true);
    expect(await unmergeTrack(db, userId, b, NOW)).toBe(false);
    expect(await said(userId)).toEqual([[a, b, b]]);
    await recountIfStale(db, userId, NOW);
    expect(await counts(userId)).toMatchObject({ B: 2, C: 1 });
    expect(await unmergeTrack(db, userId, a, NOW)).toBe(true);
    await recountIfStale(db, userId, NOW);
    expect(await readRollups(db, userId)).toEqual(before);
    expect(await listMerges(db.pool, userId)).toEqual([]);
  });

  it('join whole groups: what was merged into a track follows it', async () => {
    const userId = await newListener();
    await hear(userId, everything);
    await mergeTracks(db, userId, [track('B'), track('C'), track('B')], track('A'), NOW);
    await mergeTracks(db, userId, [track('A')], track('E'), NOW);
    expect((await said(userId)).map(([, , root]) => root)).toEqual([track('E'), track('E'), track('E')]);
    await recountIfStale(db, userId, NOW);
    // All four count for E and its artist now.
    expect(await counts(userId)).toMatchObject({ E: 4 });
    expect(await counts(userId, 2)).toMatchObject({ One: 1, Two: 5 });
    await expectRight(userId);
  });

  it('can be turned elsewhere, and said again without effect', async () => {
    const userId = await newListener();
    await hear(userId, everything);
    await mergeTracks(db, userId, [track('A')], track('B'), NOW);
    await mergeTracks(db, userId, [track('A')], track('C'), NOW);
    expect(await said(userId)).toEqual([[track('A'), track('C'), track('C')]]);
    await recountIfStale(db, userId, NOW);
    await mergeTracks(db, userId, [track('A')], track('C'), NOW);
    expect(await staleness(userId)).toBe(STALE.no);
  });

  it('refuse a track into itself, circles and tracks of others, and then change nothing', async () => {
    const [userId, other] = [await newListener(), await newListener()];
    await hear(userId, everything.slice(0, 4));
    await hear(other, everything);
    await mergeTracks(db, userId, [track('A')], track('B'), NOW);
    await mergeTracks(db, userId, [track('B')], track('C'), NOW);
    await recountIfStale(db, userId, NOW);
    const before = await said(userId);
    for (const [ids, into, reason] of [
      [[track('A'), track('D')], track('A'), 'circle'],
      [[track('D'), track('C')], track('A'), 'circle'],
      [[track('B')], track('A'), 'circle'],
      [[track('A'), track('H')], track('D'), 'unknown'],
      [[track('A')], track('H'), 'unknown'],
      [[track('A')], 2_000_000_000, 'unknown'],
    ] as const) {
      await expect(mergeTracks(db, userId, ids, into, NOW)).rejects.toMatchObject({ reason });
    }
    expect(await said(userId)).toEqual(before);
    expect(await staleness(userId)).toBe(STALE.no);
    expect(await unmergeTrack(db, other, track('A'), NOW)).toBe(false);
    expect(await said(other)).toEqual([]);
  });

  it('are suggested for one recording under several ids, the most played first', async () => {
    const userId = await newListener();
    await hear(userId, [
      ...everything,
      { name: 'C', at: 900 },
      { name: 'C', at: 960 },
      { name: 'B', at: 1_000 },
    ]);
    const { items, nextOffset } = await suggestMerges(db.pool, userId, { limit: 10, offset: 0 });
    const shape = (found: typeof items) =>
      found.map((one) => [one.reason, ...one.tracks.map(({ track: { id }, plays }) => [id, plays])]);
    // D is a minute longer, E of another artist, G and H share no artist.
    expect(shape(items)).toEqual([
      ['name', [String(track('C')), 3], [String(track('A')), 1]],
      ['isrc', [String(track('B')), 2], [String(track('A')), 1]],
    ]);
    expect(nextOffset).toBeNull();

    const first = await suggestMerges(db.pool, userId, { limit: 1, offset: 0 });
    expect(first.nextOffset).toBe(1);
    const second = await suggestMerges(db.pool, userId, { limit: 1, offset: 1 });
    expect([...shape(first.items), ...shape(second.items)]).toEqual(shape(items));

    await mergeTracks(db, userId, [track('A')], track('C'), NOW);
    // At once, though the figures still wait for their recount.
    expect((await suggestMerges(db.pool, userId, { limit: 10, offset: 0 })).items).toEqual([]);
  });
});

describe('aliases of artists', () => {
  it('count for the artist they stand for, in chains, and can be taken back', async () => {
    const userId = await newListener();
    await hear(userId, [
      { name: 'A', at: 0 },
      { name: 'F', at: 60 },
      { name: 'G', at: 120 },
    ]);
    const before = await readRollups(db, userId);
    const [one, two, three] = [artist('One'), artist('Two'), artist('Three')];
    const made = await aliasArtist(db, userId, two, three, NOW);
    expect(made).toMatchObject({ artist: { id: String(two) }, into: { id: String(three) } });
    await recountIfStale(db, userId, NOW);
    // A track that names both counts once.
    expect(await counts(userId, 2)).toEqual({ One: 1, Three: 1, Four: 1 });
    await aliasArtist(db, userId, three, one, NOW);
    await recountIfStale(db, userId, NOW);
    expect(await counts(userId, 2)).toEqual({ One: 2, Four: 1 });
    await expectRight(userId);
    expect(await listAliases(db.pool, userId)).toHaveLength(2);

    for (const [id, into, reason] of [
      [one, one, 'circle'],
      [one, two, 'circle'],
      [one, 2_000_000_000, 'unknown'],
    ] as const) {
      await expect(aliasArtist(db, userId, id, into, NOW)).rejects.toMatchObject({ reason });
    }
    const stranger = await newListener();
    await hear(stranger, [{ name: 'A', at: 0 }]);
    await expect(aliasArtist(db, stranger, one, two, NOW)).rejects.toMatchObject({ reason: 'unknown' });
    expect(await removeAlias(db, stranger, two, NOW)).toBe(false);

    expect(await removeAlias(db, userId, three, NOW)).toBe(true);
    await recountIfStale(db, userId, NOW);
    expect(await counts(userId, 2)).toEqual({ One: 1, Three: 1, Four: 1 });
    expect(await removeAlias(db, userId, two, NOW)).toBe(true);
    await recountIfStale(db, userId, NOW);
    expect(await readRollups(db, userId)).toEqual(before);
  });
});
