import { createHash } from 'node:crypto';
import type { ApiTokenScope } from '@spindle/contracts';
import type { Database } from './client.ts';

export interface ApiTokenRow {
  readonly id: number;
  readonly name: string;
  readonly hint: string;
  readonly scopes: readonly ApiTokenScope[];
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  readonly expiresAt: Date | null;
}

const SHOWN = {
  id: true,
  name: true,
  hint: true,
  scopes: true,
  createdAt: true,
  lastUsedAt: true,
  expiresAt: true,
} as const;

const HINT_LENGTH = 9;
/** A token's last use is written at most this often. */
const LAST_USED_STEP_MS = 60_000;

/** Tokens are 32 random bytes, so one round of SHA-256 is enough: there is nothing to guess. */
function hashToken(token: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(token, 'utf8').digest());
}

function toRow(row: Omit<ApiTokenRow, 'scopes'> & { readonly scopes: readonly string[] }): ApiTokenRow {
  return { ...row, scopes: row.scopes as readonly ApiTokenScope[] };
}

export async function listApiTokens(db: Database, userId: number): Promise<ApiTokenRow[]> {
  const rows = await db.prisma.apiToken.findMany({
    where: { userId },
    select: SHOWN,
    orderBy: { id: 'desc' },
  });
  return rows.map(toRow);
}

/** Stores the hash of a new token; the token itself is kept nowhere. */
export async function createApiToken(
  db: Database,
  userId: number,
  token: {
    readonly text: string;
    readonly name: string;
    readonly scopes: readonly ApiTokenScope[];
    readonly expiresAt: Date | null;
    readonly now: Date;
  },
): Promise<ApiTokenRow> {
  const row = await db.prisma.apiToken.create({
    data: {
      userId,
      name: token.name,
      hash: hashToken(token.text),
      hint: token.text.slice(0, HINT_LENGTH),
      scopes: [...new Set(token.scopes)],
      createdAt: token.now,
      expiresAt: token.expiresAt,
    },
    select: SHOWN,
  });
  return toRow(row);
}

/** How many tokens a user has, expired ones included. */
export async function countApiTokens(db: Database, userId: number): Promise<number> {
  return db.prisma.apiToken.count({ where: { userId } });
}

/** False when the user has no such token. */
export async function deleteApiToken(db: Database, userId: number, id: number): Promise<boolean> {
  const { count } = await db.prisma.apiToken.deleteMany({ where: { id, userId } });
  return count > 0;
}

/** Whom a presented token stands for; null when it is unknown or has expired. */
export async function findApiToken(
  db: Database,
  text: string,
  now: Date,
): Promise<{ id: number; userId: number; scopes: readonly ApiTokenScope[] } | null> {
  const { rows } = await db.pool.query<{
    id: number;
    user_id: number;
    scopes: ApiTokenScope[];
    last_used_at: Date | null;
  }>(
    `SELECT id, user_id, scopes, last_used_at FROM api_tokens
      WHERE hash = $1 AND (expires_at IS NULL OR expires_at > $2)`,
    [hashToken(text), now],
  );
  const [row] = rows;
  if (!row) return null;
  if (!row.last_used_at || now.getTime() - row.last_used_at.getTime() >= LAST_USED_STEP_MS) {
    await db.pool.query('UPDATE api_tokens SET last_used_at = $2 WHERE id = $1', [row.id, now]);
  }
  return { id: row.id, userId: row.user_id, scopes: row.scopes };
}
