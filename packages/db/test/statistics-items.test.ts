import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { seededRandom } from '@spindle/service-kit';
import { createTestDatabase, type TestDatabase } from '@spindle/testkit';
import {
  compareSides,
  createDatabase,
  type Database,
  findComparable,
  type Listener,
  loadAlbumPage,
  loadArtistPage,
  loadListener,
  loadTrackPage,
  resolveRange,
  searchItems,
} from '../src/index.ts';
import { addDays, addMonths } from '../src/statistics/calendar-day.ts';
import { makeListener, makeTracks } from './support/listening-fixture.ts';
import {
  charted,
  grouped,
  type Listen,
  type ListenKind,
  loadListens,
  sumUp,
  within,
} from './support/naive-listens.ts';

const NOW = new Date('2025-04-10T15:00:00Z');
const random = seededRandom(77);
let store: TestDatabase;
let db: Database;
let tracks: number[];
let ann: Listener;
let bob: Listener;
let annListens: Listen[];
let bobListens: Listen[];

beforeAll(async () => {
  store = await createTestDatabase();
  db = createDatabase({ url: store.url });
  tracks = await makeTracks(db, NOW);
  const both = { tracks, now: NOW };
  ann = await makeListener(db, random, { ...both, name: 'ann', timeZone: 'America/Santiago', days: 300 });
  // Plays other tracks too, and counts every track for itself.
  const bobs = {
    name: 'bob',
    timeZone: 'Pacific/Apia',
    days: 200,
    tracks: tracks.slice(6),
    corrected: false,
  };
  bob = await makeListener(db, random, { ...both, ...bobs });
  annListens = await loadListens(db, ann.userId);
  bobListens = await loadListens(db, bob.userId);
}, 60_000);
afterAll(async () => {
  await db.close();
  await store.drop();
});

/** What a page should say of an item. */
function figures(listens: readonly Listen[], kind: ListenKind, id: number) {
  const chart = charted(listens, kind);
  const place = chart.findIndex(([one]) => one === id);
  const mine = chart[place]?.[1] ?? [];
  const [first, last] = [mine[0], mine.at(-1)];
  const months = [];
  const byMonth = grouped(mine, (one) => [`${one.day.slice(0, 7)}-01`]);
  for (let at = `${first?.day.slice(0, 7)}-01`; first && at <= '2025-04-01'; at = addMonths(at, 1))
    months.push({ at, ...sumUp(byMonth.get(at) ?? []) });
  return {
    ...sumUp(mine),
    firstPlayedAt: first ? new Date(first.from).toISOString() : null,
    lastPlayedAt: last ? new Date(last.from).toISOString() : null,
    rank: place < 0 ? null : place + 1,
    share: mine.length / listens.length,
    months,
  };
}

const everybody = () =>
  [
    { listener: ann, listens: annListens },
    { listener: bob, listens: bobListens },
  ] as const;

