import { redisOptions } from '@spindle/service-kit';
import { Queue, QueueEvents, Worker } from 'bullmq';

/** Enough that starting up counts for little. */
const JOBS = 20_000;

/**
 * Jobs a second that BullMQ itself delivers on this Redis: jobs that do nothing, one worker, nothing of
 * ours in between.
 *
 * @param concurrency jobs at the same time, as the worker that it is compared with has
 */
export async function bareQueueRate(redisUrl: string, concurrency: number): Promise<number> {
  const name = 'bare';
  const shared = {
    connection: { url: redisUrl, ...redisOptions('worker') },
    prefix: `{bench-${process.pid}}`,
  };
  const queue = new Queue(name, shared);
  const events = new QueueEvents(name, shared);
  await events.waitUntilReady();
  for (let at = 0; at < JOBS; at += 1_000)
    await queue.addBulk(
      Array.from({ length: 1_000 }, (_, index) => ({
        name: 'nothing',
        data: { n: at + index },
        opts: { removeOnComplete: true },
      })),
    );
  const drained = Promise.withResolvers<void>();
  let done = 0;
  events.on('completed', () => {
    done += 1;
    if (done === JOBS) drained.resolve();
  });
  const startedAt = performance.now();
  const worker = new Worker(name, async () => null, { ...shared, concurrency });
  await drained.promise;
  const seconds = (performance.now() - startedAt) / 1_000;
  await worker.close();
  await events.close();
  await queue.obliterate({ force: true });
  await queue.close();
  return JOBS / seconds;
}
