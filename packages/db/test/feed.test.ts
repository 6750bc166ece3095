import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase, waitFor } from '@spindle/testkit';
import {
  beginErasure,
  createDatabase,
  type Database,
  endExpiredShares,
  FEED_LIMIT,
  findFeedName,
  ingestPlays,
  loadFeed,
  lockRunningListen,
  type PlayerReading,
  savePlayerReading,
  startShare,
  stopShare,
  type TrackItem,
  upsertTracks,
  whileSharing,
} from '../src/index.ts';

const NOW = new Date('2026-11-01T20:00:00Z');
const SECOND = 1_000;
const MINUTE = 60_000;
let store: TestDatabase;
let db: Database;

beforeAll(async () => {
  store = await createTestDatabase();
  db = createDatabase({ url: store.url, poolSize: 6 });
});
afterAll(async () => {
  await db.close();
  await store.drop();
});
beforeEach(async () => {
  await db.pool.query('DELETE FROM plays');
  await db.pool.query('DELETE FROM users');
});

const at = (ms: number) => new Date(NOW.getTime() + ms);

async function addListener(handle: string): Promise<number> {
  const { id } = await db.prisma.user.create({
    data: { accountId: handle, spotifyId: handle, handle, displayName: handle, timeZone: 'Europe/Berlin' },
  });
  return id;
}

function track(name: string): TrackItem {
  const by = { spotifyId: `by-${name}`, name: `Maker of ${name}` };
  return {
    spotifyId: name,
    name,
    durationMs: 3 * MINUTE,
    explicit: null,
    isrc: null,
    discNumber: null,
    trackNumber: null,
    artists: [by],
    album: {
      spotifyId: `album-${name}`,
      name: `Album of ${name}`,
      albumType: 'album',
      releaseDate: null,
      releaseDatePrecision: null,
      totalTracks: null,
      images: [],
      artists: [by],
    },
  };
}
const trackId = (name: string) =>
  db.transaction(async (tx) => (await upsertTracks(tx, [track(name)], NOW)).get(name) ?? 0);

const SILENT: PlayerReading = {
  kind: 'nothing',
  isPlaying: false,
  trackId: null,
  title: null,
  subtitle: null,
  durationMs: null,
  progressMs: null,
  observedAt: NOW,
  deviceName: null,
  deviceType: null,
  isPrivate: false,
  contextUri: null,
};

/** Stores what a player said `ms` after the start; whether that is something else than before. */
const read = (userId: number, ms: number, reading: Partial<PlayerReading>): Promise<boolean> =>
  db.transaction(async (tx) => {
    await lockRunningListen(tx, userId);
    return (await savePlayerReading(tx, userId, { ...SILENT, observedAt: at(ms), ...reading }, null)).changed;
  });
const playing = (id: number, progressMs: number): Partial<PlayerReading> => ({
  kind: 'track',
  isPlaying: true,
  trackId: id,
  title: 'a',
  durationMs: 3 * MINUTE,
  progressMs,
  deviceName: 'Kitchen',
  deviceType: 'Speaker',
});
const handles = async (ms: number) => (await loadFeed(db.pool, at(ms))).map(({ user }) => user.handle);

