import type { StoredAlert } from '@spindle/queues';
import type { Finding } from './findings.ts';

/** Why the operator is told of an alert now. */
export type AlertTurn = 'began' | 'lasts' | 'ended';

export interface AlertNews {
  readonly turn: AlertTurn;
  readonly alert: StoredAlert;
}

/** Something that comes and goes is one alert: it ends when it was not seen for so long, ms. */
const ENDS_AFTER_MS = 5 * 60_000;
/** What lasts is told of again after so long, ms. */
const REMIND_MS = 24 * 60 * 60_000;
/** Listeners are told of these themselves; once is enough for the operator. */
const TOLD_ONCE: ReadonlySet<StoredAlert['kind']> = new Set(['consents-ended']);

/** How the alerts go on with what is found now. Those that end are news until that was told. */
export function follow(
  before: readonly StoredAlert[],
  findings: readonly Finding[],
  now: Date,
): StoredAlert[] {
  const at = now.toISOString();
  const known = new Map(before.map((alert) => [alert.id, alert]));
  const found = findings.map((finding): StoredAlert => {
    const earlier = known.get(finding.id);
    return { ...finding, since: earlier?.since ?? at, toldAt: earlier?.toldAt ?? null, goneAt: null };
  });
  const ids = new Set(found.map(({ id }) => id));
  const gone = before
    .filter(({ id }) => !ids.has(id))
    .map((alert): StoredAlert => ({ ...alert, goneAt: alert.goneAt ?? at }));
  return [...gone, ...found].sort((a, b) => a.since.localeCompare(b.since) || a.id.localeCompare(b.id));
}

/** Whether an alert is over; what was never told need not be told the end of. */
export function isOver({ goneAt }: StoredAlert, now: Date): boolean {
  return goneAt !== null && now.getTime() - Date.parse(goneAt) >= ENDS_AFTER_MS;
}

/** What is to be told now. */
export function newsOf(alerts: readonly StoredAlert[], now: Date): AlertNews[] {
  return alerts.flatMap((alert): AlertNews[] => {
    const { toldAt, goneAt } = alert;
    if (goneAt !== null) return toldAt !== null && isOver(alert, now) ? [{ turn: 'ended', alert }] : [];
    if (toldAt === null) return [{ turn: 'began', alert }];
    const isDue = now.getTime() - Date.parse(toldAt) >= REMIND_MS && !TOLD_ONCE.has(alert.kind);
    return isDue ? [{ turn: 'lasts', alert }] : [];
  });
}
