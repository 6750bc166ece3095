import type { Exclusion, ExclusionInput } from '@spindle/contracts';
import { shownTo } from '../catalogue/shown-to.ts';
import type { Database, Queryable, Transaction } from '../client.ts';
import { contextIds } from '../plays/contexts.ts';
import { deviceName } from '../plays/devices.ts';
import { lockHistory } from '../plays/ingest.ts';
import { contextView } from '../plays/play-view.ts';
import { loadArtistItems } from '../statistics/item-views.ts';
import { markStale, STALE } from '../statistics/state.ts';
import { CorrectionRefused } from './refused.ts';

interface RuleRow {
  id: number;
  kind: Exclusion['kind'];
  created_at: Date;
  artist_id: number | null;
  context_uri: string | null;
  device: string | null;
  from_hour: number | null;
  to_hour: number | null;
  from_at: Date | null;
  to_at: Date | null;
  plays: number;
}

/** Plays that a rule `r` covers, whatever else covers them. */
const COVERED = `
  CASE r.kind
    WHEN 'artist' THEN (SELECT count(*) FROM plays p WHERE p.user_id = r.user_id
      AND p.track_id IN (SELECT track_id FROM track_artists WHERE artist_id = r.artist_id))
    WHEN 'context' THEN (SELECT count(*) FROM plays p WHERE p.user_id = r.user_id AND p.context_id = r.context_id)
    WHEN 'device' THEN (SELECT count(*) FROM plays p WHERE p.user_id = r.user_id AND p.device_id = r.device_id)
    WHEN 'hours' THEN (SELECT count(*) FROM plays p
      CROSS JOIN LATERAL (SELECT extract(hour FROM p.played_at AT TIME ZONE u.time_zone) AS hour) l
      WHERE p.user_id = r.user_id
        AND CASE WHEN r.from_hour < r.to_hour THEN l.hour >= r.from_hour AND l.hour < r.to_hour
                 ELSE l.hour >= r.from_hour OR l.hour < r.to_hour END)
    ELSE (SELECT count(*) FROM plays p WHERE p.user_id = r.user_id AND p.played_at BETWEEN r.from_at AND r.to_at)
  END::int`;

/** A listener's rules, newest first; one of them, or all. */
export async function listExclusions(db: Queryable, userId: number, id?: number): Promise<Exclusion[]> {
  const { rows } = await db.query<RuleRow>(
    `SELECT r.id, r.kind, r.created_at, r.artist_id, c.uri AS context_uri, d.name AS device, r.from_hour, r.to_hour,
            r.from_at, r.to_at, ${COVERED} AS plays
       FROM exclusion_rules r JOIN users u ON u.id = r.user_id
       LEFT JOIN play_contexts c ON c.id = r.context_id LEFT JOIN play_devices d ON d.id = r.device_id
      WHERE r.user_id = $1 AND ($2::int IS NULL OR r.id = $2) ORDER BY r.created_at DESC, r.id DESC`,
    [userId, id ?? null],
  );
  const artists = await loadArtistItems(
    db,
    rows.flatMap((row) => row.artist_id ?? []),
  );
  return rows.map((row) => ({
    id: String(row.id),
    kind: row.kind,
    createdAt: row.created_at.toISOString(),
    plays: row.plays,
    artist: row.artist_id === null ? null : (artists.get(row.artist_id) ?? null),
    context: contextView(row.context_uri),
    device: row.device,
    fromHour: row.from_hour,
    toHour: row.to_hour,
    from: row.from_at?.toISOString() ?? null,
    to: row.to_at?.toISOString() ?? null,
  }));
}

/** Devices that a listener's plays name, the most used first. One pass over the plays. */
export async function listDevices(db: Queryable, userId: number): Promise<{ name: string; plays: number }[]> {
  const { rows } = await db.query<{ name: string; plays: number }>(
    `SELECT d.name, x.plays FROM (SELECT device_id, count(*)::int AS plays FROM plays
                                   WHERE user_id = $1 AND device_id IS NOT NULL GROUP BY device_id) x
       JOIN play_devices d ON d.id = x.device_id ORDER BY x.plays DESC, d.name LIMIT 100`,
    [userId],
  );
  return rows;
}

