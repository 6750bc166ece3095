import { Counter, Gauge, Histogram, metricOnce, type Registry } from '@spindle/service-kit';
import type { RunOutcome } from './job-error-translation.ts';
import type { QueueDepth } from './producer.ts';

/** What is measured of every run, by queue and job. */
export interface QueueMetrics {
  started(queue: string, job: string, waitedMs: number): void;
  ended(queue: string, job: string, outcome: RunOutcome, ranMs: number): void;
  stalled(queue: string): void;
}

const WAIT_BUCKETS_S = [0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 1_800, 3_600];
const RUN_BUCKETS_S = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1_800];

export function createQueueMetrics(registry: Registry): QueueMetrics {
  const registers = [registry];
  const wait = metricOnce(registry, 'spindle_job_wait_seconds', () => {
    const name = 'spindle_job_wait_seconds';
    const help = 'From the moment a job could run to its first start.';
    return new Histogram({
      name,
      help,
      labelNames: ['queue', 'job_name'],
      buckets: WAIT_BUCKETS_S,
      registers,
    });
  });
  const run = metricOnce(registry, 'spindle_job_run_seconds', () => {
    const name = 'spindle_job_run_seconds';
    const help = 'How long one run of a job took.';
    return new Histogram({
      name,
      help,
      labelNames: ['queue', 'job_name'],
      buckets: RUN_BUCKETS_S,
      registers,
    });
  });
  const runs = metricOnce(registry, 'spindle_job_runs_total', () => {
    const name = 'spindle_job_runs_total';
    const help = 'Runs by how they ended.';
    return new Counter({ name, help, labelNames: ['queue', 'job_name', 'outcome'], registers });
  });
  const succeededAt = metricOnce(registry, 'spindle_job_last_success_timestamp_seconds', () => {
    const name = 'spindle_job_last_success_timestamp_seconds';
    const help = 'When this process last did such a job with success.';
    return new Gauge({ name, help, labelNames: ['queue', 'job_name'], registers });
  });
  const stalled = metricOnce(registry, 'spindle_jobs_stalled_total', () => {
    const name = 'spindle_jobs_stalled_total';
    const help = 'Jobs whose worker vanished and that were given to another.';
    return new Counter({ name, help, labelNames: ['queue'], registers });
  });
  return {
    started: (queue, job, waitedMs) => wait.observe({ queue, job_name: job }, Math.max(0, waitedMs) / 1_000),
    ended: (queue, job, outcome, ranMs) => {
      run.observe({ queue, job_name: job }, ranMs / 1_000);
      runs.inc({ queue, job_name: job, outcome });
      if (outcome === 'succeeded') succeededAt.setToCurrentTime({ queue, job_name: job });
    },
    stalled: (queue) => stalled.inc({ queue }),
  };
}

/** Measures how full the queues are, at each scrape. Belongs into one kind of process (the gateway). */
export function observeQueueDepth(registry: Registry, depths: () => Promise<readonly QueueDepth[]>): void {
  const registers = [registry];
  let current: Promise<readonly QueueDepth[]> | undefined;
  // Both gauges of one scrape look once. Without Redis they are empty; the scrape itself must not fail.
  const look = () => {
    current ??= depths()
      .catch(() => [])
      .finally(() => {
        current = undefined;
      });
    return current;
  };
  new Gauge({
    name: 'spindle_queue_oldest_job_seconds',
    help: 'How long the job that is next in line has been ready.',
    labelNames: ['queue'],
    registers,
    async collect() {
      const all = await look();
      this.reset();
      for (const { queue, oldestMs } of all) this.set({ queue }, oldestMs / 1_000);
    },
  });
  new Gauge({
    name: 'spindle_queue_jobs',
    help: 'Jobs by queue and state.',
    labelNames: ['queue', 'state'],
    registers,
    async collect() {
      const all = await look();
      this.reset();
      for (const { queue, counts } of all) {
        for (const [state, count] of Object.entries(counts)) this.set({ queue, state }, count);
      }
    },
  });
}
