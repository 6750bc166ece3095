import type { Processor } from '@spindle/queues';
import { fetchArtwork, UnusableArtwork } from '@spindle/spotify';
import type { SyncContext } from './context.ts';

/** Fetches images into the cache; what cannot be shown is remembered as such, what failed is tried again. */
export const artwork: Processor<SyncContext, 'sync', 'artwork'> = async (context, { urls }, job) => {
  const { artworkCache: cache, artworkOrigin } = context;
  const known = await cache.find(urls);
  const wanted = urls.filter((url) => !known.has(url));
  let refused = 0;
  const results = await Promise.allSettled(
    wanted.map(async (url) => {
      try {
        await cache.store(url, await fetchArtwork(url, artworkOrigin, job.signal));
      } catch (error) {
        if (!(error instanceof UnusableArtwork)) throw error;
        refused += 1;
        await cache.refuse(url);
        job.log.info({ reason: error.message }, 'an image cannot be shown');
      }
    }),
  );
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return { stored: wanted.length - refused, refused };
};
