import {
  countUnfetched,
  deferFetch,
  nextUnfetched,
  type Unfetched,
  upsertArtists,
  upsertTracks,
} from '@spindle/db';
import { trackItem } from '@spindle/library';
import type { Processor } from '@spindle/queues';
import { RetryLater } from '@spindle/service-kit';
import { SpotifyRefusal } from '@spindle/spotify';
import type { SyncContext } from './context.ts';

const BATCH = 40;
/** A track that Spotify does not know is asked for again after this long: catalogues change. */
const UNKNOWN_FOR_MS = 30 * 86_400_000;

/**
 * Fills in what is missing about tracks and artists, the most played first, one item a call: batch reads
 * are gone from development mode. The metadata lane stops it long before it could hurt capture; then
 * it ends, and the next run goes on.
 */
export const metadata: Processor<SyncContext, 'sync', 'metadata'> = async (
  context,
  { limit = BATCH },
  job,
) => {
  const { db, clock } = context;
  // Metadata is nobody's own; it is read with the consent of whoever connected first.
  const reader = await context.anyConnectedUser();
  const wanted = reader === null ? [] : await nextUnfetched(db, clock.now(), limit);
  let filled = 0;
  for (const item of wanted) {
    if (reader === null || job.signal.aborted) break;
    try {
      await fill(context, item, reader, job.signal);
      filled += 1;
      await job.progress({ done: filled, total: wanted.length, phase: 'metadata' });
    } catch (error) {
      if (error instanceof SpotifyRefusal && ['not_found', 'bad_request'].includes(error.code)) {
        await deferFetch(db, item, clock.now(), new Date(clock.nowMs() + UNKNOWN_FOR_MS));
        continue;
      }
      // Out of allowance for today: what is filled is filled, the schedule comes again.
      if (error instanceof RetryLater && filled > 0) break;
      throw error;
    }
  }
  return { filled, remaining: await countUnfetched(db, clock.now()) };
};

async function fill(
  context: SyncContext,
  item: Unfetched,
  reader: number,
  signal: AbortSignal,
): Promise<void> {
  const { db, clock } = context;
  const caller = context.spotify.as(reader, { lane: 'metadata', signal });
  if (item.kind === 'artist') {
    const artist = await caller.artist(item.spotifyId);
    await db.transaction((tx) =>
      upsertArtists(
        tx,
        [{ spotifyId: item.spotifyId, name: artist.name, images: artist.images, genres: artist.genres }],
        clock.now(),
      ),
    );
    return;
  }
  const track = trackItem(await caller.track(item.spotifyId));
  if (!track) return;
  // Relinking may answer another id than was asked for: the plays hang on the one that was asked for.
  await db.transaction((tx) => upsertTracks(tx, [{ ...track, spotifyId: item.spotifyId }], clock.now()));
}
