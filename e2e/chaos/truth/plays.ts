import { recountIfStale, sweepCatalogueChanges } from '@spindle/db';
import type { Judged, Verdict } from './judged.ts';

/** The bit of `plays.seen_by` for what recently-played told. */
const RECENTLY_PLAYED = 1;

interface Stored {
  user_id: number;
  ended_at: Date;
  spotify_id: string;
}

/**
 * Plays against the ground truth: what Spotify's window offered is stored, exactly and once, except where a
 * gap was recorded.
 */
export async function judgePlays({ system, db, people, sinceMs, untilMs }: Judged): Promise<Verdict> {
  const differences: string[] = [];
  const { rows } = await db.pool.query<Stored>(
    `SELECT p.user_id, p.ended_at, t.spotify_id FROM plays p JOIN tracks t ON t.id = p.track_id
      WHERE p.seen_by & ${RECENTLY_PLAYED} > 0`,
  );
  const stored = Map.groupBy(rows, (row) => row.user_id);
  const { rows: gaps } = await db.pool.query<{ user_id: number; from_at: Date; to_at: Date }>(
    'SELECT user_id, from_at, to_at FROM capture_gaps',
  );
  let offeredCount = 0;
  let inGaps = 0;
  for (const { personId, userId } of people) {
    const from = sinceMs.get(personId) ?? 0;
    const line = (endedAt: number, itemId: string) => `${new Date(endedAt).toISOString()} ${itemId}`;
    const offered = new Set(
      system.sandbox.groundTruth
        .offeredPlays(personId)
        .flatMap(({ playedAtMs, itemId }) =>
          playedAtMs !== null && playedAtMs >= from && playedAtMs < untilMs ? [line(playedAtMs, itemId)] : [],
        ),
    );
    offeredCount += offered.size;
    const here = (stored.get(userId) ?? [])
      .filter(({ ended_at: at }) => at.getTime() >= from && at.getTime() < untilMs)
      .map((row) => line(row.ended_at.getTime(), row.spotify_id));
    const known = new Set(here);
    if (known.size < here.length)
      differences.push(`${personId}: ${here.length - known.size} plays stand there twice`);
    for (const one of known) if (!offered.has(one)) differences.push(`${personId}: was never played: ${one}`);
    for (const one of offered) {
      if (known.has(one)) continue;
      const at = Date.parse(one.split(' ', 1)[0] ?? '');
      const isInGap = gaps.some(
        (gap) => gap.user_id === userId && at >= gap.from_at.getTime() && at <= gap.to_at.getTime(),
      );
      if (isInGap) inGaps += 1;
      else differences.push(`${personId}: is missing: ${one}`);
    }
  }
  return { figures: { plays: offeredCount, gaps: gaps.length, playsInGaps: inGaps }, differences };
}

/** Live readings place the ends of a listen this well, simulated ms. */
const SLACK_MS = 15_000;
const HOUR_MS = 3_600_000;

const iso = (at: Date | number): string => new Date(at).toISOString();

/**
 * No listen is stored twice, whatever told of it: a play that the player alone told of is a listen of its own,
 * which recently-played never showed (too short, for instance), and no other play stands for it.
 */
export async function judgeDoubles({ system, db, people, sinceMs, untilMs }: Judged): Promise<Verdict> {
  const differences: string[] = [];
  const { rows } = await db.pool.query<Stored & { played_at: Date }>(
    `SELECT p.user_id, p.played_at, p.ended_at, t.spotify_id FROM plays p JOIN tracks t ON t.id = p.track_id
      WHERE p.seen_by & ${RECENTLY_PLAYED} = 0 AND p.import_id IS NULL ORDER BY p.ended_at`,
  );
  const live = Map.groupBy(rows, (row) => row.user_id);
  let compared = 0;
  for (const { personId, userId } of people) {
    const from = sinceMs.get(personId) ?? 0;
    const unseen = new Set(
      system.sandbox.groundTruth
        .plays(personId, { from, to: untilMs + SLACK_MS })
        .filter((play) => play.offeredFromMs === null || play.offeredUntilMs === play.offeredFromMs),
    );
    for (const { played_at: start, ended_at: end, spotify_id: itemId } of live.get(userId) ?? []) {
      if (start.getTime() < from || end.getTime() >= untilMs) continue;
      compared += 1;
      const real = [...unseen].find(
        (play) =>
          play.itemId === itemId &&
          play.startedAtMs <= end.getTime() + SLACK_MS &&
          play.endedAtMs >= start.getTime() - SLACK_MS,
      );
      if (real) {
        unseen.delete(real);
        continue;
      }
      const near = system.sandbox.groundTruth
        .plays(personId, { from: start.getTime() - HOUR_MS, to: end.getTime() + HOUR_MS })
        .filter((play) => play.itemId === itemId)
        .map((play) => `${iso(play.startedAtMs)} to ${iso(play.endedAtMs)} (${play.withheld ?? 'offered'})`);
      differences.push(
        `${personId}: ${iso(start)} to ${iso(end)} ${itemId} is no listen of its own; really: ${near.join(', ') || 'none'}`,
      );
    }
  }
  return { figures: { playsThatOnlyThePlayerTold: compared }, differences };
}

const ROLLUPS = `
  SELECT user_id, 'period' AS what, concat_ws('/', grain, kind, period, item_id) AS which, plays::bigint AS plays,
         ms_played, ms_assumed, concat_ws('/', first_day, last_day) AS days FROM play_periods
  UNION ALL
  SELECT user_id, 'session', concat_ws('/', started_at, ended_at), plays, ms_played, ms_assumed, '' FROM listening_sessions`;

/** The rollups are what a recount of the plays gives, to the row. */
export async function judgeRollups({ db, people, untilMs }: Judged): Promise<Verdict> {
  const now = new Date(untilMs);
  // What Spotify told of artists and albums after plays were counted waits for the next tick by design.
  await sweepCatalogueChanges(db, now);
  let waiting = 0;
  for (const { userId } of people) if (await recountIfStale(db, userId, now)) waiting += 1;
  await db.pool.query(`CREATE TABLE kept_rollups AS ${ROLLUPS}`);
  await db.pool.query('UPDATE history_states SET stale = 2');
  for (const { userId } of people) await recountIfStale(db, userId, now);
  await db.pool.query(`CREATE TABLE true_rollups AS ${ROLLUPS}`);
  const { rows } = await db.pool.query<{ who: string; what: string; which: string; side: string }>(
    `SELECT u.spotify_id AS who, d.what, d.which, d.side
       FROM (SELECT 'kept' AS side, k.* FROM (TABLE kept_rollups EXCEPT TABLE true_rollups) k
             UNION ALL SELECT 'recounted', t.* FROM (TABLE true_rollups EXCEPT TABLE kept_rollups) t) d
       JOIN users u ON u.id = d.user_id ORDER BY 1, 2, 3, 4`,
  );
  const { rows: all } = await db.pool.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM kept_rollups',
  );
  return {
    figures: { rollupRows: all[0]?.count ?? 0, waitedForCatalogue: waiting },
    differences: rows.map(
      ({ who, what, which, side }) => `${who}: ${what} ${which} stands only among the ${side} rollups`,
    ),
  };
}
