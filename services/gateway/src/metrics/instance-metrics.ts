import { ALERT_KINDS, type QuotaAccount } from '@spindle/contracts';
import {
  type Database,
  type InstanceState,
  type ListenerState,
  loadInstanceState,
  loadListenerStates,
} from '@spindle/db';
import type { AlertStore } from '@spindle/queues';
import { type Clock, Gauge, type Registry, readRedisMemory, systemClock } from '@spindle/service-kit';
import type { Redis } from 'ioredis';
import { remembered } from '../remembered.ts';

/** A figure of the whole instance is looked up anew after this long at the earliest, ms. */
export const LOOK_EVERY_MS = 10_000;

export interface InstanceMetricsParts {
  readonly db: Database;
  readonly redis: Pick<Redis, 'info'>;
  readonly quota: () => Promise<readonly QuotaAccount[]>;
  readonly alerts: Pick<AlertStore, 'load'>;
  readonly clock: Clock;
  /** How many listeners have series of their own. */
  readonly listeners: number;
}

type Labels = Record<string, string>;

/**
 * Measures the instance as a whole, at scrapes. Every gateway tells the same figures, read from PostgreSQL
 * and Redis, so whoever reads them takes the `max` over the gateways and never the sum. What cannot be
 * looked up is left out, so that a scrape never fails.
 */
