import { createDatabase, type Database, recountIfStale } from '@spindle/db';
import { addListener } from '../gateway.ts';

/** How many tracks, by how many artists, on how many albums, all listeners choose from. */
const TRACKS = 32_000;
const ARTISTS = 6_400;
const ALBUMS = 10_600;
/** What a busy listener hears a day: a million plays in ten years. */
const PLAYS_A_DAY = 274;
const GENRES = ['ambient', 'dub techno', 'folk', 'hard bop', 'post-punk', 'shoegaze', 'soul', 'zouk'];

export interface MeasuredListener {
  readonly userId: number;
  readonly plays: number;
}

async function fillCatalogue(db: Database): Promise<void> {
  await db.pool.query(
    `INSERT INTO artists (spotify_id, name, name_key, genres)
     SELECT 'artist' || i, 'Artist ' || i, 'artist ' || i, ARRAY[($2::text[])[1 + i % 8], ($2::text[])[1 + i % 5]]
       FROM generate_series(1, $1) i`,
    [ARTISTS, GENRES],
  );
  await db.pool.query(
    `INSERT INTO albums (spotify_id, name, name_key, artist_key)
     SELECT 'album' || i, 'Album ' || i, 'album ' || i, 'artist ' || 1 + i % $2::int FROM generate_series(1, $1) i`,
    [ALBUMS, ARTISTS],
  );
  await db.pool.query(
    `INSERT INTO tracks (spotify_id, name, name_key, artist_key, album_id, duration_ms, isrc)
     SELECT lpad(i::text, 22, '0'), 'Track ' || i, 'track ' || i, 'artist ' || 1 + (i / 5) % $2::int,
            (SELECT min(id) FROM albums) + (i / 3) % $3::int, 120000 + i * 7919 % 180000, 'XX' || i / 2
       FROM generate_series(1, $1) i`,
    [TRACKS, ARTISTS, ALBUMS],
  );
  // One artist or two.
  await db.pool.query(
    `INSERT INTO track_artists (track_id, position, artist_id)
     SELECT t.id, p, (SELECT min(id) FROM artists) + (t.id / 5 + p * 17) % $1::int
       FROM tracks t, generate_series(0, 1) p WHERE p = 0 OR t.id % 4 = 0`,
    [ARTISTS],
  );
}

/** Plays up to `until`, in sessions of some hours a day: few tracks often, many once; a fifth not measured. */
async function fillPlays(db: Database, listener: MeasuredListener, until: Date): Promise<void> {
  await db.pool.query(
    `WITH days AS (SELECT least($2::int, ceil($3::float8 / $4::float8))::int AS n)
     INSERT INTO plays (user_id, played_at, track_id, ended_at, ms_played, source, seen_by, flags)
     SELECT $1, s, track, s + ms * interval '1 ms', CASE WHEN i % 5 = 0 THEN NULL ELSE ms END,
            CASE WHEN i % 5 = 0 THEN 0 ELSE 2 END, CASE WHEN i % 5 = 0 THEN 1 ELSE 4 END, 0
       FROM (SELECT i, $5::timestamptz - make_interval(secs => (i * 86400.0 * days.n / $3)::float8) AS s,
                    (SELECT min(id) FROM tracks) + floor($6::int * power(random(), 3))::int AS track,
                    45000 + floor(random() * 200000)::int AS ms
               FROM days, generate_series(1, $3::int) i) x`,
    [listener.userId, 3_650, listener.plays, PLAYS_A_DAY, until, TRACKS],
  );
  await db.pool.query(
    `INSERT INTO history_states (user_id, stale, stale_since) VALUES ($1, 2, $2)
     ON CONFLICT (user_id) DO UPDATE SET stale = 2`,
    [listener.userId, until],
  );
  await recountIfStale(db, listener.userId, until);
}

/**
 * A hundred listeners: one for each of `sizes`, the others with 5,000 plays each.
 *
 * @param until nobody listened after it.
 */
export async function fillWorld(
  databaseUrl: string,
  sizes: readonly number[],
  until: Date,
): Promise<MeasuredListener[]> {
  const db = createDatabase({ url: databaseUrl, poolSize: 2 });
  try {
    await fillCatalogue(db);
    const measured: MeasuredListener[] = [];
    for (let index = 0; index < 100; index += 1) {
      const userId = await addListener(db, `listener-${index}`);
      const listener = { userId, plays: sizes[index] ?? 5_000 };
      if (index < sizes.length) measured.push(listener);
      await fillPlays(db, listener, until);
    }
    await db.pool.query('UPDATE users SET comparable = true');
    await db.pool.query('VACUUM ANALYZE');
    return measured;
  } finally {
    await db.close();
  }
}
