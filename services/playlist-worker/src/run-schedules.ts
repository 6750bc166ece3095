import {
  claimDueSchedules,
  type DueSchedule,
  type NewPlaylist,
  noteOperationJob,
  strandedOperations,
} from '@spindle/db';
import { sourceOf } from '@spindle/library';
import { nextOccurrence, type Processor } from '@spindle/queues';
import { newSeed } from '@spindle/shuffle/seeded';
import type { PlaylistContext } from './context.ts';

/** Schedules that one tick takes on; the next tick takes the rest. */
const BATCH = 100;
/** An operation without a job for this long was stored by somebody who was killed then, ms. */
const STRANDED_MS = 60_000;

/** What a schedule does when its time has come. */
function operationOf({ id, userId, sourceName, request }: DueSchedule): NewPlaylist {
  return {
    userId,
    sourceId: sourceOf(request),
    sourceName,
    mode: request.kind === 'shuffle' ? request.mode : 'liked',
    seed: request.kind === 'shuffle' ? (request.seed ?? newSeed()) : '',
    name: request.name ?? sourceName,
    target: request.target === 'new' ? 'refresh' : request.target,
    request,
    scheduleId: id,
  };
}

const JOBS = { liked: 'share-liked', tops: 'top-playlist' } as const;
type JobOfMode = (typeof JOBS)[keyof typeof JOBS] | 'shuffle';

/** Which job carries out an operation of this mode. */
const jobOf = (mode: string): JobOfMode => (mode === 'liked' || mode === 'tops' ? JOBS[mode] : 'shuffle');

/**
 * The recurring tick: begins the shuffles and shared lists whose time has come. Times and operations live in
 * PostgreSQL, so that neither a lost job nor a lost Redis loses a run: what has no job is found by the next tick.
 */
export const runSchedules: Processor<PlaylistContext, 'shuffle-playlist', 'run-schedules'> = async (
  context,
  _payload,
  job,
) => {
  const { db, clock, producer } = context;
  const now = clock.now();
  const due = await claimDueSchedules(db, now, BATCH, (schedule) => ({
    operation: operationOf(schedule),
    nextAt: nextOccurrence(schedule.pattern, schedule.timeZone, now),
  }));
  const stranded = await strandedOperations(db.pool, new Date(now.getTime() - STRANDED_MS));
  const begin = async (operationId: number, userId: number, name: JobOfMode) => {
    const { id } = await producer.add(
      'shuffle-playlist',
      name,
      { operationId },
      { requestId: `${job.requestId}.${operationId}`, ownerId: userId, lane: 'bulk' },
    );
    await noteOperationJob(db.pool, operationId, id);
  };
  for (const { operationId, userId, mode } of due) await begin(operationId, userId, jobOf(mode));
  for (const { operationId, userId, mode } of stranded) await begin(operationId, userId, jobOf(mode));
  return { begun: due.length, taken: stranded.length };
};