export function observeInstance(registry: Registry, parts: InstanceMetricsParts): void {
  const { db, redis, quota, clock } = parts;
  const often = <T>(look: () => Promise<T>) => {
    const read = remembered(systemClock, LOOK_EVERY_MS, look);
    return () => read().catch((): null => null);
  };
  const state = often(() => loadInstanceState(db, clock.now()));
  const listeners = often(() => loadListenerStates(db, clock.now(), parts.listeners));
  const accounts = often(quota);
  const alerts = often(() => parts.alerts.load());
  const memory = often(() => readRedisMemory(redis));

  function gauge<T>(
    look: () => Promise<T | null>,
    name: string,
    help: string,
    read: (seen: T) => Iterable<readonly [Labels, number]>,
  ): void {
    const labelNames = LABELS[name] ?? [];
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        const seen = await look();
        this.reset();
        // A gauge without labels has a 0 after a reset, which would be a lie.
        if (seen === null) return labelNames.length === 0 ? this.set(Number.NaN) : undefined;
        for (const [labels, value] of read(seen)) this.set(labels, value);
      },
    });
  }
  const one = (value: number) => [[{}, value]] as const;
  const by = <K extends string>(label: string, values: Readonly<Record<K, number>>) =>
    Object.entries<number>(values).map(([key, value]) => [{ [label]: key }, value] as const);

  const ofState = (
    name: string,
    help: string,
    read: (seen: InstanceState) => Iterable<readonly [Labels, number]>,
  ) => gauge(state, name, help, read);
  ofState('spindle_users', 'Listeners of the instance.', (seen) => one(seen.users));
  ofState('spindle_sharing', 'Listeners who share what they play.', (seen) => one(seen.sharing));
  ofState('spindle_consents', 'Consents at Spotify by how long they are good for.', (seen) =>
    by('band', seen.consents),
  );
  ofState('spindle_capture_listeners', 'Listeners whose history can be read.', (seen) =>
    one(seen.capture.listeners),
  );
  ofState(
    'spindle_capture_listeners_behind',
    'Listeners whose history is read more than ten minutes behind its plan.',
    (seen) => one(seen.capture.behind),
  );
  ofState(
    'spindle_capture_lag_seconds',
    'How far readings of histories are behind their plan, as quantiles over the listeners; 1 is the worst.',
    (seen) => by('quantile', seen.capture.quantiles),
  );
  ofState(
    'spindle_capture_untaken_seconds',
    'For how long a reading has been due that no worker has taken up.',
    (seen) => one(seen.capture.untakenSeconds),
  );
  ofState('spindle_rooms_open', 'Party rooms that are open.', (seen) => one(seen.rooms));
  ofState('spindle_room_participants', 'Guests and hosts in open party rooms.', (seen) =>
    one(seen.participants),
  );
  ofState('spindle_imports', 'Imports that wait or run.', (seen) => by('state', seen.imports));
  ofState('spindle_postgres_connections', 'Connections that the PostgreSQL server has.', (seen) =>
    one(seen.server.connections),
  );
  ofState('spindle_postgres_connection_limit', 'Connections that the PostgreSQL server allows.', (seen) =>
    one(seen.server.connectionLimit),
  );
  ofState('spindle_postgres_database_bytes', 'Size of the database on disk.', (seen) =>
    one(seen.server.bytes),
  );

  gauge(
    alerts,
    'spindle_alerts_active',
    'What the instance’s own watch finds to go wrong, by kind.',
    (seen) =>
      ALERT_KINDS.map((kind) => {
        const active = seen.alerts.filter((alert) => alert.kind === kind && alert.goneAt === null);
        return [{ kind }, active.length] as const;
      }),
  );
  gauge(
    alerts,
    'spindle_alerts_checked_timestamp_seconds',
    'When that watch last looked; not a number before it did.',
    ({ checkedAt }) => [[{}, checkedAt === null ? Number.NaN : Date.parse(checkedAt) / 1_000] as const],
  );
  gauge(memory, 'spindle_redis_memory_used_bytes', 'Memory that Redis uses.', (seen) => one(seen.usedBytes));
  gauge(
    memory,
    'spindle_redis_memory_limit_bytes',
    'Memory that Redis may use; 0: it has no limit.',
    (seen) => one(seen.limitBytes),
  );

  const ofListeners = (name: string, help: string, read: (one: ListenerState) => number | null) =>
    gauge(listeners, name, help, (seen) =>
      seen.flatMap((listener) => {
        const value = read(listener);
        return value === null ? [] : [[{ user: String(listener.userId) }, value] as const];
      }),
    );
  ofListeners(
    'spindle_listener_capture_lag_seconds',
    'How far the reading of one listener’s history is behind its plan; for METRICS_LISTENERS of them.',
    (listener) => listener.lagSeconds,
  );
  ofListeners(
    'spindle_listener_consent_left_seconds',
    'Until one listener’s consent ends, 0 when it has; for METRICS_LISTENERS of them.',
    (listener) => listener.consentSeconds,
  );

  const ofAccounts = (
    name: string,
    help: string,
    read: (account: QuotaAccount) => Iterable<readonly [Labels, number]>,
  ) =>
    gauge(accounts, name, help, (seen) =>
      seen.flatMap((account) =>
        [...read(account)].map(
          ([labels, value]) => [{ account: account.account, ...labels }, value] as const,
        ),
      ),
    );
  ofAccounts(
    'spindle_spotify_quota_left',
    'Calls that a lane of a developer account may still make now; absent where it has no limit.',
    ({ lanes }) => lanes.flatMap(({ lane, left }) => (left === null ? [] : [[{ lane }, left] as const])),
  );
  ofAccounts('spindle_spotify_quota_used', 'Calls of the last 24 hours by lane.', ({ lanes }) =>
    lanes.map(({ lane, used }) => [{ lane }, used] as const),
  );
  ofAccounts(
    'spindle_spotify_quota_allowance',
    'Calls that a developer account may make in any 24 hours; absent without a limit.',
    ({ allowance }) => (allowance === null ? [] : one(allowance)),
  );
  ofAccounts(
    'spindle_spotify_cooldown_until_timestamp_seconds',
    'Until when Spotify wants no calls, by what the refusal concerned.',
    ({ cooldowns }) =>
      cooldowns.map(({ scope, reason, until }) => [{ scope, reason }, Date.parse(until) / 1_000] as const),
  );
  ofAccounts('spindle_spotify_calls_waiting', 'Calls that wait for more than a moment.', ({ waiting }) =>
    one(waiting.length),
  );
}

const LABELS: Readonly<Record<string, readonly string[]>> = {
  spindle_alerts_active: ['kind'],
  spindle_consents: ['band'],
  spindle_capture_lag_seconds: ['quantile'],
  spindle_imports: ['state'],
  spindle_listener_capture_lag_seconds: ['user'],
  spindle_listener_consent_left_seconds: ['user'],
  spindle_spotify_quota_left: ['account', 'lane'],
  spindle_spotify_quota_used: ['account', 'lane'],
  spindle_spotify_quota_allowance: ['account'],
  spindle_spotify_cooldown_until_timestamp_seconds: ['account', 'scope', 'reason'],
  spindle_spotify_calls_waiting: ['account'],
};
