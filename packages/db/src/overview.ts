import type { Database } from './client.ts';
import { GRAIN, KIND } from './statistics/series.ts';

export interface InstanceFigures {
  readonly users: number;
  /** Users whose consent works. */
  readonly connected: number;
  readonly reauthNeeded: number;
  readonly sharing: number;
  readonly plays: number;
  readonly tracks: number;
}

/** Figures for the operator. Plays are those that count, from one row a listener. */
export async function loadFigures(db: Database, now: Date): Promise<InstanceFigures> {
  const { rows } = await db.pool.query<Record<keyof InstanceFigures, string>>(
    `SELECT (SELECT count(*) FROM users) AS users,
            (SELECT count(*) FROM spotify_credentials WHERE reauth_needed_at IS NULL AND refresh_token IS NOT NULL)
              AS connected,
            (SELECT count(*) FROM spotify_credentials WHERE reauth_needed_at IS NOT NULL) AS "reauthNeeded",
            (SELECT count(*) FROM shares WHERE ended_at IS NULL AND (expires_at IS NULL OR expires_at > $1)) AS sharing,
            (SELECT coalesce(sum(plays), 0) FROM play_periods WHERE grain = ${GRAIN.all} AND kind = ${KIND.total}) AS plays,
            (SELECT count(*) FROM tracks) AS tracks`,
    [now],
  );
  const [row] = rows;
  const figure = (name: keyof InstanceFigures) => Number(row?.[name] ?? 0);
  return {
    users: figure('users'),
    connected: figure('connected'),
    reauthNeeded: figure('reauthNeeded'),
    sharing: figure('sharing'),
    plays: figure('plays'),
    tracks: figure('tracks'),
  };
}
