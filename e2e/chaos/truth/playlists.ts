import { shuffleUniform } from '@spindle/shuffle';
import { seededSource } from '@spindle/shuffle/seeded';
import type { System } from '../../system.ts';
import type { Judged, Verdict } from './judged.ts';

interface Operation {
  id: number;
  user_id: number;
  source_id: string;
  mode: string;
  seed: string;
  playlist_id: string | null;
  status: string;
  job_id: string | null;
  schedule_id: number | null;
  track_count: number;
  deleted: boolean;
  finished_at: Date | null;
}

/** What a source holds that Spotify plays, in its order. */
function sourceOf({ sandbox }: System, personId: string, sourceId: string): string[] {
  const { groundTruth, catalogue } = sandbox;
  const playable = new Set(catalogue.tracks.filter((track) => track.playable).map(({ uri }) => uri));
  const uris =
    sourceId === 'liked'
      ? groundTruth.likedSongs(personId).map(({ id }) => `spotify:track:${id}`)
      : (groundTruth.playlist(sourceId)?.items.map(({ uri }) => uri) ?? []);
  return uris.flatMap((uri) => (uri !== null && playable.has(uri) ? [uri] : []));
}

/** What an operation has to have written: its order where the seed alone says it, else what is in it. */
function planOf(
  system: System,
  personId: string,
  operation: Operation,
): { uris: string[]; isOrdered: boolean } {
  const source = sourceOf(system, personId, operation.source_id);
  if (operation.mode === 'liked') return { uris: source, isOrdered: true };
  if (operation.mode === 'uniform')
    return { uris: shuffleUniform(source, seededSource(operation.seed)), isOrdered: true };
  return { uris: source, isOrdered: false };
}

const same = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((one, place) => one === b[place]);

/**
 * Playlists at Spotify against what the operations say: each holds exactly what the last one that succeeded
 * planned, none was made that no operation knows of, what was deleted is gone, and every operation that was
 * accepted came to an end, once.
 */
export async function judgePlaylists({ system, db, records, people }: Judged): Promise<Verdict> {
  const differences: string[] = [];
  const { groundTruth, control } = system.sandbox;
  const { rows } = await db.pool.query<Operation>(
    `SELECT id, user_id, source_id, mode, seed, playlist_id, status, job_id, schedule_id, track_count,
            deleted_at IS NOT NULL AS deleted, finished_at
       FROM shuffled_playlists ORDER BY finished_at NULLS LAST, id`,
  );
  const operations = Map.groupBy(rows, (row) => row.user_id);
  let compared = 0;
  let inOrder = 0;
  for (const { personId, userId } of people) {
    const own = operations.get(userId) ?? [];
    const tell = (operation: Operation | undefined, what: string) =>
      differences.push(
        `${personId}: operation ${operation?.id} (${operation?.mode}, ${operation?.status}) ${what}`,
      );
    for (const operation of own)
      if (operation.status !== 'succeeded' && operation.status !== 'failed')
        tell(operation, `never came to an end (job ${operation.job_id})`);
    const asked = own.filter((one) => one.schedule_id === null).length;
    const accepted = records.operations.get(personId) ?? 0;
    if (asked !== accepted)
      differences.push(`${personId}: ${accepted} operations were accepted, ${asked} are there`);

    const made = new Set(own.flatMap((one) => one.playlist_id ?? []));
    const library = new Set(groundTruth.playlists(personId).map(({ id }) => id));
    for (const command of control.commands(personId)) {
      if (command.action !== 'playlist.create') continue;
      const id = String(command.details.playlistId);
      if (!made.has(id))
        differences.push(`${personId}: playlist ${id} was made and no operation knows of it`);
    }
    for (const playlistId of made) {
      const of = own.filter((one) => one.playlist_id === playlistId);
      const last = of.at(-1);
      const isDeleted = of.every((one) => one.deleted);
      if (isDeleted === library.has(playlistId))
        tell(
          last,
          `: playlist ${playlistId} is ${isDeleted ? 'deleted and still' : 'not deleted and not'} in the library`,
        );
      if (last?.status !== 'succeeded') {
        tell(last, `left playlist ${playlistId} as it was when it failed`);
        continue;
      }
      const held = (groundTruth.playlist(playlistId)?.items ?? []).map(({ uri }) => uri ?? 'nothing');
      const { uris, isOrdered } = planOf(system, personId, last);
      compared += 1;
      if (isOrdered) inOrder += 1;
      const isRight = isOrdered ? same(held, uris) : same(held.toSorted(), uris.toSorted());
      if (!isRight)
        tell(last, `planned ${uris.length} tracks, the playlist holds ${held.length} in another order`);
      if (last.track_count !== held.length)
        tell(last, `says ${last.track_count} tracks, the playlist holds ${held.length}`);
    }
  }
  const failed = rows.filter((row) => row.status === 'failed').length;
  return {
    figures: { operations: rows.length, operationsFailed: failed, playlistsCompared: compared, inOrder },
    differences,
  };
}
