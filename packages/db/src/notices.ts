import type { NoticeKind, NoticeTarget } from '@spindle/contracts';
import { ACTIVE } from './active-users.ts';
import type { Database } from './client.ts';
import { consentEndsAt } from './connection-view.ts';

const DAY_MS = 86_400_000;
/** Warnings go out when so many days are left; 0: it has ended. */
const STAGES = [0, 1, 7, 30] as const;

/** What the address of a target is sealed for. */
export const noticeAddressContext = (userId: number): string => `notice:${userId}`;

const VIEW = { kind: true, host: true, lastError: true, lastErrorAt: true } as const;

function toView(row: {
  kind: string;
  host: string;
  lastError: string | null;
  lastErrorAt: Date | null;
}): NoticeTarget {
  const { lastError: message, lastErrorAt: at } = row;
  return {
    kind: row.kind === 'ntfy' ? 'ntfy' : 'webhook',
    host: row.host,
    lastError: message === null || at === null ? null : { message, at: at.toISOString() },
  };
}

/** Where a listener is told what needs them, without the address; null when nowhere. */
export async function loadNoticeTarget(db: Database, userId: number): Promise<NoticeTarget | null> {
  const row = await db.prisma.noticeTarget.findUnique({ where: { userId }, select: VIEW });
  return row && toView(row);
}

export async function saveNoticeTarget(
  db: Database,
  userId: number,
  target: { readonly kind: NoticeKind; readonly host: string; readonly url: Uint8Array },
): Promise<NoticeTarget> {
  const data = {
    kind: target.kind,
    host: target.host,
    url: Buffer.from(target.url),
    lastError: null,
    lastErrorAt: null,
  };
  const row = await db.prisma.noticeTarget.upsert({
    where: { userId },
    create: { userId, ...data },
    update: data,
    select: VIEW,
  });
  return toView(row);
}

/** Forgets a target. False when there was none. */
export async function deleteNoticeTarget(db: Database, userId: number): Promise<boolean> {
  return (await db.prisma.noticeTarget.deleteMany({ where: { userId } })).count > 0;
}

/** A target as the one who sends needs it. */
export interface NoticeAddress {
  readonly kind: NoticeKind;
  /** Sealed. */
  readonly url: Uint8Array;
}

export async function loadNoticeAddress(db: Database, userId: number): Promise<NoticeAddress | null> {
  const row = await db.prisma.noticeTarget.findUnique({
    where: { userId },
    select: { kind: true, url: true },
  });
  return row && { kind: row.kind === 'ntfy' ? 'ntfy' : 'webhook', url: row.url };
}

/** Notes why a notice could not be sent, in words for the listener; null: it could. */
export async function noteNoticeOutcome(
  db: Database,
  userId: number,
  outcome: { readonly error: string | null; readonly at: Date },
): Promise<void> {
  await db.prisma.noticeTarget.updateMany({
    where: { userId },
    data: { lastError: outcome.error, lastErrorAt: outcome.error === null ? null : outcome.at },
  });
}

export interface DueWarning {
  readonly userId: number;
  readonly authorizedAt: Date;
  readonly endsAt: Date;
  /** 30, 7, 1 or 0. */
  readonly daysLeft: number;
}

/** Warnings that are to go out: for each listener with a target the latest one, unless it went out already. */
export async function dueWarnings(db: Database, now: Date): Promise<DueWarning[]> {
  const { rows } = await db.pool.query<{
    user_id: number;
    authorized_at: Date;
    ended: boolean;
    sent: number[];
  }>(
    `SELECT c.user_id, c.authorized_at, c.reauth_needed_at IS NOT NULL AS ended,
            ARRAY(SELECT w.days_left::int FROM consent_warnings w
                   WHERE w.user_id = c.user_id AND w.authorized_at = c.authorized_at) AS sent
       FROM notice_targets n JOIN spotify_credentials c ON c.user_id = n.user_id
       JOIN users u ON u.id = n.user_id AND ${ACTIVE} ORDER BY c.user_id`,
  );
  return rows.flatMap((row) => {
    const endsAt = consentEndsAt(row.authorized_at);
    const left = row.ended ? 0 : Math.max(0, Math.ceil((endsAt.getTime() - now.getTime()) / DAY_MS));
    const stage = STAGES.find((days) => left <= days);
    // Whoever was told of fewer days left need not be told of more.
    if (stage === undefined || row.sent.some((days) => days <= stage)) return [];
    return [{ userId: row.user_id, authorizedAt: row.authorized_at, endsAt, daysLeft: stage }];
  });
}

/** Notes that a warning went out. */
export async function noteWarning(db: Database, warning: DueWarning, now: Date): Promise<void> {
  await db.pool.query(
    `INSERT INTO consent_warnings (user_id, authorized_at, days_left, sent_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT DO NOTHING`,
    [warning.userId, warning.authorizedAt, warning.daysLeft, now],
  );
}
