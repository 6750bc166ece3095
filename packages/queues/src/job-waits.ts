import type { Logger } from '@spindle/service-kit';
import { QueueEvents } from 'bullmq';
import type { Redis } from 'ioredis';
import { watchErrors } from './connection-watch.ts';
import { publicJobId } from './job-id.ts';
import { type QueueConnection, queueConnection } from './queue-connection.ts';

export type JobEnding =
  | { readonly state: 'succeeded'; readonly result: unknown }
  | { readonly state: 'failed'; readonly failedReason: string };

export interface JobWatch {
  /** Resolves when the job ends, or with `undefined` after `ms` real milliseconds. */
  ended(ms: number): Promise<JobEnding | undefined>;
  stop(): void;
}

/** Tells of jobs that end, from BullMQ's event stream: one blocking connection for each queue waited on. */
export class JobWaits {
  readonly #redisUrl: string;
  readonly #prefix: string;
  readonly #logger: Logger;
  #connection: QueueConnection | undefined;
  readonly #listeners = new Map<string, Set<(ending: JobEnding | undefined) => void>>();
  readonly #events = new Map<string, Promise<QueueEvents>>();

  constructor(options: { redisUrl: string; prefix: string; logger: Logger }) {
    this.#redisUrl = options.redisUrl;
    this.#prefix = options.prefix;
    this.#logger = options.logger;
  }

  /** From now on no end of a job of this queue is missed. */
  async listen(queue: string, client: Redis): Promise<void> {
    let events = this.#events.get(queue);
    if (!events) {
      events = this.#start(queue, client);
      this.#events.set(queue, events);
      events.catch(() => this.#events.delete(queue));
    }
    await events;
  }

  async #start(queue: string, client: Redis): Promise<QueueEvents> {
    // "From here on" has to be a known place: "$" would be read only when the first XREAD arrives.
    const [newest] = await client.xrevrange(`${this.#prefix}:${queue}:events`, '+', '-', 'COUNT', 1);
    this.#connection ??= queueConnection(this.#redisUrl, this.#logger);
    const events = new QueueEvents(queue, {
      connection: this.#connection.connection,
      prefix: this.#prefix,
      lastEventId: newest?.[0] ?? '0-0',
    });
    watchErrors(events, this.#logger, `events of ${queue}`);
    const tell = (bullId: string, ending: JobEnding) => {
      for (const listener of this.#listeners.get(publicJobId(queue, bullId)) ?? []) listener(ending);
    };
    events.on('completed', ({ jobId, returnvalue }) =>
      tell(jobId, { state: 'succeeded', result: returnvalue }),
    );
    events.on('failed', ({ jobId, failedReason }) => tell(jobId, { state: 'failed', failedReason }));
    return events;
  }

  /** Watches for the end of one job. Call `listen` before, and look at the job after. */
  watch(publicId: string): JobWatch {
    const { promise, resolve } = Promise.withResolvers<JobEnding | undefined>();
    const listeners = this.#listeners.get(publicId) ?? new Set();
    this.#listeners.set(publicId, listeners.add(resolve));
    const stop = () => {
      listeners.delete(resolve);
      if (listeners.size === 0) this.#listeners.delete(publicId);
    };
    return {
      stop,
      async ended(ms) {
        const timer = setTimeout(resolve, ms, undefined);
        const ending = await promise;
        clearTimeout(timer);
        stop();
        return ending;
      },
    };
  }

  async close(): Promise<void> {
    for (const listeners of this.#listeners.values()) for (const listener of listeners) listener(undefined);
    const started = await Promise.allSettled(this.#events.values());
    await Promise.all(started.map((one) => (one.status === 'fulfilled' ? one.value.close() : undefined)));
    await this.#connection?.close();
  }
}
