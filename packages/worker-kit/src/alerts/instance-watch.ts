import type { AlertTarget } from '@spindle/contracts';
import { type Database, loadInstanceState } from '@spindle/db';
import { createAlertStore, type Producer, type StoredAlert } from '@spindle/queues';
import { type AlertsConfig, type Clock, GiveUp, type Logger, readRedisMemory } from '@spindle/service-kit';
import type { Governor } from '@spindle/spotify';
import type { Redis } from 'ioredis';
import { createNoticeSender, type Notice, type NoticeAddress } from '../notices/send-notice.ts';
import { type AlertTurn, follow, isOver, newsOf } from './alert-course.ts';
import { findingsOf, type Sight } from './findings.ts';

export interface InstanceWatchParts {
  readonly db: Database;
  readonly redis: Redis;
  readonly prefix: string;
  readonly producer: Pick<Producer, 'counts' | 'recentFailures'>;
  readonly governor: Pick<Governor, 'snapshot'>;
  readonly alerts: AlertsConfig;
  /** The address in people's browsers, without a path. */
  readonly publicUrl: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** One look stands for all others for so long, real ms; 25 000 unless told. 0: none does. */
  readonly restMs?: number;
}

export interface InstanceWatch {
  /** Looks once, and tells what is new; nothing when somebody else has just looked. */
  look(signal: AbortSignal): Promise<{ active: number; sent: number; failed: number }>;
  /**
   * Sends a message to every target, to try them.
   *
   * @throws GiveUp when there is none, or one does not take it.
   */
  test(signal: AbortSignal): Promise<{ sent: number }>;
}

const HOUR_MS = 60 * 60_000;
/** Two workers look every minute, often at the same moment. */
const REST_MS = 25_000;

const TITLES: Readonly<Record<AlertTurn, (title: string) => string>> = {
  began: (title) => title,
  lasts: (title) => `Still: ${title}`,
  ended: (title) => `Over: ${title}`,
};

function targetsOf(alerts: AlertsConfig): NoticeAddress[] {
  const { webhookUrl, ntfyUrl, ntfyToken } = alerts;
  return [
    ...(webhookUrl === undefined ? [] : [{ kind: 'webhook' as const, url: webhookUrl }]),
    ...(ntfyUrl === undefined
      ? []
      : [{ kind: 'ntfy' as const, url: ntfyUrl, ...(ntfyToken !== undefined && { token: ntfyToken }) }]),
  ];
}

/**
 * Watches over the instance for operators who run no Prometheus. What goes wrong is told when it begins, once
 * a day while it lasts, and when it is over; a message that no target took is tried again at the next look.
 */
export function createInstanceWatch(parts: InstanceWatchParts): InstanceWatch {
  const { db, producer, governor, clock, logger } = parts;
  const store = createAlertStore(parts.redis, parts.prefix);
  const targets = targetsOf(parts.alerts);
  // The operator's own addresses may well be at home.
  const send = createNoticeSender({ allowPrivate: true });
  const restMs = parts.restMs ?? REST_MS;
  const link = `${parts.publicUrl}/admin`;

  async function see(): Promise<Sight> {
    const now = clock.now();
    const since = Date.now() - HOUR_MS;
    const [queues, failures, state, accounts, memory] = await Promise.all([
      producer.counts(),
      producer.recentFailures(since),
      loadInstanceState(db, now),
      governor.snapshot(),
      readRedisMemory(parts.redis),
    ]);
    return { queues, failures, state, accounts, memory, nowMs: now.getTime() };
  }

  /** Sends to all; why it did not arrive where it did not. */
  async function tell(
    notice: Notice,
    signal: AbortSignal,
  ): Promise<Map<NoticeAddress['kind'], string | null>> {
    const outcomes = new Map<NoticeAddress['kind'], string | null>();
    for (const target of targets) {
      const error = await send(target, notice, signal);
      if (error !== null) logger.warn({ target: target.kind, reason: error }, 'an alert did not arrive');
      outcomes.set(target.kind, error);
    }
    return outcomes;
  }

  const noticeOf = (turn: AlertTurn, alert: StoredAlert): Notice => ({
    event: `alert-${turn}`,
    title: TITLES[turn](alert.title),
    message: alert.message,
    link,
    details: { alert: alert.id, since: alert.since },
  });

  return {
    async look(signal) {
      if (restMs > 0 && !(await store.claim(restMs))) return { active: 0, sent: 0, failed: 0 };
      const before = await store.load();
      const sight = await see();
      const now = clock.now();
      let alerts = follow(before.alerts, findingsOf(sight, parts.alerts), now);
      const errors = new Map(before.targets.map(({ kind, lastError }) => [kind, lastError]));
      let sent = 0;
      let failed = 0;
      const save = (left: readonly StoredAlert[]) => {
        const told: AlertTarget[] = targets.map(({ kind }) => ({
          kind,
          lastError: errors.get(kind) ?? null,
        }));
        return store.save({ alerts: left, checkedAt: now.toISOString(), targets: told });
      };
      for (const { turn, alert } of newsOf(alerts, now)) {
        logger.warn({ alert: alert.id, turn, reason: alert.message }, `alert ${turn}`);
        const outcomes = await tell(noticeOf(turn, alert), signal);
        for (const [kind, error] of outcomes)
          errors.set(kind, error === null ? null : { message: error, at: now.toISOString() });
        // Without a target the log and the admin page are all that can be told.
        const arrived = targets.length === 0 || [...outcomes.values()].includes(null);
        if (!arrived) {
          failed += 1;
          continue;
        }
        sent += 1;
        alerts =
          turn === 'ended'
            ? alerts.filter(({ id }) => id !== alert.id)
            : alerts.map((one) => (one.id === alert.id ? { ...one, toldAt: now.toISOString() } : one));
        // Killed between two messages, the first is not told again.
        await save(alerts);
      }
      alerts = alerts.filter((alert) => alert.toldAt !== null || !isOver(alert, now));
      await save(alerts);
      return { active: alerts.filter(({ goneAt }) => goneAt === null).length, sent, failed };
    },

    async test(signal) {
      if (targets.length === 0)
        throw new GiveUp({
          code: 'no_target',
          message: 'Alerts go nowhere yet: set ALERT_WEBHOOK_URL or ALERT_NTFY_URL and start again.',
        });
      const notice: Notice = {
        event: 'alert-test',
        title: 'Spindle can reach you',
        message: 'This is where you are told when something goes wrong with the instance.',
        link,
      };
      const outcomes = await tell(notice, signal);
      for (const [kind, error] of outcomes)
        if (error !== null) throw new GiveUp({ code: 'alert_failed', message: `${kind}: ${error}` });
      return { sent: outcomes.size };
    },
  };
}
