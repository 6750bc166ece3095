import { type Image, LIKED } from '@spindle/contracts';
import type { Database, Queryable } from '../client.ts';

/** A playlist as Spotify lists it. */
export interface ListedPlaylist {
  readonly playlistId: string;
  readonly name: string;
  readonly description: string | null;
  readonly ownerId: string | null;
  readonly ownerName: string | null;
  readonly collaborative: boolean;
  /** Null where Spotify does not tell. */
  readonly public: boolean | null;
  readonly images: readonly Image[];
  /** Null where Spotify does not tell. */
  readonly itemCount: number | null;
  readonly snapshotId: string | null;
}

/**
 * Puts the list of a listener's playlists in the place of what was stored, and forgets the items of
 * those that are no longer in it. Answers how many there are.
 */
export async function storeLibraryPlaylists(
  db: Database,
  userId: number,
  listed: readonly ListedPlaylist[],
  now: Date,
): Promise<number> {
  const playlists = [...new Map(listed.map((playlist) => [playlist.playlistId, playlist])).values()];
  const ids = playlists.map((playlist) => playlist.playlistId);
  await db.transaction(async (tx) => {
    await tx.query('SELECT pg_advisory_xact_lock(hashtext($1), $2)', ['playlists', userId]);
    await tx.query('DELETE FROM library_playlists WHERE user_id = $1 AND playlist_id <> ALL ($2::text[])', [
      userId,
      ids,
    ]);
    await tx.query('DELETE FROM playlist_contents WHERE user_id = $1 AND playlist_id <> ALL ($2::text[])', [
      userId,
      // What an interrupted reading of Liked Songs got to stands there, too.
      [...ids, LIKED],
    ]);
    await tx.query(
      `INSERT INTO library_playlists (user_id, playlist_id, position, name, description, owner_id, owner_name, own,
                                      collaborative, public, images, item_count, snapshot_id)
       SELECT u.id, n.playlist_id, n.position, n.name, n.description, n.owner_id, n.owner_name,
              coalesce(n.owner_id = u.spotify_id, false), n.collaborative, n.public, n.images::jsonb,
              n.item_count, n.snapshot_id
         FROM users u,
              unnest($2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::boolean[],
                     $9::boolean[], $10::text[], $11::int[], $12::text[])
                AS n (playlist_id, position, name, description, owner_id, owner_name, collaborative, public,
                      images, item_count, snapshot_id)
        WHERE u.id = $1
       ON CONFLICT (user_id, playlist_id) DO UPDATE
          SET position = excluded.position, name = excluded.name, description = excluded.description,
              owner_id = excluded.owner_id, owner_name = excluded.owner_name, own = excluded.own,
              collaborative = excluded.collaborative, public = excluded.public, images = excluded.images,
              item_count = excluded.item_count, snapshot_id = excluded.snapshot_id`,
      [
        userId,
        ids,
        playlists.map((_, position) => position),
        playlists.map((playlist) => playlist.name),
        playlists.map((playlist) => playlist.description),
        playlists.map((playlist) => playlist.ownerId),
        playlists.map((playlist) => playlist.ownerName),
        playlists.map((playlist) => playlist.collaborative),
        playlists.map((playlist) => playlist.public),
        playlists.map((playlist) => JSON.stringify(playlist.images)),
        playlists.map((playlist) => playlist.itemCount),
        playlists.map((playlist) => playlist.snapshotId),
      ],
    );
    await tx.query(
      `INSERT INTO library_states (user_id, playlists_read_at, playlists_total) VALUES ($1, $2, $3)
       ON CONFLICT (user_id) DO UPDATE
          SET playlists_read_at = excluded.playlists_read_at, playlists_total = excluded.playlists_total`,
      [userId, now, playlists.length],
    );
  });
  return playlists.length;
}

/** Puts a playlist that was just made on top of the stored list, as Spotify will list it. */
export async function addMadePlaylist(
  db: Queryable,
  userId: number,
  made: { readonly playlistId: string; readonly name: string },
): Promise<void> {
  await db.query(
    `WITH moved AS (UPDATE library_playlists SET position = position + 1 WHERE user_id = $1)
     INSERT INTO library_playlists (user_id, playlist_id, position, name, owner_id, owner_name, own, collaborative, public, images)
     SELECT u.id, $2, 0, $3,
            u.spotify_id, u.display_name, true, false, false, '[]'
       FROM users u JOIN library_states s ON s.user_id = u.id AND s.playlists_read_at IS NOT NULL
      WHERE u.id = $1
     ON CONFLICT (user_id, playlist_id) DO NOTHING`,
    [userId, made.playlistId, made.name],
  );
}

/** What a playlist told of itself when its items were read, so that the list need not be read for it. */
export async function notePlaylist(
  db: Database,
  userId: number,
  playlist: Pick<ListedPlaylist, 'playlistId' | 'name' | 'itemCount' | 'snapshotId'>,
): Promise<void> {
  await db.pool.query(
    `UPDATE library_playlists SET name = $3, item_count = coalesce($4, item_count), snapshot_id = $5
      WHERE user_id = $1 AND playlist_id = $2
        AND (name, item_count, snapshot_id) IS DISTINCT FROM ($3, coalesce($4, item_count), $5)`,
    [userId, playlist.playlistId, playlist.name, playlist.itemCount, playlist.snapshotId],
  );
}