describe('a reading of a player', () => {
  it('is a change when something else is to be seen, and only then', async () => {
    const ann = await addListener('ann');
    const [one, two] = [await trackId('one'), await trackId('two')];
    expect(await read(ann, 0, {})).toBe(false);
    expect(await read(ann, 10 * SECOND, playing(one, 2 * SECOND))).toBe(true);
    // Goes on, with the jitter of a network.
    expect(await read(ann, 20 * SECOND, playing(one, 12 * SECOND))).toBe(false);
    expect(await read(ann, 30 * SECOND, playing(one, 24_500))).toBe(false);
    expect(await read(ann, 40 * SECOND, playing(one, 100 * SECOND))).toBe(true);
    expect(await read(ann, 50 * SECOND, playing(one, 20 * SECOND))).toBe(true);
    const paused = { ...playing(one, 25 * SECOND), isPlaying: false };
    expect(await read(ann, 60 * SECOND, paused)).toBe(true);
    expect(await read(ann, 600 * SECOND, paused)).toBe(false);
    expect(await read(ann, 610 * SECOND, { ...paused, progressMs: 80 * SECOND })).toBe(true);
    expect(await read(ann, 620 * SECOND, playing(one, 80 * SECOND))).toBe(true);
    expect(await read(ann, 630 * SECOND, { ...playing(one, 90 * SECOND), deviceName: 'Attic' })).toBe(true);
    expect(await read(ann, 640 * SECOND, playing(two, 1 * SECOND))).toBe(true);
    const local = { ...playing(two, 1 * SECOND), kind: 'local' as const, trackId: null, title: 'Demo tape' };
    expect(await read(ann, 650 * SECOND, local)).toBe(true);
    expect(await read(ann, 655 * SECOND, { ...local, progressMs: 6 * SECOND })).toBe(false);
    expect(await read(ann, 660 * SECOND, { isPrivate: true })).toBe(true);
    expect(await read(ann, 670 * SECOND, {})).toBe(true);
    expect(await read(ann, 680 * SECOND, {})).toBe(false);
  });
});

describe('the feed', () => {
  it('has everybody who shares, nobody else, and the newest change first', async () => {
    const ann = await addListener('ann');
    const bob = await addListener('bob');
    const cal = await addListener('cal');
    const dot = await addListener('dot');
    const eve = await addListener('eve');
    const one = await trackId('one');
    for (const userId of [ann, bob, cal, eve]) await startShare(db, userId, null, NOW);
    for (const userId of [ann, bob, cal, dot, eve]) await read(userId, 0, {});
    await read(bob, 10 * SECOND, playing(one, 0));
    await read(ann, 20 * SECOND, playing(one, 0));
    await read(dot, 30 * SECOND, playing(one, 0));
    // The same goes on: no change.
    await read(bob, 60 * SECOND, playing(one, 50 * SECOND));
    expect(await handles(70 * SECOND)).toEqual(['ann', 'bob', 'cal', 'eve']);
    await startShare(db, dot, null, at(70 * SECOND));
    expect(await handles(70 * SECOND)).toEqual(['dot', 'ann', 'bob', 'cal', 'eve']);
    await stopShare(db.pool, ann, at(71 * SECOND));
    await beginErasure(db, cal, at(71 * SECOND));
    expect(await handles(72 * SECOND)).toEqual(['dot', 'bob', 'eve']);
    expect(await findFeedName(db.pool, bob, at(72 * SECOND))).toBe('bob');
    expect(await findFeedName(db.pool, ann, at(72 * SECOND))).toBeNull();
  });

  it('shows a file of one’s own by its name, and paused where it stands', async () => {
    const ann = await addListener('ann');
    await startShare(db, ann, null, NOW);
    const local = { kind: 'local' as const, title: 'Demo tape', subtitle: 'Ann', durationMs: MINUTE };
    await read(ann, 0, { ...local, isPlaying: false, progressMs: 4_000 });
    expect(await loadFeed(db.pool, at(SECOND))).toEqual([
      expect.objectContaining({
        kind: 'local',
        isPlaying: false,
        track: null,
        title: 'Demo tape',
        subtitle: 'Ann',
        progressMs: 4_000,
        startedAt: null,
      }),
    ]);
  });

  it('tells of a silent listener what was played last, and not on what nor from where', async () => {
    const ann = await addListener('ann');
    await startShare(db, ann, null, NOW);
    const [one, two] = [await trackId('one'), await trackId('two')];
    await db.transaction(async (tx) => {
      const { rows } = await tx.query<{ id: number }>(
        `INSERT INTO play_devices (name) VALUES ('Ann’s bedroom') RETURNING id`,
      );
      const play = (id: number, minutes: number) => ({
        trackId: id,
        source: 'live' as const,
        startedAt: at(-(minutes + 3) * MINUTE).getTime(),
        endedAt: at(-minutes * MINUTE).getTime(),
        msPlayed: 3 * MINUTE,
        durationMs: 3 * MINUTE,
        deviceId: rows[0]?.id ?? null,
      });
      await ingestPlays(tx, ann, [play(one, 30), play(two, 10)]);
    });
    const [view] = await loadFeed(db.pool, NOW);
    expect(view?.lastPlayed).toMatchObject({
      track: { name: 'two' },
      endedAt: at(-10 * MINUTE).toISOString(),
      device: null,
      context: null,
    });
    await read(ann, 0, { isPrivate: true });
    expect((await loadFeed(db.pool, NOW))[0]).toMatchObject({
      kind: 'nothing',
      isPrivate: false,
      lastPlayed: null,
    });
  });

  it('takes as many queries for many as for one, and shows no more than its limit', async () => {
    const one = await trackId('one');
    await db.pool.query(
      `INSERT INTO users (account_id, spotify_id, handle, display_name, time_zone)
       SELECT n, n, 'user-' || n, 'User ' || n, 'UTC' FROM generate_series(1, $1::int) AS n`,
      [FEED_LIMIT + 20],
    );
    await db.pool.query('INSERT INTO shares (user_id, started_at) SELECT id, $1 FROM users', [NOW]);
    await db.pool.query(
      `INSERT INTO now_playing (user_id, kind, is_playing, track_id, duration_ms, progress_ms, started_at, observed_at)
       SELECT id, 'track', id % 2 = 0, $2, 180000, 0, $1, $1 FROM users`,
      [NOW, one],
    );
    let queries = 0;
    const counting = {
      query: (...args: Parameters<typeof db.pool.query>) => {
        queries++;
        return db.pool.query(...args);
      },
    } as unknown as typeof db.pool;
    expect(await loadFeed(counting, NOW)).toHaveLength(FEED_LIMIT);
    expect(queries).toBeLessThanOrEqual(3);
  });
});

