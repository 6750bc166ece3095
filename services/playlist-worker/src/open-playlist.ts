import {
  addMadePlaylist,
  earlierParts,
  earlierPlaylist,
  type PlaylistCheckpoint,
  type PlaylistPart,
  playlistsOfSchedule,
} from '@spindle/db';
import { paginate, type SpotifyCaller } from '@spindle/spotify';
import type { PlaylistContext } from './context.ts';
import type { PlaylistRun } from './playlist-run.ts';
import { callOnce, settle } from './unanswered-calls.ts';

/** Where a part is written. */
export interface OpenPlaylist {
  readonly playlistId: string;
  readonly name: string;
  /** It was there before. */
  readonly refreshed: boolean;
}

/**
 * Stands in the description of every playlist that we make, and in no other: by it a playlist is found
 * whose making was never answered. The time tells apart the operations of several installations.
 */
function markOf(part: PlaylistPart): string {
  return `spindle-${part.id}-${part.createdAt.getTime().toString(36)}`;
}

/** What the playlist says of itself. No marks that HTML would escape: Spotify gives it back escaped. */
function descriptionOf(sourceName: string, part: PlaylistPart): string {
  return `${sourceName.replace(/[<>&"'\s]+/g, ' ').slice(0, 200)}. Made by Spindle (${markOf(part)}).`;
}

async function findMarked(caller: SpotifyCaller, part: PlaylistPart): Promise<string | null> {
  const mark = `(${markOf(part)})`;
  for await (const playlist of paginate((page) => caller.myPlaylists(page))) {
    if (playlist?.description?.includes(mark)) return playlist.id;
  }
  return null;
}

/** The playlist that the same list went into before, if the listener still has it. */
async function findEarlier(
  context: PlaylistContext,
  run: PlaylistRun,
  part: PlaylistPart,
  leadPlaylistId: string | null,
): Promise<OpenPlaylist | null> {
  const { operation, caller } = run;
  const { pool } = context.db;
  const candidates =
    leadPlaylistId === null
      ? [
          await earlierPlaylist(pool, operation),
          // A schedule whose named playlist is gone goes on with one that it went into before.
          ...(operation.scheduleId === null ? [] : await playlistsOfSchedule(pool, operation.scheduleId)),
        ]
      : [(await earlierParts(pool, operation, leadPlaylistId)).get(part.part)];
  // A source is never written, even if it is one of ours.
  const usable = candidates.flatMap((one) => (one && one.playlistId !== operation.sourceId ? [one] : []));
  const distinct = [...new Map(usable.map((one) => [one.playlistId, one])).values()];
  if (distinct.length === 0) return null;
  // Deleting a playlist at Spotify only takes it out of the library: it could still be written.
  const kept = await caller.inLibrary(distinct.map((one) => `spotify:playlist:${one.playlistId}`));
  const found = distinct.find((_, place) => kept[place]);
  return found ? { ...found, refreshed: true } : null;
}

/**
 * Finds the playlist that a part is written into, or makes it: exactly once.
 *
 * @param leadPlaylistId the first playlist of the list; null for the first itself
 */
export async function openPlaylist(
  context: PlaylistContext,
  run: PlaylistRun,
  part: PlaylistPart & { readonly checkpoint: PlaylistCheckpoint },
  leadPlaylistId: string | null,
): Promise<OpenPlaylist> {
  const { checkpoint, name } = part;
  if (part.playlistId !== null) return { playlistId: part.playlistId, name, refreshed: part.refreshed };
  const found = await (async (): Promise<OpenPlaylist | null> => {
    if (checkpoint.sent !== 'create') return findEarlier(context, run, part, leadPlaylistId);
    await settle(context, run.job.signal);
    const playlistId = await findMarked(run.caller, part);
    return playlistId === null ? null : { playlistId, name, refreshed: false };
  })();
  const open =
    found ??
    (await callOnce(run, part.id, 'create', async () => {
      const made = await run.caller.createPlaylist({
        name,
        description: descriptionOf(run.operation.sourceName, part),
        public: false,
      });
      return { playlistId: made.id, name, refreshed: false };
    }));
  await run.save(part.id, { ...open, checkpoint: { sent: null } });
  // Shown among the listener's playlists before these are read again.
  if (!open.refreshed) await addMadePlaylist(context.db.pool, run.operation.userId, open);
  return open;
}
