import type { Clock } from '@spindle/service-kit';
import type { Queue } from 'bullmq';
import type { Envelope } from './envelope.ts';
import { jobOptions } from './job-options.ts';
import {
  type AnyRegistry,
  definitionOf,
  type JobName,
  type PayloadOf,
  type QueueName,
  type Registry,
} from './registry.ts';

/** When a job recurs: every so many ms on the process's clock, or by a cron pattern in a time zone. */
export type Recurrence =
  | { readonly everyMs: number; readonly pattern?: never; readonly timeZone?: never }
  | { readonly pattern: string; readonly timeZone?: string; readonly everyMs?: never };

/** One line of the table of recurring jobs. */
export type ScheduleEntry<R extends AnyRegistry = Registry> = {
  [Q in QueueName<R>]: {
    [J in JobName<Q, R>]: Recurrence & {
      /** Stable: an entry that leaves the table is removed from Redis by it. */
      readonly id: string;
      readonly queue: Q;
      readonly job: J;
      readonly payload: PayloadOf<Q, J, R>;
    };
  }[JobName<Q, R>];
}[QueueName<R>];

/** On a fast clock nothing recurs more often than this, unless it is meant to: the machine has other work. */
const LEAST_WALL_MS = 250;

export interface ScheduleChanges {
  readonly kept: readonly string[];
  readonly removed: readonly string[];
}

/**
 * Makes the schedulers in Redis equal to the table: known ones are set, all others removed. Safe to
 * run by several processes at once and at every start.
 */
export async function reconcileSchedules(
  jobs: AnyRegistry,
  queues: ReadonlyMap<string, Queue>,
  table: readonly ScheduleEntry<AnyRegistry>[],
  clock: Clock,
): Promise<ScheduleChanges> {
  const removed: string[] = [];
  for (const entry of table) {
    const queue = queues.get(entry.queue);
    const definition = definitionOf(jobs, entry.queue, entry.job);
    if (!queue) throw new RangeError(`There is no queue ${entry.queue}.`);
    const payload = definition.payload.parse(entry.payload);
    const { deduplication: _, ...opts } = jobOptions(definition, payload, clock);
    const data: Envelope = { v: 1, payload, requestId: `cron:${entry.id}` };
    const recurrence =
      entry.everyMs === undefined
        ? { pattern: entry.pattern, ...(entry.timeZone && { tz: entry.timeZone }) }
        : {
            every: Math.round(
              Math.max(clock.toWallMs(entry.everyMs), Math.min(entry.everyMs, LEAST_WALL_MS)),
            ),
          };
    // Each job of a schedule begins a trace of its own, instead of going on with that of the one before.
    const own = { ...opts, telemetry: { omitContext: true } };
    await queue.upsertJobScheduler(entry.id, recurrence, { name: entry.job, data, opts: own });
  }
  for (const [name, queue] of queues) {
    const known = new Set(table.filter((entry) => entry.queue === name).map((entry) => entry.id));
    for (const scheduler of await queue.getJobSchedulers(0, -1)) {
      if (known.has(scheduler.key)) continue;
      await queue.removeJobScheduler(scheduler.key);
      removed.push(scheduler.key);
    }
  }
  return { kept: table.map((entry) => entry.id), removed };
}