const URI = /^spotify:(?:playlist|album|artist|show):[0-9A-Za-z]{22}$|^spotify:user:[^:\s]+:collection$/;
const ADDRESS =
  /^https:\/\/open\.spotify\.com\/(?:intl-[a-z]+\/)?(playlist|album|artist|show)\/([0-9A-Za-z]{22})(?:[?#].*)?$/;

/** The URI of a playlist or another origin of plays, from it or from its address; null when it is neither. */
export function contextUri(text: string): string | null {
  if (URI.test(text)) return text;
  const match = ADDRESS.exec(text);
  return match ? `spotify:${match[1]}:${match[2]}` : null;
}

interface Columns {
  artistId?: number;
  contextId?: number;
  deviceId?: number;
  fromHour?: number;
  toHour?: number;
  fromAt?: Date;
  toAt?: Date;
}

/** @throws CorrectionRefused */
async function columnsOf(tx: Transaction, userId: number, rule: ExclusionInput): Promise<Columns> {
  switch (rule.kind) {
    case 'artist': {
      const { rows } = await tx.query(
        `SELECT 1 FROM artists a WHERE a.id = $1 AND ${shownTo('artist', 'a', '$2')}`,
        [Number(rule.artistId), userId],
      );
      if (rows.length === 0) throw new CorrectionRefused('unknown', `There is no artist ${rule.artistId}.`);
      return { artistId: Number(rule.artistId) };
    }
    case 'context': {
      const uri = contextUri(rule.context);
      if (uri === null)
        throw new CorrectionRefused(
          'invalid',
          'That is neither the address nor the URI of a playlist or album.',
        );
      const id = (await contextIds(tx, [uri])).get(uri);
      return id === undefined ? {} : { contextId: id };
    }
    case 'device': {
      const { rows } = await tx.query<{ id: number }>(
        `SELECT d.id FROM play_devices d
          WHERE d.name = $1 AND EXISTS (SELECT 1 FROM plays p WHERE p.user_id = $2 AND p.device_id = d.id)`,
        [deviceName(rule.device), userId],
      );
      if (!rows[0]) throw new CorrectionRefused('unknown', 'None of your plays names this device.');
      return { deviceId: rows[0].id };
    }
    case 'hours':
      if (rule.fromHour === rule.toHour)
        throw new CorrectionRefused('invalid', 'The hours must not begin and end at the same hour.');
      return { fromHour: rule.fromHour, toHour: rule.toHour };
    case 'session': {
      const [fromAt, toAt] = [new Date(rule.from), new Date(rule.to)];
      if (fromAt > toAt) throw new CorrectionRefused('invalid', 'The end must not lie before the start.');
      return { fromAt, toAt };
    }
  }
}

/**
 * Keeps out of all figures what a rule covers; the figures follow with the recount that this asks for.
 *
 * @throws CorrectionRefused
 */
export async function addExclusion(
  db: Database,
  userId: number,
  rule: ExclusionInput,
  now: Date,
): Promise<Exclusion> {
  return db.transaction(async (tx) => {
    await lockHistory(tx, userId);
    const at = await columnsOf(tx, userId, rule);
    const { rows } = await tx.query<{ id: number }>(
      `INSERT INTO exclusion_rules (user_id, kind, artist_id, context_id, device_id, from_hour, to_hour, from_at, to_at, created_at)
       VALUES ($1, $2::exclusion_kind, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING RETURNING id`,
      [
        userId,
        rule.kind,
        at.artistId ?? null,
        at.contextId ?? null,
        at.deviceId ?? null,
        at.fromHour ?? null,
        at.toHour ?? null,
        at.fromAt ?? null,
        at.toAt ?? null,
        now,
      ],
    );
    if (!rows[0]) throw new CorrectionRefused('exists', 'There is such a rule already.');
    await markStale(tx, userId, STALE.all, now);
    const [made] = await listExclusions(tx, userId, rows[0].id);
    if (!made) throw new Error('the new rule was not stored');
    return made;
  });
}

/** @returns false when there is no such rule. */
export async function removeExclusion(db: Database, userId: number, id: number, now: Date): Promise<boolean> {
  return db.transaction(async (tx) => {
    await lockHistory(tx, userId);
    const { rowCount } = await tx.query('DELETE FROM exclusion_rules WHERE user_id = $1 AND id = $2', [
      userId,
      id,
    ]);
    if (rowCount === 0) return false;
    await markStale(tx, userId, STALE.all, now);
    return true;
  });
}
