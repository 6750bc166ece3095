import { randomBytes } from 'node:crypto';
import { ACTIVE } from './active-users.ts';
import type { Database, Queryable } from './client.ts';

export interface WidgetLinkRow {
  readonly id: number;
  readonly key: string;
  readonly name: string;
  readonly createdAt: Date;
}

const SELECT = { id: true, key: true, name: true, createdAt: true } as const;
/** 128 bits: nobody finds one by trying. */
const KEY_BYTES = 16;

/** A listener's addresses of cards, oldest first. */
export function listWidgetLinks(db: Database, userId: number): Promise<WidgetLinkRow[]> {
  return db.prisma.widgetLink.findMany({ where: { userId }, select: SELECT, orderBy: { id: 'asc' } });
}

export function createWidgetLink(
  db: Database,
  userId: number,
  name: string,
  now: Date,
): Promise<WidgetLinkRow> {
  const key = randomBytes(KEY_BYTES).toString('base64url');
  return db.prisma.widgetLink.create({ data: { userId, key, name, createdAt: now }, select: SELECT });
}

/** Takes an address back. False when the listener has none of that id. */
export async function deleteWidgetLink(db: Database, userId: number, id: number): Promise<boolean> {
  const { count } = await db.prisma.widgetLink.deleteMany({ where: { id, userId } });
  return count > 0;
}

/** Whose cards may be shown, and which. */
export interface CardOwner {
  readonly userId: number;
  readonly handle: string;
  readonly displayName: string;
  /** What anybody may see; a link of the listener's own shows all of it. */
  readonly shows: { readonly now: boolean; readonly recent: boolean; readonly stats: boolean };
  readonly hasProfile: boolean;
  /** Spotify has ended the consent: nothing new comes until it is given again. */
  readonly needsReauth: boolean;
}

interface OwnerRow {
  id: number;
  handle: string;
  display_name: string;
  public_profile: boolean;
  public_history: boolean;
  public_stats: boolean;
  shares: boolean;
  needs_reauth: boolean;
}

const OWNER = `SELECT u.id, u.handle, u.display_name, u.public_profile, u.public_history, u.public_stats,
    EXISTS (SELECT 1 FROM shares s WHERE s.user_id = u.id AND s.ended_at IS NULL
               AND (s.expires_at IS NULL OR s.expires_at > $2)) AS shares,
    c.user_id IS NULL OR c.reauth_needed_at IS NOT NULL AS needs_reauth
  FROM users u LEFT JOIN spotify_credentials c ON c.user_id = u.id`;

function toOwner(row: OwnerRow | undefined, isTheirLink: boolean): CardOwner | null {
  if (!row) return null;
  return {
    userId: row.id,
    handle: row.handle,
    displayName: row.display_name,
    shows: {
      now: isTheirLink || row.shares,
      recent: isTheirLink || (row.public_profile && row.public_history),
      stats: isTheirLink || (row.public_profile && row.public_stats),
    },
    hasProfile: row.public_profile,
    needsReauth: row.needs_reauth,
  };
}

/** What keys are made of (base64url): anything else is none, and some of it PostgreSQL would not even compare. */
const KEY = /^[\w-]{1,64}$/;

/** The listener who gave out a key; null for keys that never were, or were taken back. */
export async function findCardOwnerByKey(db: Queryable, key: string, now: Date): Promise<CardOwner | null> {
  if (!KEY.test(key)) return null;
  const { rows } = await db.query<OwnerRow>(
    `${OWNER} JOIN widget_links w ON w.user_id = u.id WHERE w.key = $1 AND ${ACTIVE}`,
    [key, now],
  );
  return toOwner(rows[0], true);
}

export async function findCardOwnerByHandle(
  db: Queryable,
  handle: string,
  now: Date,
): Promise<CardOwner | null> {
  const { rows } = await db.query<OwnerRow>(`${OWNER} WHERE u.handle = $1 AND ${ACTIVE}`, [handle, now]);
  return toOwner(rows[0], false);
}

/** The instance's owner. What they play is public at `GET /api/now-playing`, so it is on cards too. */
export async function findCardOwnerById(db: Queryable, userId: number, now: Date): Promise<CardOwner | null> {
  const { rows } = await db.query<OwnerRow>(`${OWNER} WHERE u.id = $1 AND ${ACTIVE}`, [userId, now]);
  const owner = toOwner(rows[0], false);
  return owner && { ...owner, shows: { ...owner.shows, now: true } };
}
