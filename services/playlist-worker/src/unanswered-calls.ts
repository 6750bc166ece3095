import { setTimeout as sleep } from 'node:timers/promises';
import type { PlaylistCheckpoint } from '@spindle/db';
import { GiveUp, RetryLater } from '@spindle/service-kit';
import type { PlaylistContext } from './context.ts';
import type { PlaylistRun } from './playlist-run.ts';

/**
 * How long a call that was left without an answer may still be carried out, and what was written may be
 * missing from what is read, ms. Writes were seen to show after some 600 ms.
 */
const SETTLE_MS = 2_000;

/** Waits until Spotify shows whatever it has done of a call without an answer. */
export async function settle(context: PlaylistContext, signal: AbortSignal): Promise<void> {
  await sleep(context.clock.toWallMs(SETTLE_MS), undefined, { signal });
}

/**
 * Makes a call that must not be made twice. That it is under way is stored first, so that whoever finds
 * the note later looks at Spotify before calling again; the caller stores that it was answered, together
 * with what came of it. An answer that says that nothing was done takes the note away here.
 */
export async function callOnce<T>(
  run: PlaylistRun,
  partId: number,
  step: NonNullable<PlaylistCheckpoint['sent']>,
  call: () => Promise<T>,
): Promise<T> {
  await run.save(partId, { checkpoint: { sent: step } });
  try {
    return await call();
  } catch (error) {
    if (error instanceof RetryLater || error instanceof GiveUp) {
      await run.save(partId, { checkpoint: { sent: null } });
    }
    throw error;
  }
}
