import type { Database, Queryable } from '../client.ts';
import { lockHistory } from '../plays/ingest.ts';
import { type ArtistItem, loadArtistItems } from '../statistics/item-views.ts';
import { markStale, STALE } from '../statistics/state.ts';
import { ARTIST_ALIASES, addLinks, listLinks, removeLink } from './chains.ts';
import { CorrectionRefused } from './refused.ts';

/** `artist`'s plays count for `into` (or for whomever that one is an alias of). */
export interface AliasView {
  readonly artist: ArtistItem;
  readonly into: ArtistItem;
  readonly createdAt: string;
}

async function viewsOf(db: Queryable, userId: number, artistIds?: readonly number[]): Promise<AliasView[]> {
  const links = await listLinks(db, ARTIST_ALIASES, userId, artistIds);
  const artists = await loadArtistItems(
    db,
    links.flatMap((link) => [link.id, link.into_id]),
  );
  return links.flatMap((link) => {
    const [artist, into] = [artists.get(link.id), artists.get(link.into_id)];
    return artist && into ? [{ artist, into, createdAt: link.created_at.toISOString() }] : [];
  });
}

/** The aliases that a listener has made, newest first. */
export async function listAliases(db: Queryable, userId: number): Promise<AliasView[]> {
  return viewsOf(db, userId);
}

async function requireHeard(db: Queryable, userId: number, artistId: number): Promise<void> {
  const { rows } = await db.query(
    `SELECT 1 FROM track_artists l WHERE l.artist_id = $2
        AND EXISTS (SELECT 1 FROM plays p WHERE p.user_id = $1 AND p.track_id = l.track_id) LIMIT 1`,
    [userId, artistId],
  );
  if (rows.length === 0) {
    throw new CorrectionRefused('unknown', `You have no plays of an artist ${artistId}.`);
  }
}

/**
 * Lets the plays of one artist count for another. An alias that led elsewhere is turned.
 * The figures follow with the recount that this asks for.
 *
 * @throws CorrectionRefused `circle` for an artist as their own alias, directly or by way of others,
 *   `unknown` for artists that this listener has not played.
 */
export async function aliasArtist(
  db: Database,
  userId: number,
  artistId: number,
  intoId: number,
  now: Date,
): Promise<AliasView> {
  if (artistId === intoId) {
    throw new CorrectionRefused('circle', 'An artist cannot be their own alias.');
  }
  return db.transaction(async (tx) => {
    await lockHistory(tx, userId);
    await requireHeard(tx, userId, artistId);
    await requireHeard(tx, userId, intoId);
    const outcome = await addLinks(tx, ARTIST_ALIASES, userId, [{ id: artistId, intoId }], now);
    if ('circle' in outcome) {
      throw new CorrectionRefused(
        'circle',
        `Artist ${intoId} counts as artist ${artistId} already: take that alias back first.`,
      );
    }
    if (outcome.changed > 0) await markStale(tx, userId, STALE.all, now);
    const [alias] = await viewsOf(tx, userId, [artistId]);
    if (!alias) throw new Error('the new alias was not stored');
    return alias;
  });
}

/** Takes an alias back, and asks for a recount. @returns false when this artist is none. */
export async function removeAlias(
  db: Database,
  userId: number,
  artistId: number,
  now: Date,
): Promise<boolean> {
  return db.transaction(async (tx) => {
    await lockHistory(tx, userId);
    if (!(await removeLink(tx, ARTIST_ALIASES, userId, artistId))) return false;
    await markStale(tx, userId, STALE.all, now);
    return true;
  });
}
