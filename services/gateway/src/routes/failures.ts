import { type FailureView, listFailures, type QueueView } from '@spindle/contracts';
import { listStoredFailures, loadPeople } from '@spindle/db';
import { type FailedJob, parsePublicJobId, QueueAdministration } from '@spindle/queues';
import type { GatewayContext } from '../context.ts';
import { adviceFor } from '../failure-advice.ts';
import type { Mount } from '../mount.ts';

const LATELY_MS = 30 * 86_400_000;
const MOST = 200;
/** Failed jobs of one queue that are looked at. */
const OF_EACH_QUEUE = 50;

/** What went wrong lately, from wherever it is written down, in one list. */
export function mountFailures(mount: Mount, context: GatewayContext): void {
  const { db, clock, producer } = context;
  const administration = new QueueAdministration(producer, clock);

  async function failedJobs(): Promise<FailedJob[]> {
    const queues: readonly Pick<QueueView, 'queue'>[] = await producer.counts();
    const pages = await Promise.all(
      queues.map(({ queue }) => administration.failed(queue, { offset: 0, limit: OF_EACH_QUEUE })),
    );
    return pages.flatMap((page) => page?.jobs ?? []);
  }

  mount.route(listFailures, async () => {
    const since = new Date(clock.nowMs() - LATELY_MS);
    const [jobs, stored] = await Promise.all([failedJobs(), listStoredFailures(db.pool, since)]);
    const people = await loadPeople(
      db.pool,
      jobs.flatMap((job) => job.ownerId ?? []),
    );
    // A playlist or an import that failed is told once: by its job, while the queue still has that.
    const shown = new Set(jobs.map((job) => job.id));
    const items: FailureView[] = [
      ...jobs.map(({ id, queue, name, failedAt, createdAt, failure, ownerId }) => {
        const { what, advice, isKnown } = adviceFor('job', failure.code);
        return {
          kind: 'job' as const,
          at: failedAt ?? createdAt,
          user: (ownerId === null ? undefined : people.get(ownerId)) ?? null,
          code: failure.code,
          // What is known by its code is said in our words, all else in those of the error.
          what: `${what} (${queue}/${name})${isKnown ? '' : `: ${failure.message}`}`,
          advice,
          queue,
          jobId: id,
        };
      }),
      ...stored
        .filter((one) => one.jobId === null || !shown.has(one.jobId))
        .map(({ kind, at, user, code, jobId }) => {
          const { what, advice } = adviceFor(kind, code);
          return {
            kind,
            at: at.toISOString(),
            user: user && { ...user, id: String(user.id) },
            code,
            what,
            advice,
            queue: jobId === null ? null : (parsePublicJobId(jobId)?.queue ?? null),
            jobId,
          };
        }),
    ];
    items.sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
    return { items: items.slice(0, MOST) };
  });
}
