import type { AdminActionName, AdminActionView } from '@spindle/contracts';
import type { Database, Queryable } from '../client.ts';

/** Who did something as an admin: a listener, or an operator by the way in which they were signed in. */
export type AdminActor = { readonly userId: number } | { readonly operator: string };

export interface NewAdminAction {
  readonly actor: AdminActor;
  readonly action: AdminActionName;
  readonly userId?: number;
  /** A queue or an invitation; never the name of a listener, which erasing would not find. */
  readonly target?: string;
  /** Neither secrets nor names of listeners. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly requestId: string;
}

/** Notes what an admin did. Inside the transaction that does it, where there is one. */
export async function noteAdminAction(db: Queryable, entry: NewAdminAction, now: Date): Promise<void> {
  const { actor } = entry;
  await db.query(
    `INSERT INTO admin_actions (at, actor_id, operator, action, target_user_id, target, details, request_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      now,
      'userId' in actor ? actor.userId : null,
      'operator' in actor ? actor.operator : null,
      entry.action,
      entry.userId ?? null,
      entry.target ?? null,
      JSON.stringify(entry.details ?? {}),
      entry.requestId,
    ],
  );
}

const PERSON = { select: { id: true, handle: true, displayName: true } } as const;

const toPerson = (row: { id: number; handle: string; displayName: string } | null) =>
  row && { ...row, id: String(row.id) };

/** What admins did, newest first; those before the id `before`, if that is given. */
export async function listAdminActions(
  db: Database,
  page: { readonly limit: number; readonly before: number | undefined },
): Promise<{ readonly items: AdminActionView[]; readonly next: number | null }> {
  const rows = await db.prisma.adminAction.findMany({
    ...(page.before !== undefined && { where: { id: { lt: page.before } } }),
    orderBy: { id: 'desc' },
    take: page.limit + 1,
    include: { actor: PERSON, targetUser: PERSON },
  });
  const shown = rows.slice(0, page.limit);
  return {
    items: shown.map((row) => ({
      id: String(row.id),
      at: row.at.toISOString(),
      action: row.action as AdminActionName,
      actor: toPerson(row.actor),
      operator: row.operator,
      user: toPerson(row.targetUser),
      target: row.target,
      details: row.details as Record<string, unknown>,
      requestId: row.requestId,
    })),
    next: rows.length > page.limit ? (shown.at(-1)?.id ?? null) : null,
  };
}
