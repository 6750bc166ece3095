import { getJob } from '@spindle/contracts';
import { createProducer, parsePublicJobId } from '@spindle/queues';
import {
  closeRedis,
  createRedis,
  parseClockScale,
  scaledClock,
  silentLogger,
  systemClock,
} from '@spindle/service-kit';
import type { Caller } from '../caller.ts';
import type { Judged, Verdict } from './judged.ts';

/** How a job may fail when Spotify does, as its queue keeps it: everything else is a fault of ours. */
const EXPECTED_FAILURES = new Set([
  // Spotify did not answer as it should in any of the attempts.
  'upstream',
  '!UpstreamFailure',
  '!BadResponse',
  // It had to wait longer than somebody waits for it.
  'postponed',
  // A false refusal of a consent came twice, or not at all for a while.
  'reauth_needed',
  // The host's player is silent.
  'no_active_device',
]);

/** What is due is taken up within this, simulated ms. */
const UNTAKEN_MS = 30 * 60_000;

/** The code of a failure, `!` before the class of one that is for operators only. */
const codeOf = (reason: string | undefined): string =>
  /^\[(!?[\w-]+)\]/.exec(reason ?? '')?.[1] ?? reason ?? '?';

/** Jobs that nobody waits for end within this, real ms; what is there for longer is stuck. */
const STUCK_MS = 60_000;

function producerOf({ environment }: Judged['system']) {
  const { REDIS_URL: redisUrl = '', QUEUE_PREFIX: prefix = '', CLOCK } = environment;
  const clock = CLOCK ? scaledClock(parseClockScale(CLOCK)) : systemClock;
  return createProducer({ redisUrl, prefix, clock, logger: silentLogger() });
}

/** Every job that was accepted has come to an end that its owner can see, and failed only where Spotify did. */
export async function judgeAccepted(judged: Judged, callers: ReadonlyMap<string, Caller>): Promise<Verdict> {
  const differences: string[] = [];
  const { jobs } = judged.records;
  const producer = producerOf(judged.system);
  const queues = new Map((await producer.bullQueues()).map((queue) => [queue.name, queue]));
  let failed = 0;
  for (const { personId, jobId, route } of jobs) {
    const tell = (what: string) => differences.push(`${personId}: ${route}, job ${jobId}: ${what}`);
    try {
      const answer = await callers
        .get(personId)
        ?.ask('a job', (client, options) => client.call(getJob, { params: { id: jobId } }, options));
      const state = answer?.value.state;
      if (state === 'failed') {
        failed += 1;
        const { queue = '', bullId = '' } = parsePublicJobId(jobId) ?? {};
        const { failedReason } = (await queues.get(queue)?.getJob(bullId)) ?? {};
        if (!EXPECTED_FAILURES.has(codeOf(failedReason))) tell(`failed: ${failedReason}`);
      } else if (state !== 'succeeded') tell(`is ${state}`);
    } catch (error) {
      tell(`was accepted and is not known any more: ${String(error)}`);
    }
  }
  await producer.close();
  return { figures: { jobsAccepted: jobs.length, jobsFailed: failed }, differences };
}

/** Uploads: each came to its end, and brought each of its rows once. */
export async function judgeImports({ db, records }: Judged): Promise<Verdict> {
  const differences: string[] = [];
  const { rows } = await db.pool.query<{ id: number; status: string; imported: number; duplicates: number }>(
    `SELECT i.id, i.status, sum(f.imported)::int AS imported, sum(f.duplicates)::int AS duplicates
       FROM imports i LEFT JOIN import_files f ON f.import_id = i.id GROUP BY i.id ORDER BY i.id`,
  );
  const stored = new Map(rows.map((row) => [String(row.id), row]));
  const byFile = Map.groupBy(records.imports, ({ personId, file }) => `${personId}, file ${file}`);
  for (const [name, imports] of byFile) {
    let brought = 0;
    for (const { importId, rows: wanted } of imports) {
      const one = stored.get(importId);
      if (one?.status !== 'succeeded') differences.push(`${name}: import ${importId} is ${one?.status}`);
      else if (one.imported + one.duplicates !== wanted)
        differences.push(
          `${name}: import ${importId} has ${one.imported} plays and ${one.duplicates} known ones of ${wanted}`,
        );
      brought += one?.imported ?? 0;
    }
    const wanted = imports[0]?.rows ?? 0;
    if (brought !== wanted) differences.push(`${name}: ${brought} plays came of ${wanted}`);
  }
  const known = new Set(records.imports.map(({ importId }) => importId));
  for (const { id, status } of rows)
    if (!known.has(String(id)) && status !== 'uploading')
      differences.push(`import ${id} is ${status}, and nobody was told of it`);
  return { figures: { imports: records.imports.length }, differences };
}

