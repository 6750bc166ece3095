import { createHash } from 'node:crypto';
import { upsertTracks } from '@spindle/db';
import { trackItem } from '@spindle/library';
import type { Processor } from '@spindle/queues';
import type { PartyContext } from './context.ts';
import { asHost } from './room-devices.ts';

/** The same words are answered without a call for so long. */
const REMEMBERED_MS = 5 * 60_000;

/** Words that ask for the same. */
const sameWords = (q: string): string => q.normalize('NFKC').toLowerCase().trim().replace(/\s+/g, ' ');

/** Searches Spotify in the name of a room's host; what is found goes into the catalogue. */
export const roomSearch: Processor<PartyContext, 'party', 'room-search'> = async (
  context,
  { roomId, q },
  job,
) => {
  const { db, redis, prefix, clock } = context;
  const words = sameWords(q);
  // What there is differs by the host's country, so hosts do not share.
  const key = `${prefix}:room-search:${roomId}:${createHash('sha256').update(words).digest('hex').slice(0, 32)}`;
  const known = await redis.get(key);
  if (known !== null) return { trackIds: JSON.parse(known) as number[] };
  const caller = await asHost(context, roomId, job.signal);
  const { tracks } = await caller.search(words, ['track']);
  const items = (tracks?.items ?? []).flatMap((track) => (track && trackItem(track)) ?? []);
  const ids = await db.transaction((tx) => upsertTracks(tx, items, clock.now()));
  const trackIds = [...new Set(items.flatMap((item) => ids.get(item.spotifyId) ?? []))];
  const forMs = Math.max(1, Math.ceil(clock.toWallMs(REMEMBERED_MS)));
  await redis.set(key, JSON.stringify(trackIds), 'PX', forMs);
  return { trackIds };
};
