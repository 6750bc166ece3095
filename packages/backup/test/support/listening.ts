import {
  type Database,
  ingestPlays,
  type Listener,
  loadClock,
  loadListener,
  loadSessions,
  loadStreaks,
  loadTimeline,
  resolveRange,
  summarize,
  topItems,
  upsertTracks,
} from '@spindle/db';

export const NOW = new Date('2026-11-01T12:00:00Z');
const HOUR_MS = 3_600_000;

export async function addTracks(db: Database): Promise<number[]> {
  const ids = await db.transaction((tx) =>
    upsertTracks(
      tx,
      Array.from({ length: 12 }, (_, index) => ({
        spotifyId: `track-${index}`,
        name: `Song ${index}\twith a tab and \\N`,
        durationMs: 180_000,
        explicit: false,
        isrc: null,
        discNumber: 1,
        trackNumber: index,
        artists: [{ spotifyId: `artist-${index % 5}`, name: `Artist ${index % 5}` }],
        album: {
          spotifyId: `album-${index % 4}`,
          name: `Album ${index % 4}`,
          albumType: 'album',
          releaseDate: '2020',
          releaseDatePrecision: 'year',
          totalTracks: 10,
          images: [],
          artists: [{ spotifyId: `artist-${index % 5}`, name: `Artist ${index % 5}` }],
        },
      })),
      NOW,
    ),
  );
  return [...ids.values()];
}

/** Plays `from` to `from + count` of a listener, two an hour up to now. */
export function listen(db: Database, userId: number, tracks: readonly number[], from: number, count: number) {
  return db.transaction((tx) =>
    ingestPlays(
      tx,
      userId,
      Array.from({ length: count }, (_, index) => {
        const number = from + index;
        const startedAt = NOW.getTime() - 24 * HOUR_MS - number * HOUR_MS * 5;
        return {
          trackId: tracks[(number * number) % tracks.length] ?? 0,
          source: number % 3 === 0 ? ('recently-played' as const) : ('live' as const),
          startedAt,
          endedAt: startedAt + 180_000,
          msPlayed: number % 3 === 0 ? null : 180_000 - (number % 7) * 1_000,
          durationMs: 180_000,
        };
      }),
    ),
  );
}

export async function addListener(db: Database, name: string): Promise<number> {
  const { id } = await db.prisma.user.create({
    data: { accountId: name, spotifyId: name, handle: name, displayName: name, timeZone: 'Europe/Berlin' },
  });
  return id;
}

/** What the statistics pages say of a listener. */
export async function statisticsOf(db: Database, userId: number): Promise<object> {
  const listener: Listener | null = await loadListener(db.pool, userId);
  if (!listener) throw new Error('the listener is gone');
  const answers = [];
  for (const name of ['day', 'month', 'year', 'all'] as const) {
    const range = resolveRange({ range: name }, listener, NOW);
    answers.push({
      summary: await summarize(db.pool, listener, range, NOW),
      tracks: await topItems(db.pool, listener, range, { kind: 'tracks', by: 'plays', limit: 50, offset: 0 }),
      artists: await topItems(db.pool, listener, range, {
        kind: 'artists',
        by: 'time',
        limit: 50,
        offset: 0,
      }),
      timeline: await loadTimeline(db.pool, listener, range),
      clock: await loadClock(db.pool, listener, range),
    });
  }
  const all = resolveRange({ range: 'all' }, listener, NOW);
  const sessions = await loadSessions(db.pool, listener, all, {
    order: 'newest',
    limit: 50,
    offset: 0,
  });
  return { answers, sessions, streaks: await loadStreaks(db.pool, listener, NOW) };
}
