import {
  earlierPlaylist,
  type PlaylistCheckpoint,
  type PlaylistOperation,
  savePlaylistStep,
} from '@spindle/db';
import { paginate, type SpotifyCaller } from '@spindle/spotify';
import type { PlaylistContext } from './context.ts';
import { callOnce, settle } from './unanswered-calls.ts';

/** Where an operation writes. */
export interface OpenPlaylist {
  readonly playlistId: string;
  readonly name: string;
}

/**
 * Stands in the description of every playlist that we make, and in no other: by it a playlist is found
 * whose making was never answered. The time tells apart the operations of several installations.
 */
function markOf(operation: PlaylistOperation): string {
  return `spindle-${operation.id}-${operation.createdAt.getTime().toString(36)}`;
}

/** What the playlist says of itself. No marks that HTML would escape: Spotify gives it back escaped. */
function descriptionOf(operation: PlaylistOperation): string {
  return `${operation.sourceName.replace(/[<>&"'\s]+/g, ' ').slice(0, 200)}. Made by Spindle (${markOf(operation)}).`;
}

async function findMarked(caller: SpotifyCaller, operation: PlaylistOperation): Promise<string | null> {
  const mark = `(${markOf(operation)})`;
  for await (const playlist of paginate((page) => caller.myPlaylists(page))) {
    if (playlist?.description?.includes(mark)) return playlist.id;
  }
  return null;
}

/** The playlist that was made of the same source before, if the listener still has it. */
async function findEarlier(
  context: PlaylistContext,
  caller: SpotifyCaller,
  operation: PlaylistOperation,
): Promise<OpenPlaylist | null> {
  const earlier = await earlierPlaylist(context.db, operation);
  if (!earlier) return null;
  // Deleting a playlist at Spotify only takes it out of the library: it could still be written.
  const [isKept] = await caller.inLibrary([`spotify:playlist:${earlier.playlistId}`]);
  return isKept ? earlier : null;
}

/** Finds the playlist that an operation writes into, or makes it: exactly once. */
export async function openPlaylist(
  context: PlaylistContext,
  caller: SpotifyCaller,
  operation: PlaylistOperation & { readonly checkpoint: PlaylistCheckpoint },
  signal: AbortSignal,
): Promise<OpenPlaylist> {
  const { checkpoint, name } = operation;
  if (operation.playlistId !== null) return { playlistId: operation.playlistId, name };
  const found = await (async (): Promise<OpenPlaylist | null> => {
    if (checkpoint.sent === 'create') {
      await settle(context, signal);
      const playlistId = await findMarked(caller, operation);
      return playlistId === null ? null : { playlistId, name };
    }
    return checkpoint.refresh ? findEarlier(context, caller, operation) : null;
  })();
  const open =
    found ??
    (await callOnce(context, operation.id, 'create', async () => {
      const made = await caller.createPlaylist({
        name,
        description: descriptionOf(operation),
        public: false,
      });
      return { playlistId: made.id, name };
    }));
  await savePlaylistStep(context.db.pool, operation.id, { ...open, checkpoint: { sent: null } });
  return open;
}
