import {
  claimDueSchedules,
  type DueSchedule,
  failPlaylistOperation,
  type NewPlaylist,
  noteOperationJob,
  unfinishedOperations,
} from '@spindle/db';
import { sourceOf } from '@spindle/library';
import { nextOccurrence, type Processor } from '@spindle/queues';
import { newSeed } from '@spindle/shuffle/seeded';
import type { PlaylistContext } from './context.ts';
import { OWN_FAULT } from './failure-words.ts';

/** Schedules that one tick takes on; the next tick takes the rest. */
const BATCH = 100;
/** Younger ones are on their way into the queue, ms. */
const SETTLED_MS = 60_000;

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
 * Operations that nobody carries out any more: whoever stored them was killed then, or Redis lost their job.
 * One whose job has failed, and could not say so while PostgreSQL was away, has failed.
 */
async function abandoned({ db, clock, producer }: PlaylistContext) {
  const found = [];
  for (const operation of await unfinishedOperations(db.pool, new Date(clock.nowMs() - SETTLED_MS))) {
    const job = operation.jobId === null ? undefined : await producer.get(operation.jobId);
    if (job === undefined || job.state === 'succeeded') found.push(operation);
    else if (job.state === 'failed')
      await failPlaylistOperation(db.pool, operation.operationId, job.failure ?? OWN_FAULT, clock.now());
  }
  return found;
}

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
  const taken = await abandoned(context);
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
  for (const { operationId, userId, mode } of taken) await begin(operationId, userId, jobOf(mode));
  return { begun: due.length, taken: taken.length };
};
