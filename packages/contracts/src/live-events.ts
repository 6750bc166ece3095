import { z } from 'zod';
import { importSchema } from './imports.ts';
import { jobSchema } from './jobs.ts';
import { nowPlayingSchema } from './now-playing.ts';
import { handleSchema } from './primitives.ts';
import { roomChangeSchema } from './rooms.ts';
import { connectionSchema } from './user.ts';

/**
 * Everything the server says over the socket, by event name. A browser that is signed in gets the
 * events of its own listener; `feed-…` events go to everybody who may see the public feed.
 */
export const liveEvents = {
  'now-playing': nowPlayingSchema,
  'plays-added': z.object({ count: z.number().int() }),
  /** All figures were worked out anew, after a correction or an import. */
  'history-recounted': z.object({ countedAt: z.iso.datetime() }),
  connection: connectionSchema,
  job: jobSchema,
  import: importSchema,
  /** What has changed in a room; to those who have joined it. */
  room: roomChangeSchema,
  /** What somebody who shares plays now: they have begun to share, or something else is to be seen. */
  'feed-changed': nowPlayingSchema,
  /** Somebody does not share any more, or not under this name. */
  'feed-left': z.object({ handle: handleSchema }),
} as const;
export type LiveEvents = typeof liveEvents;
export type LiveEventName = keyof LiveEvents;
export type LiveEventData<Name extends LiveEventName> = z.infer<LiveEvents[Name]>;

/** What a browser says: `watch` keeps live reading of the own player going while a page shows it. */
export const WATCH_EVENT = 'watch';
/** A `watch` holds for this long; a page that goes on showing the player repeats it before. */
export const WATCH_TTL_MS = 90_000;

/**
 * `feed`, with true or false: whether this page shows the public feed. Acknowledged with `{ ok }`, false
 * when the feed is closed to visitors. What was missed is not replayed: ask the API after joining. From
 * somebody who is signed in, true is a `watch` of everybody who shares, and repeated as that is.
 */
export const FEED_EVENT = 'feed';
