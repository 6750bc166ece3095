import type { AnyRoute, JobDocument } from '@spindle/contracts';
import { isFinished, type JobView } from '@spindle/queues';
import { AppError } from '@spindle/service-kit';
import type { Request, Response } from 'express';
import type { GatewayContext } from './context.ts';
import { problemCode } from './problem-answer.ts';

const MAX_WAIT_S = 60;

/** Seconds that `Prefer: wait=N` (RFC 7240) asks to wait for the result; 0 when it does not. */
export function preferredWaitS(request: Request): number {
  const match = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,4})"?/i.exec(request.get('prefer') ?? '');
  return match?.[1] ? Math.min(Number(match[1]), MAX_WAIT_S) : 0;
}

/** A job as callers see it, without whose it is. */
export function jobDocument({ ownerId: _, ...view }: JobView): JobDocument {
  return view;
}

/** The failure of a job as a problem: what the job may tell in public, else a plain 500. */
export function jobProblem(view: JobView): AppError {
  const code = view.failure?.code ?? 'internal';
  return new AppError({
    code: problemCode(code),
    status: code === 'internal' ? 500 : 422,
    title: 'The job failed',
    detail: view.failure?.message ?? 'The job failed. It was recorded for the operator.',
  });
}

/**
 * Answers a request that enqueued a job: `202` with the job and where to ask for it, or, when the
 * caller prefers to wait and the job ends in time, `200` with its result (or its failure as a problem).
 */
export async function answerJob(
  context: Pick<GatewayContext, 'producer' | 'config' | 'clock'>,
  route: AnyRoute,
  request: Request,
  response: Response,
  id: string,
): Promise<void> {
  const waitS = preferredWaitS(request);
  const view = waitS > 0 ? await context.producer.waitFor(id, waitS * 1_000) : await context.producer.get(id);
  response.setHeader('location', `/api/jobs/${id}`);
  response.setHeader('cache-control', 'no-store');
  if (waitS > 0) response.setHeader('preference-applied', `wait=${waitS}`);
  if (waitS > 0 && view && isFinished(view)) {
    if (view.state === 'failed') throw jobProblem(view);
    const result =
      context.config.base.environment === 'production' ? view.result : route.response?.parse(view.result);
    response.status(200).json(result);
    return;
  }
  response.status(202).json({ job: view ? jobDocument(view) : forgotten(id, context.clock.now()) });
}

/** A job that was so quick that the queue no longer holds it. */
function forgotten(id: string, now: Date): JobDocument {
  const [queue = ''] = id.split('.', 1);
  return {
    id,
    queue,
    name: queue,
    state: 'queued',
    progress: null,
    result: null,
    failure: null,
    waitingUntil: null,
    waitingFor: null,
    createdAt: now.toISOString(),
    finishedAt: null,
  };
}
