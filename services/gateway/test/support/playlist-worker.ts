import { createQueueMetrics, createWorker, type Handlers, type QueueWorker } from '@spindle/queues';
import { createMetrics, silentLogger, systemClock } from '@spindle/service-kit';
import type { TestGateway } from './test-gateway.ts';

/** A worker that does what a test tells it in the place of the one that writes playlists. */
export async function startPlaylistWorker(
  { environment }: TestGateway,
  handlers: Partial<Handlers<null, 'shuffle-playlist'>>,
): Promise<QueueWorker> {
  const unexpected = async (): Promise<never> => {
    throw new Error('no test wanted this job');
  };
  const worker = createWorker(
    'shuffle-playlist',
    {
      shuffle: unexpected,
      'share-liked': unexpected,
      'top-playlist': unexpected,
      'delete-made': unexpected,
      'restore-made': unexpected,
      'run-schedules': unexpected,
      ...handlers,
    },
    null,
    {
      redisUrl: environment.REDIS_URL ?? '',
      prefix: environment.QUEUE_PREFIX ?? '',
      concurrency: 1,
      drainMs: 0,
      logger: silentLogger(),
      clock: systemClock,
      metrics: createQueueMetrics(createMetrics('test-worker')),
    },
  );
  await worker.ready();
  return worker;
}
