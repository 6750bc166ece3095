import {
  listenOfPlay,
  loadRelayTarget,
  noteRelayed,
  noteRelayFailure,
  playsToRelay,
  type RelayTarget,
  relayTokenContext,
} from '@spindle/db';
import type { Processor } from '@spindle/queues';
import type { SyncContext } from '../context.ts';
import { type PartsResult, submitInParts } from './submit-in-parts.ts';

/** The wait after a first failure; each one after that waits twice as long, ms. */
const FIRST_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 6 * 3_600_000;

/** When to try again: when the server says, else after a wait that doubles. */
export function nextTryAt(failed: RelayTarget['failed'], nowMs: number, toldMs: number | null): Date {
  const before = failed ? failed.nextAt.getTime() - failed.at.getTime() : 0;
  const doubled = Math.min(Math.max(before * 2, FIRST_WAIT_MS), LONGEST_WAIT_MS);
  return new Date(nowMs + (toldMs ?? doubled));
}

function openToken(context: SyncContext, userId: number, target: RelayTarget): string | null {
  try {
    return context.box.open(target.token, relayTokenContext(userId));
  } catch (error) {
    context.logger.warn({ err: error, userId }, 'the token of a relay cannot be opened');
    return null;
  }
}

const UNREADABLE: PartsResult['failure'] = {
  kind: 'stop',
  message: 'The stored token can no longer be read. Enter it again to go on.',
};

/**
 * Passes new plays on, a batch at a time, and notes after each how far it got. A batch that was
 * submitted but not noted is submitted again: the server knows listens by their time and names, and
 * keeps each once. Failures are noted where the listener sees them, with the time of the next try.
 */
export const relay: Processor<SyncContext, 'sync', 'relay'> = async (context, { userId }, job) => {
  const { db, clock } = context;
  let relayed = 0;
  let leftOut = 0;
  for (;;) {
    job.signal.throwIfAborted();
    const target = await loadRelayTarget(db.pool, userId, clock.now());
    const plays = target ? await playsToRelay(db.pool, userId, target.relayedTo, clock.now()) : [];
    const last = plays.at(-1);
    if (!target || !last) return { relayed, leftOut, failed: false };

    const token = openToken(context, userId, target);
    const listens = plays.flatMap((play) => listenOfPlay(play) ?? []);
    const result =
      token === null
        ? { taken: 0, leftOut: [], failure: UNREADABLE }
        : await submitInParts(listens, (part) =>
            context.submitListens({ url: target.url, token, listens: part, signal: job.signal }),
          );

    const { failure } = result;
    if (failure) {
      const at = clock.now();
      const nextAt = failure.kind === 'stop' ? null : nextTryAt(target.failed, at.getTime(), failure.waitMs);
      await noteRelayFailure(db.pool, userId, target, { message: failure.message, at, nextAt });
      job.log.warn({ reason: failure.message, nextAt }, 'plays could not be passed on');
      return { relayed, leftOut, failed: true };
    }
    for (const listen of result.leftOut)
      job.log.warn({ listenedAt: listen.listened_at }, 'the server refuses a listen; it is left out');
    const to = new Date(last.playedAt);
    // Changed meanwhile: the next round goes by what it is now.
    if (!(await noteRelayed(db.pool, userId, target, { to, count: result.taken }))) continue;
    relayed += result.taken;
    leftOut += result.leftOut.length;
  }
};
