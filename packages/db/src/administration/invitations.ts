import { createHash } from 'node:crypto';
import type { InvitationView } from '@spindle/contracts';
import type { Database, Queryable, Transaction } from '../client.ts';

/** Tokens of invitations start with this. */
export const INVITATION_PREFIX = 'inv_';
const HINT_LENGTH = 9;

/** Tokens are 32 random bytes, so one round of SHA-256 is enough: there is nothing to guess. */
const hashOf = (token: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(createHash('sha256').update(token, 'utf8').digest());

interface Standing {
  readonly uses: number;
  readonly maxUses: number;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
}

function stateOf(row: Standing, now: Date): InvitationView['state'] {
  if (row.revokedAt) return 'revoked';
  if (row.uses >= row.maxUses) return 'used-up';
  return row.expiresAt <= now ? 'expired' : 'open';
}

const SHOWN = {
  createdBy: { select: { displayName: true } },
  invited: {
    select: { user: { select: { id: true, handle: true, displayName: true } } },
    orderBy: { userId: 'asc' },
  },
} as const;

interface Row extends Standing {
  readonly id: number;
  readonly hint: string;
  readonly note: string | null;
  readonly appId: string | null;
  readonly createdAt: Date;
  readonly createdBy: { readonly displayName: string } | null;
  readonly invited: readonly {
    readonly user: { readonly id: number; readonly handle: string; readonly displayName: string };
  }[];
}

const toView = (row: Row, now: Date): InvitationView => ({
  id: String(row.id),
  hint: row.hint,
  note: row.note,
  app: row.appId,
  state: stateOf(row, now),
  uses: row.uses,
  maxUses: row.maxUses,
  createdAt: row.createdAt.toISOString(),
  expiresAt: row.expiresAt.toISOString(),
  createdBy: row.createdBy?.displayName ?? null,
  invited: row.invited.map(({ user }) => ({ ...user, id: String(user.id) })),
});

export interface NewInvitation {
  /** Kept nowhere; its hash is. */
  readonly token: string;
  readonly note: string | null;
  readonly appId: string | null;
  readonly maxUses: number;
  readonly expiresAt: Date;
  /** Null: the operator. */
  readonly createdById: number | null;
}

export async function createInvitation(
  db: Database,
  { token, ...invitation }: NewInvitation,
  now: Date,
): Promise<InvitationView> {
  const row = await db.prisma.invitation.create({
    data: { ...invitation, hash: hashOf(token), hint: token.slice(0, HINT_LENGTH), createdAt: now },
    include: SHOWN,
  });
  return toView(row, now);
}

/** Invitations, newest first; those before the id `before`, if that is given. */
export async function listInvitations(
  db: Database,
  page: { readonly limit: number; readonly before: number | undefined },
  now: Date,
): Promise<{ readonly items: InvitationView[]; readonly next: number | null }> {
  const rows = await db.prisma.invitation.findMany({
    ...(page.before !== undefined && { where: { id: { lt: page.before } } }),
    orderBy: { id: 'desc' },
    take: page.limit + 1,
    include: SHOWN,
  });
  const shown = rows.slice(0, page.limit);
  return {
    items: shown.map((row) => toView(row, now)),
    next: rows.length > page.limit ? (shown.at(-1)?.id ?? null) : null,
  };
}

/** False when there is none that could be revoked. */
export async function revokeInvitation(db: Database, id: number, now: Date): Promise<boolean> {
  const { count } = await db.prisma.invitation.updateMany({
    where: { id, revokedAt: null },
    data: { revokedAt: now },
  });
  return count > 0;
}

/** What a link stands for; null when it never was one. */
export async function findInvitation(
  db: Queryable,
  token: string,
  now: Date,
): Promise<{
  readonly id: number;
  readonly state: InvitationView['state'];
  readonly note: string | null;
  readonly appId: string | null;
  readonly expiresAt: Date;
  readonly invitedBy: string | null;
} | null> {
  const { rows } = await db.query<
    Standing & { id: number; note: string | null; appId: string | null; invitedBy: string | null }
  >(
    `SELECT i.id, i.note, i.app_id AS "appId", i.uses, i.max_uses AS "maxUses", i.expires_at AS "expiresAt",
            i.revoked_at AS "revokedAt", u.display_name AS "invitedBy"
       FROM invitations i LEFT JOIN users u ON u.id = i.created_by_id WHERE i.hash = $1`,
    [hashOf(token)],
  );
  const [row] = rows;
  if (!row) return null;
  const { id, note, appId, expiresAt, invitedBy } = row;
  return { id, note, appId, expiresAt, invitedBy, state: stateOf(row, now) };
}

/** Uses an invitation once. Answers false when it is good no more; however many come at once, none is let in above its number. */
export async function useInvitation(tx: Transaction, id: number, now: Date): Promise<boolean> {
  const { rowCount } = await tx.query(
    `UPDATE invitations SET uses = uses + 1
      WHERE id = $1 AND revoked_at IS NULL AND uses < max_uses AND expires_at > $2`,
    [id, now],
  );
  return rowCount === 1;
}

/** Notes who came by an invitation. */
export async function noteInvited(
  tx: Transaction,
  invitationId: number,
  userId: number,
  now: Date,
): Promise<void> {
  await tx.query('INSERT INTO invitation_uses (user_id, invitation_id, used_at) VALUES ($1, $2, $3)', [
    userId,
    invitationId,
    now,
  ]);
}

/** How many listeners have consented to each Spotify app, by its id in the configuration. */
export async function countUsersByApp(db: Queryable): Promise<ReadonlyMap<string, number>> {
  const { rows } = await db.query<{ app_id: string; users: number }>(
    'SELECT app_id, count(*)::int AS users FROM spotify_credentials GROUP BY app_id',
  );
  return new Map(rows.map((row) => [row.app_id, row.users]));
}
