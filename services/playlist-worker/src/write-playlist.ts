import type { MadePlaylist } from '@spindle/contracts';
import { finishPlaylistOperation, type PlaylistOperation } from '@spindle/db';
import { GiveUp } from '@spindle/service-kit';
import type { PlaylistContext } from './context.ts';
import { openPlaylist } from './open-playlist.ts';
import type { OperationJob } from './run-operation.ts';
import { writeItems } from './write-items.ts';

function resultOf(playlistId: string, rest: Pick<MadePlaylist, 'name' | 'tracks' | 'leftOut'>): MadePlaylist {
  return { playlistId, url: `https://open.spotify.com/playlist/${playlistId}`, ...rest };
}

/**
 * Writes what the checkpoint of an operation lists into its playlist at Spotify: a new private one, or
 * the one that was made of the same source before. Run again after whatever interruption, it goes on,
 * and the playlist holds each item once. One that is done answers what came of it.
 */
export async function writePlaylist(
  context: PlaylistContext,
  operation: PlaylistOperation,
  job: OperationJob,
): Promise<MadePlaylist> {
  const { checkpoint } = operation;
  if (!checkpoint) {
    const { name, trackCount: tracks, leftOut, playlistId } = operation;
    return resultOf(playlistId ?? '', { name, tracks, leftOut });
  }
  if (checkpoint.uris.length === 0) {
    throw new GiveUp({ code: 'nothing_to_write', message: 'The list holds nothing that Spotify knows.' });
  }
  const caller = context.spotify.as(operation.userId, { lane: 'interactive', signal: job.signal });
  await job.progress({ done: checkpoint.written, total: checkpoint.uris.length, phase: 'opening' });
  const { playlistId, name } = await openPlaylist(context, caller, { ...operation, checkpoint }, job.signal);
  const { count, leftOut } = await writeItems(context, caller, playlistId, { ...operation, checkpoint }, job);
  if (count === 0) {
    throw new GiveUp({ code: 'nothing_to_write', message: 'Spotify takes none of the tracks.' });
  }
  await finishPlaylistOperation(context.db.pool, operation.id, count, context.clock.now());
  return resultOf(playlistId, { name, tracks: count, leftOut });
}