describe('the page of an item', () => {
  it('tells of a track what a count by hand tells; of a merged one, that of the track it counts for', async () => {
    const [root = 0, merged = 0] = tracks;
    for (const { listener, listens } of everybody()) {
      for (const id of tracks) {
        const page = await loadTrackPage(db.pool, listener, id, NOW);
        const counted = listener === ann && id === merged ? root : id;
        expect(page?.mine).toEqual(figures(listens, 'tracks', counted));
        expect(page?.track.id).toBe(String(id));
        expect(page?.mergedInto?.id ?? null).toBe(counted === id ? null : String(root));
        expect(page?.merged.map((one) => one.id)).toEqual(
          listener === ann && id === root ? [String(merged)] : [],
        );
      }
    }
    expect((await loadTrackPage(db.pool, ann, tracks[4] ?? 0, NOW))?.track).toMatchObject({
      isrc: 'ISRC4',
      releaseDate: '2020-05',
    });
    expect(await loadTrackPage(db.pool, ann, 999_999, NOW)).toBeNull();
  });

  it('tells of an artist the plays of every track that names them or an alias', async () => {
    const artists = await db.prisma.artist.findMany();
    const [alias, root] = ['artist-3', 'artist-2'].map(
      (one) => artists.find(({ spotifyId }) => spotifyId === one)?.id,
    );
    for (const { listener, listens } of everybody()) {
      for (const { id } of artists) {
        const page = await loadArtistPage(db.pool, listener, id, NOW);
        const counted = listener === ann && id === alias ? (root ?? 0) : id;
        expect(page?.mine).toEqual(figures(listens, 'artists', counted));
        expect(page?.aliasOf?.id ?? null).toBe(counted === id ? null : String(root));
        expect(page?.aliases.length).toBe(listener === ann && id === root ? 1 : 0);
        const theirs = listens.filter((one) => one.artists.includes(counted));
        for (const [kind, list] of [
          ['tracks', page?.topTracks.map((item) => [item.rank, Number(item.track?.id), item.plays])],
          ['albums', page?.topAlbums.map((item) => [item.rank, Number(item.album?.id), item.plays])],
        ] as const) {
          const chart = charted(theirs, kind);
          expect(list).toEqual(chart.map(([item, its], index) => [index + 1, item, its.length]));
        }
      }
    }
  });

  it('is none for items and listeners that do not exist', async () => {
    for (const load of [loadTrackPage, loadArtistPage, loadAlbumPage])
      expect(await load(db.pool, ann, 999_999, NOW)).toBeNull();
    expect(await loadListener(db.pool, 999_999)).toBeNull();
  });

  it('names the rule that keeps an artist out', async () => {
    const artist = await db.prisma.artist.findUniqueOrThrow({ where: { spotifyId: 'artist-7' } });
    const rule = await db.prisma.exclusionRule.create({
      data: { userId: bob.userId, kind: 'artist', artistId: artist.id },
    });
    expect((await loadArtistPage(db.pool, bob, artist.id, NOW))?.exclusionId).toBe(String(rule.id));
    expect((await loadArtistPage(db.pool, ann, artist.id, NOW))?.exclusionId).toBeNull();
    await db.prisma.exclusionRule.delete({ where: { id: rule.id } });
  });

  it('tells of an album its tracks that were played', async () => {
    for (const { listener, listens } of everybody()) {
      for (const { id } of await db.prisma.album.findMany()) {
        const page = await loadAlbumPage(db.pool, listener, id, NOW);
        expect(page?.mine).toEqual(figures(listens, 'albums', id));
        const its = listens.filter((one) => one.albums.includes(id));
        expect(page?.tracks.map((item) => [Number(item.track?.id), item.plays])).toEqual(
          charted(its, 'tracks').map(([track, list]) => [track, list.length]),
        );
        expect(page?.album).toMatchObject({ totalTracks: 10, releaseDate: '2020-05' });
      }
    }
    expect(await loadAlbumPage(db.pool, ann, 999_999, NOW)).toBeNull();
  });
});

