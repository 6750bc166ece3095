import type { AlertKind, QuotaAccount } from '@spindle/contracts';
import type { InstanceState } from '@spindle/db';
import type { QueueDepth } from '@spindle/queues';
import type { AlertsConfig, RedisMemory } from '@spindle/service-kit';

/** What was seen of the instance at one moment. */
export interface Sight {
  readonly queues: readonly QueueDepth[];
  /** Jobs by queue that failed for good within the last hour, as far as they were counted. */
  readonly failures: ReadonlyMap<string, number>;
  readonly state: Pick<InstanceState, 'capture' | 'consents' | 'server'>;
  readonly accounts: readonly QuotaAccount[];
  readonly memory: RedisMemory;
  /** Epoch ms. */
  readonly nowMs: number;
}

/** Something that goes wrong, in words for the operator that name no listener. */
export interface Finding {
  readonly id: string;
  readonly kind: AlertKind;
  readonly title: string;
  readonly message: string;
}

const MINUTE_MS = 60_000;
/** From this part of a limit on it is near. */
const NEAR = 0.85;
/** Fewer who are behind are a matter of their own accounts. */
const MANY_BEHIND = 0.1;

const minutes = (seconds: number) => {
  const whole = Math.round(seconds / 60);
  return whole < 120 ? `${whole} minutes` : `${Math.round(whole / 60)} hours`;
};
const percent = (part: number, whole: number) => `${Math.round((100 * part) / whole)} %`;

function* ofQueues({ queues, failures }: Sight, limits: AlertsConfig): Generator<Finding> {
  for (const { queue, oldestMs, counts, paused } of queues) {
    if (oldestMs < limits.queueMinutes * MINUTE_MS) continue;
    yield {
      id: `queue-waits:${queue}`,
      kind: 'queue-waits',
      title: `Jobs of ${queue} wait`,
      message: `The next of ${counts.queued} jobs has been ready for ${minutes(oldestMs / 1_000)}. ${
        paused ? 'The queue is paused.' : 'Does its worker run, and are there enough of them?'
      }`,
    };
  }
  for (const [queue, count] of failures) {
    if (count < limits.failedJobs) continue;
    yield {
      id: `jobs-fail:${queue}`,
      kind: 'jobs-fail',
      title: `Jobs of ${queue} fail`,
      message: `At least ${count} failed for good within an hour. Their reasons stand on the admin pages and in the log.`,
    };
  }
}

function* ofCapture({ state }: Sight, limits: AlertsConfig): Generator<Finding> {
  const { capture, consents } = state;
  const late = limits.captureMinutes * 60;
  if (capture.untakenSeconds >= late) {
    yield {
      id: 'readings-untaken',
      kind: 'readings-untaken',
      title: 'Nobody reads what is listened to',
      message: `A reading has been due for ${minutes(capture.untakenSeconds)} and no worker took it up. Do cron and sync-worker run? Spotify forgets plays within hours.`,
    };
    // That many are late is what comes of it.
  } else if (capture.behind > MANY_BEHIND * capture.listeners && capture.quantiles['1'] >= late) {
    yield {
      id: 'listeners-behind',
      kind: 'listeners-behind',
      title: 'Many listeners are read late',
      message: `${capture.behind} of ${capture.listeners} are behind, by up to ${minutes(capture.quantiles['1'])}. See the quota and the queue "sync".`,
    };
  }
  if (consents.ended > 0) {
    yield {
      id: 'consents-ended',
      kind: 'consents-ended',
      title: 'Consents at Spotify have ended',
      message: `${consents.ended} ${consents.ended === 1 ? 'listener has' : 'listeners have'} to sign in again; nothing of theirs is recorded until then.`,
    };
  }
}

function* ofSpotify({ accounts, nowMs }: Sight, limits: AlertsConfig): Generator<Finding> {
  for (const { account, allowance, used, lanes, cooldowns } of accounts) {
    if (allowance !== null && lanes.some(({ lane, left }) => lane === 'history' && left === 0)) {
      yield {
        id: `quota-used-up:${account}`,
        kind: 'quota-used-up',
        title: `The allowance of ${account} is used up`,
        message: `${used} of ${allowance} calls were made within 24 hours. Histories wait until the oldest of them leave the ledger.`,
      };
    }
    for (const { scope, reason, until } of cooldowns) {
      const leftS = (Date.parse(until) - nowMs) / 1_000;
      if (leftS < limits.lockoutMinutes * 60) continue;
      yield {
        id: `locked-out:${account}:${scope}`,
        kind: 'locked-out',
        title: `Spotify shuts ${account} out`,
        message: `No calls for ${scope} (${reason}) for another ${minutes(leftS)}.`,
      };
    }
  }
}

function* ofStores({ state: { server }, memory }: Sight): Generator<Finding> {
  if (server.connectionLimit > 0 && server.connections > NEAR * server.connectionLimit) {
    yield {
      id: 'postgres-connections',
      kind: 'postgres-connections',
      title: 'PostgreSQL runs out of connections',
      message: `${server.connections} of ${server.connectionLimit} are in use. Raise max_connections, or lower DATABASE_POOL_SIZE.`,
    };
  }
  if (memory.limitBytes > 0 && memory.usedBytes > NEAR * memory.limitBytes) {
    yield {
      id: 'redis-memory',
      kind: 'redis-memory',
      title: 'Redis runs out of memory',
      message: `${percent(memory.usedBytes, memory.limitBytes)} of its memory is used. When it is full, no job can be added.`,
    };
  }
}

/** Everything that goes wrong, by what was seen and from which measure on the operator wants to know. */
export function findingsOf(sight: Sight, limits: AlertsConfig): Finding[] {
  return [
    ...ofQueues(sight, limits),
    ...ofCapture(sight, limits),
    ...ofSpotify(sight, limits),
    ...ofStores(sight),
  ];
}
