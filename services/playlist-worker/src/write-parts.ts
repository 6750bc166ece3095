import type { LeftOut } from '@spindle/contracts';
import { earlierParts, finishPlaylistOperation, finishPlaylistPart, markDeleted } from '@spindle/db';
import { GiveUp } from '@spindle/service-kit';
import { MAX_LIBRARY_URIS } from '@spindle/spotify';
import type { PlaylistContext } from './context.ts';
import { openPlaylist } from './open-playlist.ts';
import type { PlaylistRun } from './playlist-run.ts';
import { writeItems } from './write-items.ts';

/** Address of a playlist at Spotify. */
export const playlistUrl = (playlistId: string): string => `https://open.spotify.com/playlist/${playlistId}`;

/**
 * Writes what the parts of an operation are to hold into their playlists at Spotify: new private ones, or
 * those that the list went into before. Run again after whatever interruption, it goes on, and each playlist
 * holds each item as often as it is listed. An operation that is done stays as it is.
 *
 * @throws GiveUp when there is nothing that Spotify takes, or what ends it; RetryLater, TurnOver, what may heal
 */
export async function writeParts(context: PlaylistContext, run: PlaylistRun): Promise<void> {
  const { operation, job, lease } = run;
  if (operation.status === 'succeeded') return;
  const total = operation.parts.reduce((sum, part) => sum + part.uris.length, 0);
  if (total === 0) {
    throw new GiveUp({ code: 'nothing_to_write', message: 'The list holds nothing that Spotify knows.' });
  }
  let before = 0;
  let lead: { readonly playlistId: string; readonly name: string } | null = null;
  let leftOut: LeftOut = operation.leftOut;
  const shown = () => (lead ? { playlist: { name: lead.name, url: playlistUrl(lead.playlistId) } } : {});
  for (const part of operation.parts) {
    const { checkpoint } = part;
    if (checkpoint === null) {
      lead ??= part.playlistId === null ? null : { playlistId: part.playlistId, name: part.name };
      before += part.trackCount;
      continue;
    }
    const done = before;
    await job.progress({ done: done + checkpoint.written, total, phase: 'opening', ...shown() });
    const open = await openPlaylist(context, run, { ...part, checkpoint }, lead?.playlistId ?? null);
    lead ??= open;
    const items = await writeItems(
      context,
      run,
      open.playlistId,
      { ...part, checkpoint },
      leftOut,
      (written) => job.progress({ done: done + written, total, phase: 'writing', ...shown() }),
    );
    leftOut = items.leftOut;
    if (items.count === 0) {
      throw new GiveUp({ code: 'nothing_to_write', message: 'Spotify takes none of the tracks.' });
    }
    await finishPlaylistPart(context.db.pool, lease, part.id, items.count);
    before += items.count;
  }
  if (lead) await dropSurplus(context, run, lead.playlistId);
  await finishPlaylistOperation(context.db, lease, operation.id, context.clock.now());
}

/** A list that has become shorter leaves no playlist behind with songs that are in the others now. */
async function dropSurplus(
  context: PlaylistContext,
  run: PlaylistRun,
  leadPlaylistId: string,
): Promise<void> {
  const { operation, caller, lease } = run;
  const earlier = await earlierParts(context.db.pool, operation, leadPlaylistId);
  const surplus = [...earlier].flatMap(([part, one]) =>
    part > operation.parts.length ? [one.playlistId] : [],
  );
  for (let at = 0; at < surplus.length; at += MAX_LIBRARY_URIS) {
    const playlistIds = surplus.slice(at, at + MAX_LIBRARY_URIS);
    await caller.removeFromLibrary(playlistIds.map((id) => `spotify:playlist:${id}`));
    await markDeleted(context.db.pool, lease, playlistIds, context.clock.now());
  }
}
