import { type Database, ensureNamedTracks } from '@spindle/db';
import type { ExportedPlay } from './formats/format.ts';

/** Tracks whose ids are remembered; more than most people hear in their lives. */
const REMEMBERED = 200_000;

export const UNKNOWN_TRACK = 'Unknown track';
export const UNKNOWN_ARTIST = 'Unknown artist';

/**
 * Row ids of the tracks of an export by their Spotify id, made in the catalogue by name where they
 * are new. Its transactions are its own: tracks that nobody played do no harm, and so what is
 * remembered is always committed.
 */
export class TrackIds {
  readonly #db: Database;
  readonly #ids = new Map<string, number>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** Makes sure that the tracks of all plays are known. */
  async learn(plays: readonly ExportedPlay[]): Promise<void> {
    if (this.#ids.size > REMEMBERED) this.#ids.clear();
    const missing = new Map<string, ExportedPlay>();
    for (const play of plays) {
      if (this.#ids.has(play.spotifyId)) continue;
      // A row that has lost its names gives way to one that has them.
      if (missing.get(play.spotifyId)?.name == null) missing.set(play.spotifyId, play);
    }
    if (missing.size === 0) return;
    const named = [...missing.values()].map(({ spotifyId, name, artist, album }) => ({
      spotifyId,
      name: name ?? UNKNOWN_TRACK,
      artist: artist ?? UNKNOWN_ARTIST,
      album,
    }));
    const ids = await this.#db.transaction((tx) => ensureNamedTracks(tx, named));
    for (const [spotifyId, id] of ids) this.#ids.set(spotifyId, id);
  }

  /** @throws Error when the track was not learned. */
  idOf(spotifyId: string): number {
    const id = this.#ids.get(spotifyId);
    if (id === undefined) throw new Error(`the track ${spotifyId} has no row`);
    return id;
  }
}