/** Jobs that have been in a queue for longer than they may, by their ids. */
export async function stuckJobs(judged: Judged): Promise<string[]> {
  const producer = producerOf(judged.system);
  try {
    const stuck: string[] = [];
    for (const queue of await producer.bullQueues()) {
      const jobs = await queue.getJobs(
        ['active', 'waiting', 'prioritized', 'waiting-children', 'delayed'],
        0,
        -1,
      );
      for (const job of jobs) {
        // The next of a recurring job waits for its time.
        if (!job || job.repeatJobKey) continue;
        const ageMs = Date.now() - job.timestamp;
        if (ageMs > STUCK_MS)
          stuck.push(
            `${queue.name}/${job.name} ${job.id}: ${await job.getState()}, for ${Math.round(ageMs / 1_000)} s`,
          );
      }
    }
    return stuck;
  } finally {
    await producer.close();
  }
}

/** Nothing is stuck: no job, no lock, no lease, no session. */
export async function judgeLocks(judged: Judged): Promise<Verdict> {
  const { db } = judged;
  const differences = await stuckJobs(judged);
  const producer = producerOf(judged.system);
  const client = createRedis(judged.system.redis.url, 'general', silentLogger());
  const unexpected = new Map<string, number>();
  let failedJobs = 0;
  try {
    for (const queue of await producer.bullQueues()) {
      const base = `${queue.opts.prefix}:${queue.name}`;
      for (const key of await client.keys(`${base}:*:lock`)) {
        const id = key.slice(base.length + 1, -':lock'.length);
        const state = await queue.getJobState(id);
        // Between two looks a job may end; a lock that outlives its job is seen twice.
        if (state !== 'active' && (await client.exists(key)) === 1)
          differences.push(`${queue.name}: a lock of job ${id}, which is ${state}`);
      }
      for (const key of await client.keys(`${base}:de:*`)) {
        const id = await client.get(key);
        if (id === null) continue;
        const state = await queue.getJobState(id);
        const isOver = state === 'completed' || state === 'failed' || state === 'unknown';
        if (isOver && (await client.get(key)) === id)
          differences.push(
            `${queue.name}: ${key.slice(base.length + 1)} keeps others out for job ${id}, which is ${state}`,
          );
      }
      for (const job of await queue.getJobs(['failed'], 0, -1)) {
        if (!job) continue;
        failedJobs += 1;
        const code = codeOf(job.failedReason);
        // What the machine asks of itself is asked again by the next tick; what somebody asked for is not.
        if (EXPECTED_FAILURES.has(code) || job.data.ownerId === undefined) continue;
        const what = `${queue.name}/${job.name} failed: ${job.failedReason}`;
        unexpected.set(what, (unexpected.get(what) ?? 0) + 1);
      }
    }
  } finally {
    await closeRedis(client);
    await producer.close();
  }
  for (const [what, count] of unexpected) differences.push(`${count}× ${what}`);
  const long = new Date(judged.system.sandbox.clock.nowMs() - UNTAKEN_MS);
  const looks: readonly (readonly [what: string, query: string, values?: readonly unknown[]])[] = [
    ...['history', 'playback'].map(
      (reading) =>
        [
          `a reading of ${reading} that nobody takes up`,
          `SELECT u.spotify_id || ', due ' || s.next_${reading}_at AS what FROM capture_states s JOIN users u ON u.id = s.user_id
             JOIN spotify_credentials c ON c.user_id = s.user_id AND c.reauth_needed_at IS NULL
            WHERE greatest(s.next_${reading}_at, s.${reading}_lease_until) < $1`,
          [long],
        ] as const,
    ),
    [
      'a room that nobody follows',
      "SELECT code || ', due ' || next_follow_at AS what FROM rooms WHERE ended_at IS NULL AND greatest(next_follow_at, follow_lease_until) < $1",
      [long],
    ],
    [
      'a playlist writer',
      "SELECT user_id::text || ' ' || holder AS what FROM playlist_writers WHERE leased_until > clock_timestamp()",
    ],
    [
      'an advisory lock',
      `SELECT l.objid::text AS what FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
        WHERE l.locktype = 'advisory' AND a.xact_start < now() - interval '20 seconds'`,
    ],
    [
      'a session that waits in a transaction',
      "SELECT left(query, 80) AS what FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND state_change < now() - interval '20 seconds'",
    ],
  ];
  for (const [name, query, values] of looks) {
    const { rows } = await db.pool.query<{ what: string }>(query, values && [...values]);
    for (const { what } of rows) differences.push(`${name} is left: ${what}`);
  }
  return { figures: { failedJobsKept: failedJobs }, differences };
}
