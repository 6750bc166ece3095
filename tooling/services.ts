import type { ServiceSpec } from './supervisor.ts';

/** What the services of one system are told. */
export interface SystemAddresses {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** The address in the browser. */
  readonly publicUrl: string;
  readonly gatewayPort: number;
  /** Ports for health and metrics of the services that answer no other HTTP, by service. */
  readonly opsPorts: Readonly<Record<string, number>>;
  /** Secrets, Spotify's addresses and whatever else all services get. */
  readonly shared: Readonly<Record<string, string>>;
  readonly webDist?: string;
}

/** The processes that make the system, in the order of their start. */
export const SERVICES = [
  'sync-worker',
  'import-worker',
  'stats-worker',
  'playlist-worker',
  'party-worker',
  'cron',
  'gateway',
] as const;

/** Reading exports makes much short-lived garbage, which V8 would let pile up to some 200 MB. */
export const IMPORT_WORKER_HEAP = '--max-semi-space-size=8 --max-old-space-size=160';

/** In the order in which they stop: first what takes requests, then what works. */
export const STOP_ORDER = [
  'gateway',
  'cron',
  'party-worker',
  'playlist-worker',
  'stats-worker',
  'import-worker',
  'sync-worker',
] as const;

export function serviceSpecs(addresses: SystemAddresses, options: { watch?: boolean } = {}): ServiceSpec[] {
  return SERVICES.map((name) => ({
    name,
    entry: `services/${name}/src/main.ts`,
    env: {
      ...addresses.shared,
      DATABASE_URL: addresses.databaseUrl,
      REDIS_URL: addresses.redisUrl,
      PUBLIC_URL: addresses.publicUrl,
      ...(name === 'gateway'
        ? {
            PORT: String(addresses.gatewayPort),
            ...(addresses.webDist ? { WEB_DIST: addresses.webDist } : {}),
          }
        : { OPS_PORT: String(addresses.opsPorts[name] ?? 0) }),
      ...(name === 'import-worker' ? { NODE_OPTIONS: IMPORT_WORKER_HEAP } : {}),
    },
    ...(options.watch ? { watch: [`services/${name}/src`, 'packages'] } : {}),
  }));
}
