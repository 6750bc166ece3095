import { operationResult } from '@spindle/db';
import type { Processor } from '@spindle/queues';
import type { PlaylistContext } from './context.ts';
import { runOperation } from './run-operation.ts';
import { writeParts } from './write-parts.ts';

/** Writes a top list, whose tracks were settled when it was asked for. */
export const topPlaylist: Processor<PlaylistContext, 'shuffle-playlist', 'top-playlist'> = (
  context,
  { operationId },
  job,
) =>
  runOperation(context, operationId, job, async (run) => {
    await writeParts(context, run);
    const result = await operationResult(context.db.pool, operationId);
    const [playlist] = result?.playlists ?? [];
    if (!result || !playlist) throw new Error(`operation ${operationId} is done without a playlist`);
    return { ...playlist, leftOut: result.leftOut };
  });
