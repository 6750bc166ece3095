import { type Random, seededRandom } from '@spindle/service-kit';
import { type Database, PLAY_FLAGS, upsertTracks } from '../../src/index.ts';
import { recount } from './rollups.ts';

const NOW = new Date('2026-11-01T12:00:00Z');
const TRACKS = 24;
const ARTISTS = 9;
const GENRES = ['ambient', 'dub', 'fado', 'kraut', 'techno'];

/** Tracks of one, two or three artists on six albums, some on none; artists of up to three genres. */
export async function createCatalogue(db: Database): Promise<number[]> {
  const items = Array.from({ length: TRACKS }, (_, index) => ({
    spotifyId: `track-${index}`,
    name: `Track ${index}`,
    durationMs: 120_000 + index * 7_000,
    explicit: false,
    isrc: null,
    discNumber: 1,
    trackNumber: 1,
    artists: [index, index * 2 + 1, index * 5 + 2]
      .slice(0, 1 + (index % 3))
      // Some name an artist beside an alias of theirs; others (2, 5, 3) name two aliases.
      .concat(index % 8 === 6 ? [3, 4] : [])
      .map((one) => one % ARTISTS)
      .filter((one, at, list) => list.indexOf(one) === at)
      .map((one) => ({ spotifyId: `artist-${one}`, name: `Artist ${one}` })),
    album: {
      spotifyId: `album-${index % 6}`,
      name: `Album ${index % 6}`,
      albumType: 'album',
      releaseDate: '2009',
      releaseDatePrecision: 'year',
      totalTracks: 10,
      images: [],
      artists: [{ spotifyId: `artist-${index % 6}`, name: `Artist ${index % 6}` }],
    },
  }));
  const ids = await db.transaction((tx) => upsertTracks(tx, items, NOW));
  for (let index = 0; index < ARTISTS; index += 1) {
    await db.prisma.artist.updateMany({
      where: { spotifyId: `artist-${index}` },
      data: { genres: GENRES.filter((_, genre) => (index + genre) % 3 === 0) },
    });
  }
  const tracks = items.map((item) => ids.get(item.spotifyId) ?? 0);
  await db.prisma.track.updateMany({ where: { id: { in: tracks.slice(-2) } }, data: { albumId: null } });
  return tracks;
}

/** A moment on one of the days when clocks change or years end, or on any day of these years. */
function momentOf(random: Random, days: readonly string[]): number {
  const day = days[random.int(days.length)] ?? '2011-01-01';
  const near = Date.parse(`${day}T00:00:00Z`) + (random.int(72) - 24) * 3_600_000;
  const far = Date.parse('2010-11-20T00:00:00Z') + random.int(600) * 86_400_000;
  // Many listens begin within an hour of a full one, which is where clocks jump.
  return (random.int(3) > 0 ? near : far) + random.int(3_600) * 1_000;
}

/**
 * A listener with some hundred plays: measured and not, too short, hidden, kept out by a rule; with
 * merged tracks and aliases. The rollups are counted.
 *
 * @param options.days around which most plays lie.
 */
export async function createListener(
  db: Database,
  tracks: readonly number[],
  options: { readonly name: string; readonly timeZone: string; readonly days: readonly string[] },
): Promise<number> {
  const { name, timeZone, days } = options;
  const random = seededRandom(name);
  const { id: userId } = await db.prisma.user.create({
    data: { accountId: name, spotifyId: name, handle: name, displayName: name, timeZone },
  });
  const track = () => tracks[Math.floor(random.next() ** 2 * tracks.length)] ?? 0;
  const data = Array.from({ length: 400 }, () => {
    const playedAt = momentOf(random, days);
    const msPlayed = random.int(3) === 0 ? null : 5_000 + random.int(250_000);
    return {
      userId,
      trackId: track(),
      playedAt: new Date(playedAt),
      endedAt: new Date(playedAt + (msPlayed ?? 150_000)),
      msPlayed,
      source: 1,
      seenBy: 1,
      flags: random.int(12) === 0 ? PLAY_FLAGS.hidden : random.int(2) * PLAY_FLAGS.shuffle,
    };
  });
  await db.prisma.play.createMany({ data, skipDuplicates: true });
  const [a = 0, b = 0, c = 0] = tracks;
  // A chain: c became b, b became a.
  await db.prisma.trackMerge.createMany({
    data: [
      { userId, trackId: b, intoId: a, rootId: a },
      { userId, trackId: c, intoId: b, rootId: a },
    ],
  });
  const artist = async (index: number) =>
    (await db.prisma.artist.findFirstOrThrow({ where: { spotifyId: `artist-${index}` } })).id;
  const root = await artist(4);
  for (const alias of [await artist(3), await artist(5)])
    await db.prisma.artistAlias.create({ data: { userId, artistId: alias, intoId: root, rootId: root } });
  await db.prisma.exclusionRule.create({ data: { userId, kind: 'artist', artistId: await artist(8) } });
  await recount(db, userId);
  return userId;
}
