import type { CatalogueSize } from './catalogue/catalogue.ts';
import type { SandboxClock } from './clock.ts';
import type { DailyQuotaRules } from './limits/daily-quota.ts';
import type { RateWindowRules } from './limits/rate-window.ts';
import type { RecentlyPlayedRules } from './listening/play-history.ts';
import type { PersonOptions } from './people/person-options.ts';

/** `development`: the rules of 2026 for small apps. `extended`: the older, wider ones. */
export type AppMode = 'development' | 'extended';

/** One registered app (client id). */
export interface AppOptions {
  clientId: string;
  clientSecret: string;
  name?: string;
  /** Apps of one developer account share its daily quota. Default `developer`. */
  developerId?: string;
  /** Default the sandbox's. */
  mode?: AppMode;
  /** Exact addresses; an http loopback literal without a port admits every port. */
  redirectUris?: string[];
  /** Ids of the people who may use the app in development mode, at most 5. Default: the first five. */
  allowList?: string[];
}

export interface SandboxOptions {
  /** Everything invented follows from it. Default `spindle`. */
  seed?: string;
  /** Default `development`. */
  mode?: AppMode;
  /** Default the wall clock. */
  clock?: SandboxClock;
  /** Default 127.0.0.1 and a free port. */
  host?: string;
  port?: number;
  /** Address that answers name themselves by (artwork, paging links); default the address listened on. */
  publicUrl?: string;
  /** How many invented people, or exactly who. Default 6. */
  people?: number | PersonOptions[];
  /** Default one app, see {@link DEFAULT_APP}. */
  apps?: AppOptions[];
  catalogue?: Partial<CatalogueSize>;
  /** Days of history everybody has behind them when the sandbox starts. Default 2. */
  historyDays?: number;
  recentlyPlayed?: Partial<RecentlyPlayedRules>;
  /** A silent device sleeps after this long (ms). Default 15 minutes. */
  deviceSleepMs?: number;
  /** Rolling window per app; null: unlimited. Default 180 (extended: 1,000) calls in 30 s. */
  rateLimit?: RateWindowRules | null;
  /** Daily quota per developer account; null: unlimited. Default as in {@link developmentQuota}; extended: null. */
  quota?: DailyQuotaRules | null;
  /** What a refresh answers: no refresh token, the same one, or a new one that ends the old. Default `keep`. */
  refreshTokens?: 'keep' | 'repeat' | 'rotate';
  /** Life of an access token (ms). Default 1 hour. */
  accessTokenMs?: number;
  /** Player reads in a private session: told with `is_private_session`, or 204. Default `flagged`. */
  privateSession?: 'flagged' | 'withheld';
  /** How long a read shows an intermediate snapshot after a write (ms). Default 30 s. */
  playlistSnapshotLagMs?: number;
  /** Default 10,000. */
  playlistItemLimit?: number;
}

export interface SandboxSettings {
  seed: string;
  mode: AppMode;
  clock: SandboxClock;
  host: string;
  port: number;
  publicUrl: string | null;
  people: number | PersonOptions[];
  apps: AppOptions[];
  catalogue: CatalogueSize;
  historyDays: number;
  recentlyPlayed: RecentlyPlayedRules;
  deviceSleepMs: number;
  rateLimit: RateWindowRules | null | undefined;
  quota: DailyQuotaRules | null | undefined;
  refreshTokens: 'keep' | 'repeat' | 'rotate';
  accessTokenMs: number;
  privateSession: 'flagged' | 'withheld';
  playlistSnapshotLagMs: number;
  playlistItemLimit: number;
}

/** The app that exists when none is configured. Not a secret: it opens nothing but this sandbox. */
export const DEFAULT_APP = {
  clientId: '5ab0c0de5ab0c0de5ab0c0de5ab0c0de',
  clientSecret: 'c0ffeec0ffeec0ffeec0ffeec0ffeec0',
  name: 'Spindle (sandbox)',
  redirectUris: ['http://127.0.0.1/auth/callback', 'http://127.0.0.1/callback', 'http://[::1]/auth/callback'],
} as const;

export const DEFAULT_RECENTLY_PLAYED: RecentlyPlayedRules = {
  shortestMs: 30_000,
  windowSize: 50,
  lagMedianMs: 15_000,
  lagSpread: 0.9,
  longLagChance: 0,
  longLagFromMs: 10 * 60_000,
  longLagToMs: 3 * 3_600_000,
  lossChance: 0,
  playedAt: 'end',
};

export function completeOptions(options: SandboxOptions, clock: SandboxClock): SandboxSettings {
  return {
    seed: options.seed ?? 'spindle',
    mode: options.mode ?? 'development',
    clock,
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    publicUrl: options.publicUrl?.replace(/\/+$/, '') ?? null,
    people: options.people ?? 6,
    apps: options.apps ?? [{ ...DEFAULT_APP, redirectUris: [...DEFAULT_APP.redirectUris] }],
    catalogue: { artists: options.catalogue?.artists ?? 220, shows: options.catalogue?.shows ?? 12 },
    historyDays: options.historyDays ?? 2,
    recentlyPlayed: { ...DEFAULT_RECENTLY_PLAYED, ...options.recentlyPlayed },
    deviceSleepMs: options.deviceSleepMs ?? 15 * 60_000,
    rateLimit: options.rateLimit,
    quota: options.quota,
    refreshTokens: options.refreshTokens ?? 'keep',
    accessTokenMs: options.accessTokenMs ?? 3_600_000,
    privateSession: options.privateSession ?? 'flagged',
    playlistSnapshotLagMs: options.playlistSnapshotLagMs ?? 30_000,
    playlistItemLimit: options.playlistItemLimit ?? 10_000,
  };
}
