import type { Image } from '@spindle/contracts';
import { ARTWORK_BATCH, type Producer } from '@spindle/queues';
import type { ArtworkCache } from '@spindle/spotify';

/** A card waits this long for images that nobody fetched before; image proxies give up after some seconds. */
const PATIENCE_MS = 2_000;

/** The smallest image that is at least so wide, px; else the largest. Images come largest first. */
export function imageOf(images: readonly Image[] | null | undefined, width: number): string | null {
  const wide = (images ?? []).filter((image) => (image.width ?? 0) >= width);
  return (wide.at(-1) ?? images?.[0])?.url ?? null;
}

/**
 * Images as data URIs by their address, from the cache; new ones are fetched by a job, which is waited
 * for a moment. What is not there by then is there for the next view.
 */
export async function loadArtwork(
  parts: { readonly cache: ArtworkCache; readonly producer: Pick<Producer, 'add' | 'waitFor'> },
  wanted: readonly (string | null)[],
  requestId: string,
): Promise<Map<string, string>> {
  const urls = [...new Set(wanted.flatMap((url) => url ?? []))].slice(0, ARTWORK_BATCH);
  let found = await parts.cache.find(urls);
  const missing = urls.filter((url) => !found.has(url));
  if (missing.length > 0) {
    const { id } = await parts.producer.add('sync', 'artwork', { urls: missing }, { requestId });
    await parts.producer.waitFor(id, PATIENCE_MS);
    found = await parts.cache.find(urls);
  }
  return new Map([...found].flatMap(([url, image]) => (image === null ? [] : [[url, image] as const])));
}
