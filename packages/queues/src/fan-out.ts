import type { Clock } from '@spindle/service-kit';
import type { Job, Queue } from 'bullmq';
import { type Envelope, envelopeSchema } from './envelope.ts';
import { decodeFailure, type JobFailure } from './failure-reason.ts';
import type { JobDefinition } from './job-definition.ts';
import { childJobId } from './job-id.ts';
import { jobOptions } from './job-options.ts';

/** One part of a sweep. */
export interface ChildJob<Payload> {
  /** Tells the children of one sweep apart: 1-40 letters, digits, `-` or `_`, such as a user id. */
  readonly key: string;
  readonly payload: Payload;
}

/** What became of the children. A failed one is an entry, never the end of the sweep. */
export interface FanOutOutcome<Result> {
  readonly succeeded: readonly { readonly key: string; readonly result: Result }[];
  readonly failed: readonly { readonly key: string; readonly failure: JobFailure }[];
}

/** Thrown through the processor when its children run: it is called again when the last has ended. */
export class ChildrenPending extends Error {
  override readonly name = 'ChildrenPending';
}

const KEY = /^[A-Za-z0-9_-]{1,40}$/;
const BATCH = 1_000;

interface FanOutContext {
  readonly queue: Queue;
  readonly job: Job;
  readonly token: string;
  readonly clock: Clock;
  readonly childName: string;
  readonly definition: JobDefinition<unknown, unknown>;
}

function keyOfChild(jobKey: string, parentBullId: string): string {
  const prefix = childJobId(parentBullId, '');
  const at = jobKey.lastIndexOf(prefix);
  return at < 0 ? jobKey : jobKey.slice(at + prefix.length);
}

async function addChildren(context: FanOutContext, parent: Envelope, children: readonly ChildJob<unknown>[]) {
  const { queue, job, definition, clock } = context;
  const parentId = job.id ?? '';
  const entries = children.map(({ key, payload }) => {
    if (!KEY.test(key)) throw new RangeError(`"${key}" is no key for a child job.`);
    const parsed = definition.payload.parse(payload);
    const data: Envelope = { v: 1, payload: parsed, requestId: parent.requestId };
    const { deduplication: _, ...options } = jobOptions(definition, parsed, clock, {
      jobId: childJobId(parentId, key),
    });
    return {
      name: context.childName,
      data,
      opts: {
        ...options,
        parent: { id: parentId, queue: job.queueQualifiedName },
        ignoreDependencyOnFailure: true,
      },
    };
  });
  for (let at = 0; at < entries.length; at += BATCH) await queue.addBulk(entries.slice(at, at + BATCH));
}

async function collect(
  job: Job,
  definition: JobDefinition<unknown, unknown>,
): Promise<FanOutOutcome<unknown>> {
  const parentId = job.id ?? '';
  const [results, failures] = await Promise.all([
    job.getChildrenValues<unknown>(),
    job.getIgnoredChildrenFailures(),
  ]);
  return {
    succeeded: Object.entries(results).map(([jobKey, result]) => ({
      key: keyOfChild(jobKey, parentId),
      result: definition.result.parse(result),
    })),
    failed: Object.entries(failures).map(([jobKey, reason]) => ({
      key: keyOfChild(jobKey, parentId),
      failure: decodeFailure(reason),
    })),
  };
}

/**
 * Two runs of one processor around its children. In the first, the children are added and the step is
 * written into the job, then the job waits; in the second the results are there. A run that is killed
 * before the step was written adds the same children again, under the same ids.
 *
 * @throws ChildrenPending when the job now waits for its children.
 */
export async function fanOut(
  context: FanOutContext,
  children: () => Promise<readonly ChildJob<unknown>[]>,
): Promise<FanOutOutcome<unknown>> {
  const { job, token } = context;
  const envelope = envelopeSchema.parse(job.data);
  if (!envelope.fannedOut) {
    await addChildren(context, envelope, await children());
    await job.updateData({ ...envelope, fannedOut: true } satisfies Envelope);
  }
  // Also after a restart in between: whoever is not done yet is waited for.
  if (await job.moveToWaitingChildren(token)) throw new ChildrenPending('waiting for children');
  return collect(job, context.definition);
}
