import type { Processor } from '@spindle/queues';
import type { PlaylistContext } from './context.ts';
import { runOperation } from './run-operation.ts';
import { writePlaylist } from './write-playlist.ts';

/** Writes a top list, whose tracks were settled when it was asked for. */
export const topPlaylist: Processor<PlaylistContext, 'shuffle-playlist', 'top-playlist'> = (
  context,
  { operationId },
  job,
) => runOperation(context, operationId, job, (operation) => writePlaylist(context, operation, job));
