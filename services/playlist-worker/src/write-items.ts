import type { LeftOut } from '@spindle/contracts';
import type { PlaylistCheckpoint, PlaylistPart } from '@spindle/db';
import {
  BadResponse,
  MAX_URIS_PER_WRITE,
  type SpotifyCaller,
  SpotifyRefusal,
  UpstreamFailure,
} from '@spindle/spotify';
import type { PlaylistContext } from './context.ts';
import type { PlaylistRun } from './playlist-run.ts';
import { callOnce, settle } from './unanswered-calls.ts';

/** When Spotify refuses more items than these one by one, it is not the items. */
const MOST_REFUSED = 20;

export interface WrittenItems {
  readonly count: number;
  readonly leftOut: LeftOut;
}

async function lengthOf(caller: SpotifyCaller, playlistId: string): Promise<number> {
  const { total } = await caller.playlistItems(playlistId, { limit: 1 });
  if (typeof total !== 'number') throw new BadResponse('items of a playlist: no total');
  return total;
}

/** The URIs of a batch that a refusal is about; all of them when it does not say. */
function blamed(refusal: SpotifyRefusal, batch: readonly string[]): readonly string[] {
  const words = new Set(String(refusal.cause ?? '').split(/[\s,;"']+/));
  const named = batch.filter((uri) => words.has(uri));
  return named.length > 0 ? named : batch;
}

/**
 * Makes a playlist hold the items of a part, in their order and nothing else. The first batch replaces
 * what was there, which may be done again at will; the others are added, which may not: after an addition
 * without an answer the length of the playlist tells how far it was carried out, and a length that cannot
 * be begins everything anew.
 *
 * Lengths are compared rather than items, since Spotify may give back another id for the same recording.
 *
 * @param leftOut what the operation has left out so far
 * @param onWritten told how many items are there
 */
export async function writeItems(
  context: PlaylistContext,
  run: PlaylistRun,
  playlistId: string,
  part: PlaylistPart & { readonly checkpoint: PlaylistCheckpoint },
  leftOut: LeftOut,
  onWritten: (written: number) => Promise<void>,
): Promise<WrittenItems> {
  const { caller, job, operation } = run;
  const save = (checkpoint: Partial<PlaylistCheckpoint>) => run.save(part.id, { checkpoint });
  let { uris } = part;
  let { written, doubtful } = part.checkpoint;
  let isLeftOut = leftOut;

  if (part.checkpoint.sent === 'items') {
    doubtful = true;
    await settle(context, job.signal);
    if (written > 0) {
      const length = await lengthOf(caller, playlistId);
      const next = Math.min(written + MAX_URIS_PER_WRITE, uris.length);
      written = length > written && length <= next ? length : length === written ? written : 0;
    }
    await save({ sent: null, doubtful, written });
  }

  let size = MAX_URIS_PER_WRITE;
  let refused = 0;
  while (written < uris.length) {
    await onWritten(written);
    await job.takeTurns();
    const batch = uris.slice(written, written + size);
    try {
      await callOnce(run, part.id, 'items', () =>
        written === 0 ? caller.replaceItems(playlistId, batch) : caller.addItems(playlistId, batch),
      );
    } catch (error) {
      if (!(error instanceof SpotifyRefusal) || error.code !== 'bad_request') throw error;
      const bad = blamed(error, batch);
      if (bad.length > 1 && bad.length === batch.length) {
        // One bad item spoils its batch: smaller ones find it.
        size = Math.ceil(batch.length / 2);
        continue;
      }
      const kept = [...uris.slice(0, written), ...uris.slice(written).filter((uri) => !bad.includes(uri))];
      refused += uris.length - kept.length;
      if (refused > MOST_REFUSED) throw error;
      isLeftOut = { ...isLeftOut, refused: (isLeftOut.refused ?? 0) + uris.length - kept.length };
      uris = kept;
      await run.save(part.id, { uris });
      await run.save(operation.id, { leftOut: isLeftOut });
      continue;
    }
    written += batch.length;
    size = Math.min(MAX_URIS_PER_WRITE, size * 2);
    await save({ sent: null, written });
  }
  await onWritten(uris.length);

  if (doubtful) await lookAtTheEnd();
  return { count: uris.length, leftOut: isLeftOut };

  /** A call that was given up for lost may have been carried out after others. */
  async function lookAtTheEnd(): Promise<void> {
    await settle(context, job.signal);
    const length = await lengthOf(caller, playlistId);
    if (length === uris.length) return;
    await save({ written: 0 });
    throw new UpstreamFailure(`the playlist holds ${length} items instead of ${uris.length}`, 0);
  }
}
