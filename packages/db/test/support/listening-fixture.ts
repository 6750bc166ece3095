import type { Random } from '@spindle/service-kit';
import {
  type Database,
  ingestPlays,
  type Listener,
  loadListener,
  markStale,
  PLAY_FLAGS,
  type PlayObservation,
  recountIfStale,
  STALE,
  upsertTracks,
} from '../../src/index.ts';

const TRACKS = 24;
const DAY_MS = 86_400_000;

/** A whole number, both ends included. */
const between = (random: Random, from: number, to: number) => from + random.int(to - from + 1);

/** Two dozen tracks of eight artists on six albums; every third track names two artists. */
export async function makeTracks(db: Database, now: Date): Promise<number[]> {
  const artist = (index: number) => ({ spotifyId: `artist-${index % 8}`, name: `Artist ${index % 8}` });
  const ids = await db.transaction((tx) =>
    upsertTracks(
      tx,
      Array.from({ length: TRACKS }, (_, index) => ({
        spotifyId: `track-${index}`,
        name: index === 5 ? '100% Ünder_score' : `Song Number ${index}`,
        durationMs: 120_000 + index * 5_000,
        explicit: false,
        isrc: `ISRC${index}`,
        discNumber: 1,
        trackNumber: 1,
        artists: index % 3 === 0 ? [artist(index), artist(index + 1)] : [artist(index)],
        album: {
          spotifyId: `album-${index % 6}`,
          name: `Album ${index % 6}`,
          albumType: 'album',
          releaseDate: '2020-05',
          releaseDatePrecision: 'month',
          totalTracks: 10,
          images: [],
          artists: [artist(index)],
        },
      })),
      now,
    ),
  );
  return Array.from({ length: TRACKS }, (_, index) => ids.get(`track-${index}`) ?? 0);
}

/**
 * A listener with plays in sittings over `days` days until `now`: measured and not, some hidden, some
 * too short, two tracks merged, one artist an alias of another. Counted.
 */
export async function makeListener(
  db: Database,
  random: Random,
  options: {
    readonly name: string;
    readonly timeZone: string;
    readonly tracks: readonly number[];
    readonly now: Date;
    readonly days: number;
    readonly corrected?: boolean;
    /** Starts of further plays, epoch ms. */
    readonly also?: readonly number[];
  },
): Promise<Listener> {
  const { name, timeZone, tracks, now, days, corrected = true, also = [] } = options;
  const { id: userId } = await db.prisma.user.create({
    data: { accountId: name, spotifyId: name, handle: name, displayName: name, timeZone },
  });
  const observations: PlayObservation[] = [];
  for (let day = days; day > 0; day -= 1) {
    if (between(random, 0, 3) === 0) continue;
    let at = now.getTime() - day * DAY_MS + between(random, 0, DAY_MS / 2);
    for (let left = between(random, 1, 6); left > 0; left -= 1) {
      // The later, the more tracks there are to choose from: else all are discovered at once.
      const heard = Math.max(2, Math.ceil(((days - day + 1) / days) * tracks.length));
      const index = between(random, 0, heard - 1);
      const durationMs = 120_000 + index * 5_000;
      const isMeasured = between(random, 0, 2) > 0;
      const msPlayed = between(random, 0, 5) === 0 ? between(random, 5_000, 40_000) : durationMs;
      const endedAt = at + (isMeasured ? msPlayed : durationMs);
      observations.push({
        trackId: tracks[index] ?? 0,
        source: isMeasured ? ('live' as const) : ('recently-played' as const),
        startedAt: at,
        endedAt,
        msPlayed: isMeasured ? msPlayed : null,
        durationMs,
      });
      at =
        endedAt +
        (between(random, 0, 3) === 0 ? between(random, 300_000, 4_000_000) : between(random, 1_000, 60_000));
    }
  }
  for (const startedAt of also) {
    const length = { endedAt: startedAt + 120_000, msPlayed: 120_000, durationMs: 120_000 };
    observations.push({ trackId: tracks[0] ?? 0, source: 'live', startedAt, ...length });
  }
  await db.transaction((tx) => ingestPlays(tx, userId, observations));
  if (corrected) await correct(db, userId, tracks);
  await db.transaction((tx) => markStale(tx, userId, STALE.all, now));
  await recountIfStale(db, userId, now);
  const listener = await loadListener(db.pool, userId);
  if (!listener) throw new Error('the listener is gone');
  return listener;
}

async function correct(db: Database, userId: number, tracks: readonly number[]): Promise<void> {
  await db.pool.query(
    `UPDATE plays SET flags = flags | ${PLAY_FLAGS.hidden}
      WHERE user_id = $1 AND (extract(epoch FROM played_at)::bigint % 11) = 0`,
    [userId],
  );
  const [first = 0, second = 0] = tracks;
  await db.prisma.trackMerge.create({ data: { userId, trackId: second, intoId: first, rootId: first } });
  const artistOf = async (index: number) =>
    (await db.prisma.artist.findUniqueOrThrow({ where: { spotifyId: `artist-${index}` } })).id;
  const [artistId, rootId] = [await artistOf(3), await artistOf(2)];
  await db.prisma.artistAlias.create({ data: { userId, artistId, intoId: rootId, rootId } });
}
