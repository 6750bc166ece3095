import { roomDevicesSchema, roomPlaybackSchema } from '@spindle/contracts';
import { z } from 'zod';
import { defineJob } from '../job-definition.ts';

const roomId = z.int().positive();
/** Somebody stands there and waits: what has not come after half a minute is of no use any more. */
const AT_ONCE = {
  attempts: 3,
  backoff: { delayMs: 700, jitter: 0.5 },
  lane: 'interactive',
  timeoutMs: 30_000,
  maxPostponeMs: () => 20_000,
  keepFinished: true,
} as const;

/** What a host does with the player. */
export const roomCommandSchema = z.discriminatedUnion('kind', [
  /** Begin; or play this track of the room now. */
  z.strictObject({ kind: z.literal('play'), roomTrackId: z.int().positive().optional() }),
  z.strictObject({ kind: z.literal('pause') }),
  z.strictObject({ kind: z.literal('resume') }),
  /** The track that was meant: when another plays by then, nothing is skipped. Null: whatever plays. */
  z.strictObject({ kind: z.literal('skip'), roomTrackId: z.int().positive().nullable() }),
  z.strictObject({ kind: z.literal('volume'), percent: z.int().min(0).max(100) }),
  z.strictObject({ kind: z.literal('device'), deviceId: z.string().min(1).max(100) }),
]);
export type RoomCommand = z.infer<typeof roomCommandSchema>;

/** Does what a host asked for on their device. Answers how the playback is then. */
export const roomCommand = defineJob({
  ...AT_ONCE,
  payload: z.strictObject({ roomId, command: roomCommandSchema }),
  result: roomPlaybackSchema,
});

/** Reads the devices of a room's host. */
export const roomDevices = defineJob({
  ...AT_ONCE,
  payload: z.strictObject({ roomId }),
  result: roomDevicesSchema,
  dedupe: ({ roomId: id }) => ({ id: `devices:${id}`, mode: 'simple' }),
});

/** Searches Spotify in the name of a room's host. */
export const roomSearch = defineJob({
  ...AT_ONCE,
  payload: z.strictObject({ roomId, q: z.string().min(1).max(100) }),
  /** Row ids of the tracks that were found, best first. */
  result: z.object({ trackIds: z.array(z.number().int()) }),
  dedupe: ({ roomId: id, q }) => ({ id: `search:${id}:${q.toLowerCase()}`, mode: 'simple' }),
});

/** Takes a track into the catalogue that was not known here. */
export const roomTrack = defineJob({
  ...AT_ONCE,
  payload: z.strictObject({ roomId, spotifyId: z.string().regex(/^[A-Za-z0-9]{16,64}$/) }),
  /** Null: Spotify does not know it. */
  result: z.object({ trackId: z.number().int().nullable() }),
  dedupe: ({ spotifyId }) => ({ id: `track:${spotifyId}`, mode: 'simple' }),
});
