import type { FailureKind } from '@spindle/contracts';
import type { Queryable } from '../client.ts';

/** Something that went wrong and is stored, by codes alone: no music, no words of other servers. */
export interface StoredFailure {
  readonly kind: Exclude<FailureKind, 'job'>;
  readonly at: Date;
  readonly user: { readonly id: number; readonly handle: string; readonly displayName: string } | null;
  readonly code: string;
  readonly jobId: string | null;
}

interface Row {
  kind: StoredFailure['kind'];
  at: Date;
  code: string;
  job_id: string | null;
  user_id: number;
  handle: string;
  display_name: string;
}

/** Of one kind at most. */
const EACH = 50;

/** Since `$1`, newest first, {@link EACH} at most: `kind`, `at`, `user_id`, `code`, `job_id`. */
const of = (kind: StoredFailure['kind'], at: string, code: string, from: string, jobId = 'NULL::text') =>
  `(SELECT '${kind}' AS kind, ${at} AS at, x.user_id, ${code} AS code, ${jobId} AS job_id FROM ${from}
      AND ${at} >= $1 ORDER BY ${at} DESC LIMIT ${EACH})`;

const KINDS = [
  of('sweep', 'r.started_at', "'sweep'", 'sync_run_errors x JOIN sync_runs r ON r.id = x.run_id WHERE true'),
  of(
    'playlist',
    'x.finished_at',
    "coalesce(x.failure_code, 'internal')",
    "shuffled_playlists x WHERE x.status = 'failed' AND x.lead_id IS NULL",
    'x.job_id',
  ),
  of('import', 'x.finished_at', "'import'", "imports x WHERE x.status = 'failed'", 'x.job_id'),
  of('consent', 'x.reauth_needed_at', "'reauth_needed'", 'spotify_credentials x WHERE true'),
  of('refusal', 'x.refusal_at', 'x.refusal', 'spotify_credentials x WHERE x.refusal IS NOT NULL'),
  of(
    'capture',
    'x.last_error_at',
    'x.last_error_code',
    'capture_states x WHERE x.last_error_code IS NOT NULL',
  ),
  of('gap', 'x.detected_at', "'gap'", 'capture_gaps x WHERE true'),
  of('relay', 'x.last_error_at', "'relay'", 'relays x WHERE x.last_error IS NOT NULL'),
];

/** What failed since `since`, newest first. */
export async function listStoredFailures(db: Queryable, since: Date): Promise<StoredFailure[]> {
  const { rows } = await db.query<Row>(
    `SELECT f.*, u.handle, u.display_name FROM (${KINDS.join(' UNION ALL ')}) f
       JOIN users u ON u.id = f.user_id ORDER BY f.at DESC`,
    [since],
  );
  return rows.map((row) => ({
    kind: row.kind,
    at: row.at,
    user: { id: row.user_id, handle: row.handle, displayName: row.display_name },
    code: row.code,
    jobId: row.job_id,
  }));
}

/** Names of listeners by id; of those who are gone there is none. */
export async function loadPeople(
  db: Queryable,
  userIds: readonly number[],
): Promise<
  ReadonlyMap<number, { readonly id: string; readonly handle: string; readonly displayName: string }>
> {
  const { rows } = await db.query<{ id: number; handle: string; display_name: string }>(
    'SELECT id, handle, display_name FROM users WHERE id = ANY($1::int[])',
    [[...new Set(userIds)]],
  );
  return new Map(
    rows.map((row) => [row.id, { id: String(row.id), handle: row.handle, displayName: row.display_name }]),
  );
}
