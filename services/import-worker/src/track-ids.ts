import { type Database, ensureNamedTracks, ensureTracksByName, type NamedTrack, nameKey } from '@spindle/db';
import type { ExportedPlay, ExportedTrack } from './formats/format.ts';
import { UNKNOWN_TRACK } from './formats/spotify-names.ts';

/** Tracks whose ids are remembered; more than most people hear in their lives. */
const REMEMBERED = 200_000;

/** Tells tracks of an export apart. */
const keyOf = ({ spotifyId, name, artist }: ExportedTrack): string =>
  spotifyId ?? `${nameKey(name)}\u0000${nameKey(artist)}`;

const isIdentified = (track: ExportedTrack): track is NamedTrack => track.spotifyId !== null;

/**
 * Row ids of the tracks of an export, made in the catalogue by name where they are new. Its transactions
 * are its own: tracks that nobody played do no harm, and so what is remembered is always committed.
 */
export class TrackIds {
  readonly #db: Database;
  readonly #userId: number;
  readonly #ids = new Map<string, number>();

  constructor(db: Database, userId: number) {
    this.#db = db;
    this.#userId = userId;
  }

  /** Makes sure that the tracks of all plays are known. */
  async learn(plays: readonly ExportedPlay[]): Promise<void> {
    if (this.#ids.size > REMEMBERED) this.#ids.clear();
    const missing = new Map<string, ExportedTrack>();
    for (const { track } of plays) {
      const key = keyOf(track);
      if (this.#ids.has(key)) continue;
      const known = missing.get(key);
      // A row that has lost its names gives way to one that has them.
      if (!known || known.name === UNKNOWN_TRACK) missing.set(key, track);
    }
    if (missing.size === 0) return;
    const tracks = [...missing.values()];
    const named = tracks.filter((track) => !isIdentified(track));
    const [byId, byName] = await this.#db.transaction(async (tx) => [
      await ensureNamedTracks(tx, tracks.filter(isIdentified)),
      named.length === 0 ? [] : await ensureTracksByName(tx, this.#userId, named),
    ]);
    for (const [spotifyId, id] of byId) this.#ids.set(spotifyId, id);
    for (const [place, track] of named.entries()) {
      const id = byName[place];
      if (id !== undefined) this.#ids.set(keyOf(track), id);
    }
  }

  /** @throws Error when the track was not learned. */
  idOf(track: ExportedTrack): number {
    const id = this.#ids.get(keyOf(track));
    if (id === undefined) throw new Error('a track of the export has no row');
    return id;
  }
}
