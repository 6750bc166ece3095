import { type AppError, closeRedis, createRedis, type Logger, problems } from '@spindle/service-kit';
import type { Redis } from 'ioredis';

/** How long a request may wait for Redis to come back, and for its answer, in ms. */
const READY_MS = 1_500;
const ANSWER_MS = 5_000;

function unavailable(cause?: unknown): AppError {
  return problems.unavailable('The job queue is not reachable right now. Please try again in a moment.', {
    code: 'queue-unavailable',
    retryAfterMs: 5_000,
    cause,
  });
}

const CONNECTION_MESSAGES =
  /ECONNREFUSED|ECONNRESET|ETIMEDOUT|EPIPE|ENOTFOUND|Connection is closed|Stream isn't writeable|LOADING|READONLY|max retries|Cluster isn't ready|CLUSTERDOWN|Failed to refresh slots|Too many Cluster redirections|None of startup nodes/i;

function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'MaxRetriesPerRequestError' || CONNECTION_MESSAGES.test(error.message);
}

async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(unavailable()), ms);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The one connection of a producer: whoever asks gets an answer or a clear refusal within seconds. */
export class ProducerConnection {
  readonly client: Redis;

  constructor(redisUrl: string, logger: Logger) {
    this.client = createRedis(redisUrl, 'producer', logger);
    // Every queue of the producer listens to it.
    this.client.setMaxListeners(100);
  }

  /** @throws AppError 503 `queue-unavailable` when Redis is away. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    try {
      if (this.client.status !== 'ready') await this.#ready();
      return await within(work(), ANSWER_MS);
    } catch (error) {
      throw isConnectionError(error) ? unavailable(error) : error;
    }
  }

  async #ready(): Promise<void> {
    if (this.client.status === 'end') throw unavailable();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.client.once('ready', resolve);
    try {
      await within(promise, READY_MS);
    } finally {
      this.client.off('ready', resolve);
    }
  }

  close(): Promise<void> {
    return closeRedis(this.client);
  }
}
