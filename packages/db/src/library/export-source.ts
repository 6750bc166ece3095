import type { Database } from '../client.ts';
import type { SourceLine } from './source-lines.ts';

/** One line of a source as an export tells it. */
export interface ExportedLine {
  readonly position: number;
  readonly kind: SourceLine['kind'];
  /** ISO 8601; null in very old playlists. */
  readonly addedAt: string | null;
  readonly unplayable: boolean;
  /** Null for music of which Spotify tells nothing any more. */
  readonly uri: string | null;
  readonly name: string | null;
  /** In the order of the credits. */
  readonly artists: readonly string[];
  readonly album: string | null;
  /** As Spotify tells it: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`. */
  readonly releaseDate: string | null;
  readonly durationMs: number | null;
  readonly explicit: boolean | null;
  readonly isrc: string | null;
}

interface Row {
  id: number;
  name: string;
  artists: string[];
  album: string | null;
  releaseDate: string | null;
  durationMs: number | null;
  explicit: boolean | null;
  isrc: string | null;
}

/** Lines that are looked up at once. */
const PAGE = 500;

async function rowsOf(db: Database, lines: readonly SourceLine[]): Promise<Map<number, Row>> {
  const { rows } = await db.pool.query<Row>(
    `SELECT t.id, t.name, b.name AS album, b.release_date AS "releaseDate", t.duration_ms AS "durationMs", t.explicit,
            t.isrc, ARRAY(SELECT a.name FROM track_artists l JOIN artists a ON a.id = l.artist_id
                           WHERE l.track_id = t.id ORDER BY l.position) AS artists
       FROM tracks t LEFT JOIN albums b ON b.id = t.album_id WHERE t.id = ANY ($1::int[])`,
    [lines.flatMap((line) => line.trackId ?? [])],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** The lines of a source with what the catalogue knows of them, page by page. */
export async function* exportSource(
  db: Database,
  lines: readonly SourceLine[],
): AsyncGenerator<ExportedLine[]> {
  for (let from = 0; from < lines.length; from += PAGE) {
    const page = lines.slice(from, from + PAGE);
    const rows = await rowsOf(db, page);
    yield page.map((line) => {
      const row = line.trackId === null ? undefined : rows.get(line.trackId);
      return {
        position: line.position,
        kind: line.kind,
        addedAt: line.addedAt === null ? null : new Date(line.addedAt).toISOString(),
        unplayable: line.unplayable ?? false,
        uri: line.uri,
        name: row?.name ?? line.name,
        artists: row?.artists ?? [],
        album: row?.album ?? null,
        releaseDate: row?.releaseDate ?? null,
        durationMs: row?.durationMs ?? null,
        explicit: row?.explicit ?? null,
        isrc: row?.isrc ?? null,
      };
    });
  }
}