describe('a comparison', () => {
  it('is the weighted Jaccard similarity of shares, for any two ranges, of two listeners or one', async () => {
    let between = 0;
    for (let round = 0; round < 40; round += 1) {
      const kind = (['tracks', 'artists', 'albums'] as const)[round % 3] ?? 'tracks';
      const [other, others] = round % 2 ? [ann, annListens] : [bob, bobListens];
      const range = (listener: Listener) => {
        const [from = '', to = ''] = [
          addDays('2025-04-10', -random.int(250)),
          addDays('2025-04-10', -random.int(250)),
        ].sort();
        return resolveRange(random.int(5) === 0 ? { range: 'all' } : { from, to }, listener, NOW);
      };
      const [left, right] = [range(ann), range(other)];
      const result = await compareSides(
        db.pool,
        {
          mine: { label: 'mine', listener: ann, range: left },
          theirs: { label: 'theirs', listener: other, range: right },
        },
        { kind, limit: 3 },
      );
      const [mine, theirs] = [within(annListens, left), within(others, right)];
      expect([result.mine.figures, result.theirs.figures]).toEqual([sumUp(mine), sumUp(theirs)]);
      const charts = [charted(mine, kind), charted(theirs, kind)] as const;
      const shares = charts.map((chart) => {
        const all = chart.reduce((sum, [, list]) => sum + list.length, 0);
        return new Map(chart.map(([id, list]) => [id, list.length / all]));
      });
      const ids = [...new Set(shares.flatMap((one) => [...one.keys()]))];
      const pairs = ids.map((id) => shares.map((one) => one.get(id) ?? 0) as [number, number]);
      const most = pairs.reduce((sum, pair) => sum + Math.max(...pair), 0);
      const least = pairs.reduce((sum, pair) => sum + Math.min(...pair), 0);
      const wanted = mine.length && theirs.length ? least / most : 0;
      expect(result.likeness).toBeCloseTo(wanted, 9);
      if (wanted > 0.01 && wanted < 0.99) between += 1;
      expect(result.shared).toBe(pairs.filter(([a, b]) => a > 0 && b > 0).length);
      for (const item of result.items) {
        const id = Number((item.track ?? item.artist ?? item.album)?.id);
        for (const [side, chart] of [
          [item.mine, charts[0]],
          [item.theirs, charts[1]],
        ] as const) {
          const place = chart.findIndex(([one]) => one === id);
          expect(side).toEqual({ rank: place + 1, ...sumUp(chart[place]?.[1] ?? []) });
        }
      }
      expect(result.items.length).toBe(Math.min(3, result.shared));
    }
    expect(between).toBeGreaterThan(20);
  });

  it('needs both to allow it', async () => {
    const allow = (id: number, comparable: boolean) =>
      db.prisma.user.update({ where: { id }, data: { comparable } });
    const found = () => findComparable(db.pool, ann.userId, 'bob');
    expect(await found()).toBeNull();
    await allow(bob.userId, true);
    expect(await found()).toBeNull();
    await allow(ann.userId, true);
    expect(await found()).toBe(bob.userId);
    expect(await findComparable(db.pool, ann.userId, 'ann')).toBeNull();
    await allow(bob.userId, false);
    expect(await found()).toBeNull();
  });
});

describe('a search', () => {
  const names = async (listener: Listener, text: string, limit = 20) => {
    const found = await searchItems(db.pool, listener.userId, text, limit);
    return { ...found, all: [found.tracks.length, found.artists.length, found.albums.length] };
  };

  it('finds every word somewhere in the name or the artist, most played first', async () => {
    const found = await names(ann, '  NUMBER   song ');
    const plays = found.tracks.map((one) => one.plays);
    expect(found.tracks.map(({ track, plays: count }) => [Number(track.id), count])).toEqual(
      charted(annListens, 'tracks')
        .filter(([id]) => id !== tracks[5])
        .slice(0, 20)
        .map(([id, list]) => [id, list.length]),
    );
    expect(plays.length).toBe(20);
    expect((await names(ann, 'song number 17 artist')).tracks.map(({ track }) => track.name)).toEqual([
      'Song Number 17',
    ]);
    expect((await names(ann, 'artist 6')).artists.map(({ artist }) => artist.name)).toEqual(['Artist 6']);
    expect((await names(ann, 'album 4')).albums[0]?.album.name).toBe('Album 4');
    expect((await names(ann, 'song', 2)).tracks).toHaveLength(2);
  });

  it('takes wild cards and quotes as they are', async () => {
    expect((await names(ann, '100%')).tracks.map(({ track }) => track.name)).toEqual(['100% Ünder_score']);
    expect((await names(ann, 'ünder_score')).tracks).toHaveLength(1);
    for (const text of ['1%0', 'song_number', '\\', "'"])
      expect((await names(ann, text)).all).toEqual([0, 0, 0]);
    expect((await names(ann, '_')).tracks).toHaveLength(1);
    expect((await names(ann, '   ')).all).toEqual([0, 0, 0]);
  });

  it('knows only what the listener played, and merged tracks by what they count for', async () => {
    expect((await names(bob, '100%')).all).toEqual([0, 0, 0]);
    expect((await names(ann, 'song number 1')).tracks.map(({ track }) => track.name)).not.toContain(
      'Song Number 1',
    );
  });
});
