import type { JobDocument } from '@spindle/contracts';
import type { Clock } from '@spindle/service-kit';
import type { Job } from 'bullmq';
import { z } from 'zod';
import { envelopeSchema } from './envelope.ts';
import { decodeFailure } from './failure-reason.ts';
import { publicJobId } from './job-id.ts';

export interface JobProgress {
  readonly done: number;
  readonly total?: number | undefined;
  readonly phase?: string | undefined;
  /** The playlist that is written, as soon as it exists. */
  readonly playlist?: { readonly name: string; readonly url: string } | undefined;
}

/** A job as the API shows it, and whose it is (null: the instance's own). */
export interface JobView extends JobDocument {
  readonly ownerId: number | null;
  /** For a job that waits: why, in a sentence the user may read. */
  readonly waitingFor: string | null;
}

const progressSchema = z.object({
  done: z.number(),
  total: z.number().optional(),
  phase: z.string().optional(),
  playlist: z.object({ name: z.string(), url: z.string() }).optional(),
});

/** True when the job will not change any more. */
export const isFinished = (view: JobView): boolean => view.state === 'succeeded' || view.state === 'failed';

/** A real moment, as the process's clock shows it (ISO 8601, UTC). */
export function onClock(clock: Clock, wallMs: number): string {
  const perMs = clock.toWallMs(1);
  return new Date(clock.nowMs() + (wallMs - Date.now()) / perMs).toISOString();
}

function stateOf(bullState: string): JobView['state'] {
  if (bullState === 'completed') return 'succeeded';
  if (bullState === 'failed') return 'failed';
  // A sweep whose children run is at work, though no worker holds it.
  if (bullState === 'active' || bullState === 'waiting-children') return 'running';
  return bullState === 'delayed' ? 'waiting' : 'queued';
}

/** @param bullState what `job.getState()` says. */
export function toJobView(queue: string, job: Job, bullState: string, clock: Clock): JobView {
  const envelope = envelopeSchema.safeParse(job.data).data;
  const progress = progressSchema.safeParse(job.progress).data;
  const state = stateOf(bullState);
  const waits = state === 'waiting';
  // What is left of an earlier wait says nothing about a retry after a failure.
  const parked =
    waits && envelope?.parked && envelope.parked.untilMs >= clock.nowMs() ? envelope.parked : undefined;
  const delayedUntil =
    waits && job.delay > 0 ? onClock(clock, (job.processedOn ?? job.timestamp) + job.delay) : null;
  return {
    id: publicJobId(queue, job.id ?? ''),
    queue,
    name: job.name,
    ownerId: envelope?.ownerId ?? null,
    state,
    progress: progress ?? null,
    result: state === 'succeeded' ? (job.returnvalue ?? null) : null,
    failure: state === 'failed' ? decodeFailure(job.failedReason) : null,
    waitingUntil: parked ? new Date(parked.untilMs).toISOString() : delayedUntil,
    waitingFor: parked?.waiting ?? null,
    createdAt: onClock(clock, job.timestamp),
    finishedAt: isTerminal(state) && job.finishedOn ? onClock(clock, job.finishedOn) : null,
  };
}

const isTerminal = (state: JobView['state']): boolean => state === 'succeeded' || state === 'failed';