describe('a share that ends', () => {
  it('by itself is off the feed at once, and told once', async () => {
    const [ann, bob] = [await addListener('ann'), await addListener('bob')];
    await startShare(db, ann, at(MINUTE), NOW);
    await startShare(db, bob, at(2 * MINUTE), NOW);
    expect(await handles(MINUTE - 1)).toEqual(['ann', 'bob']);
    expect(await handles(MINUTE)).toEqual(['bob']);
    const told: string[] = [];
    const tell = async (names: readonly string[]) => void told.push(...names);
    expect(await endExpiredShares(db, at(MINUTE), tell)).toBe(1);
    expect(await endExpiredShares(db, at(MINUTE), tell)).toBe(0);
    expect(told).toEqual(['ann']);
    const share = await db.prisma.share.findFirstOrThrow({ where: { userId: ann } });
    expect(share.endedAt).toEqual(at(MINUTE));
    expect(await stopShare(db.pool, ann, at(MINUTE))).toBe(false);
  });

  it('is told again when telling failed', async () => {
    await startShare(db, await addListener('ann'), at(MINUTE), NOW);
    const failing = async () => {
      throw new Error('cut');
    };
    await expect(endExpiredShares(db, at(MINUTE), failing)).rejects.toThrow('cut');
    const told: string[] = [];
    await endExpiredShares(db, at(MINUTE), async (names) => void told.push(...names));
    expect(told).toEqual(['ann']);
  });

  it('in the middle of telling waits for that, and whoever waited to tell finds nothing to tell', async () => {
    const ann = await addListener('ann');
    await startShare(db, ann, null, NOW);
    const order: string[] = [];
    const tell = (name: string, during?: () => Promise<unknown>) =>
      whileSharing(
        db,
        ann,
        () => at(SECOND),
        async () => {
          await during?.();
          order.push(name);
        },
      );
    let others: Promise<unknown>[] = [];
    const isWaited = () =>
      waitFor(
        async () => {
          const { rows } = await db.pool.query(
            `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
          );
          return rows.length >= others.length;
        },
        { what: 'the others to wait', everyMs: 5 },
      );
    await tell('first', async () => {
      others = [stopShare(db.pool, ann, at(SECOND)).then(() => order.push('stopped'))];
      await isWaited();
      others.push(tell('second'));
      await isWaited();
    });
    expect((await Promise.all(others)).at(-1)).toBe(false);
    expect(order).toEqual(['first', 'stopped']);
  });
});
