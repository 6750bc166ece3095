import type { LibraryAnalysisFigures } from '@spindle/contracts';
import { type Database, loadTrackSummaries, UNCOUNTED_FLAGS } from '../../src/index.ts';
import { calendar } from './naive-count.ts';

const MINUTE_MS = 60_000;
const STEPS = [0, 1, 2, 3, 4, 5, 6, 8, 10];

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);

/** The middle, of an even number the mean of the two in the middle. */
function median(numbers: readonly number[]): number | null {
  if (numbers.length === 0) return null;
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = (at: number) => sorted[at] ?? Number.NaN;
  const half = Math.floor(sorted.length / 2);
  return Math.round(sorted.length % 2 ? middle(half) : (middle(half - 1) + middle(half)) / 2);
}

function tally<K>(keys: readonly K[]): Map<K, number> {
  const counts = new Map<K, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** All months from the first to the last, by counting on. */
function monthsBetween(first: string, last: string): string[] {
  const months = [];
  let [year = 0, month = 0] = first.split('-').map(Number);
  for (;;) {
    const at = `${year}-${String(month).padStart(2, '0')}-01`;
    months.push(at);
    if (at >= last) return months;
    month += 1;
    if (month > 12) [year, month] = [year + 1, 1];
  }
}

/** What {@link analyseLiked} should say, worked out song by song. */
export async function naiveAnalysis(db: Database, userId: number): Promise<LibraryAnalysisFigures> {
  const user = await db.prisma.user.findUniqueOrThrow({ where: { id: userId } });
  const songs = await db.prisma.likedTrack.findMany({
    where: { userId },
    include: { track: { include: { album: true, artists: { include: { artist: true } } } } },
    orderBy: [{ place: 'asc' }, { itemKey: 'asc' }],
  });
  const merges = new Map(
    (await db.prisma.trackMerge.findMany({ where: { userId } })).map((one) => [one.trackId, one.rootId]),
  );
  const aliases = new Map(
    (await db.prisma.artistAlias.findMany({ where: { userId } })).map((one) => [one.artistId, one.rootId]),
  );
  const played = new Set(
    (await db.prisma.play.findMany({ where: { userId } }))
      .filter((play) => (play.flags & UNCOUNTED_FLAGS) === 0)
      .filter((play) => play.msPlayed === null || play.msPlayed >= user.minPlayMs)
      .map((play) => merges.get(play.trackId) ?? play.trackId),
  );
  const artists = new Map((await db.prisma.artist.findMany()).map((one) => [one.id, one]));
  const albums = new Map((await db.prisma.album.findMany()).map((one) => [one.id, one]));
  const dayOf = calendar(user.timeZone);

  const known = songs.flatMap(({ track, addedAt }) => {
    if (!track) return [];
    const { album } = track;
    const length = { year: 4, month: 7 }[album?.releaseDatePrecision ?? ''] ?? 10;
    const date = album?.releaseDate ?? '';
    return [
      {
        id: track.id,
        addedAt,
        ms: track.durationMs || null,
        explicit: track.explicit,
        albumId: track.albumId,
        release: Number(date.slice(0, 4)) >= 1000 ? date.slice(0, length) : null,
        artistIds: [...new Set(track.artists.map(({ artistId }) => aliases.get(artistId) ?? artistId))],
      },
    ];
  });
  const summaries = await loadTrackSummaries(
    db.pool,
    known.map((one) => one.id),
  );
  type Song = (typeof known)[number];
  /** The first of those that no other surpasses. */
  const most = <V>(value: (one: Song) => V | null, surpasses: (a: V, b: V) => boolean): Song | null => {
    let best: { song: Song; value: V } | null = null;
    for (const song of known) {
      const own = value(song);
      if (own !== null && (!best || surpasses(own, best.value))) best = { song, value: own };
    }
    return best?.song ?? null;
  };
  const less = <V>(a: V, b: V) => a < b;
  const more = <V>(a: V, b: V) => a > b;
  const track = (song: Song | null) => (song && summaries.get(song.id)) ?? null;
  const mark = (song: Song | null) => {
    const summary = track(song);
    return song && summary
      ? { addedAt: song.addedAt.toISOString(), releaseDate: song.release, track: summary }
      : null;
  };
  const top = (ids: readonly number[], kind: 'artist' | 'album', named: typeof artists | typeof albums) =>
    [...tally(ids)]
      .sort(([a, times], [b, others]) => others - times || a - b)
      .slice(0, 20)
      .map(([id, tracks]) => ({
        id: String(id),
        name: named.get(id)?.name ?? '',
        url: `https://open.spotify.com/${kind}/${named.get(id)?.spotifyId}`,
        tracks,
      }));

  const lengths = known.flatMap((one) => one.ms ?? []);
  const years = known.flatMap((one) => (one.release ? [Number(one.release.slice(0, 4))] : []));
  const byYear = tally(years);
  const byDecade = tally(years.map((year) => Math.floor(year / 10) * 10));
  const everyYear = [];
  for (let year = Math.min(...years); year <= Math.max(...years); year += 1) everyYear.push(year);
  const byMonth = tally(songs.map((song) => `${dayOf(song.addedAt.getTime()).day.slice(0, 7)}-01`));
  const sortedMonths = [...byMonth.keys()].sort();
  const artistIds = known.flatMap((one) => one.artistIds);
  const genres = known.flatMap((one) => [
    ...new Set(one.artistIds.flatMap((id) => artists.get(id)?.genres ?? [])),
  ]);
  return {
    tracks: songs.length,
    removed: songs.length - known.length,
    unplayable: songs.filter((song) => song.unplayable).length,
    artists: new Set(artistIds).size,
    albums: new Set(known.flatMap((one) => one.albumId ?? [])).size,
    totalMs: sum(lengths),
    averageMs: lengths.length ? Math.round(sum(lengths) / lengths.length) : null,
    medianMs: median(lengths),
    shortest: track(most((one) => one.ms, less)),
    longest: track(most((one) => one.ms, more)),
    durations: STEPS.map((minutes, index) => {
      const to = STEPS[index + 1];
      const [fromMs, toMs] = [minutes * MINUTE_MS, to === undefined ? null : to * MINUTE_MS];
      return { fromMs, toMs, tracks: lengths.filter((ms) => ms >= fromMs && ms < (toMs ?? Infinity)).length };
    }),
    explicit: {
      yes: known.filter((one) => one.explicit === true).length,
      no: known.filter((one) => one.explicit === false).length,
      unknown: known.filter((one) => one.explicit === null).length,
    },
    years: everyYear.map((year) => ({ year, tracks: byYear.get(year) ?? 0 })),
    decades: [...new Set(everyYear.map((year) => Math.floor(year / 10) * 10))].map((year) => ({
      year,
      tracks: byDecade.get(year) ?? 0,
    })),
    medianYear: years.toSorted((a, b) => a - b)[Math.ceil(years.length / 2) - 1] ?? null,
    oldestRelease: mark(most((one) => one.release, less)),
    newestRelease: mark(most((one) => one.release, more)),
    topArtists: top(artistIds, 'artist', artists),
    topAlbums: top(
      known.flatMap((one) => one.albumId ?? []),
      'album',
      albums,
    ),
    genres: [...tally(genres)]
      .sort(([a, times], [b, others]) => others - times || (a < b ? -1 : 1))
      .slice(0, 20)
      .map(([name, tracks]) => ({ name, tracks })),
    months: sortedMonths.length
      ? monthsBetween(sortedMonths[0] ?? '', sortedMonths.at(-1) ?? '').map((at) => ({
          at,
          tracks: byMonth.get(at) ?? 0,
        }))
      : [],
    firstAdded: mark(most((one) => one.addedAt.getTime(), less)),
    lastAdded: mark(most((one) => one.addedAt.getTime(), more)),
    heard: {
      played: known.filter((one) => played.has(merges.get(one.id) ?? one.id)).length,
      never: known.filter((one) => !played.has(merges.get(one.id) ?? one.id)).length,
    },
  };
}
