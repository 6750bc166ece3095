import { RollingWindow } from './rate-window.ts';

/** Endpoints that share one allowance. */
export interface QuotaBucket {
  name: string;
  /** Calls in 24 h; null: as many as the total admits. */
  limit: number | null;
  /** Whether the calls also count towards the total. Default true. */
  inTotal?: boolean;
}

/** The daily quota of a developer account. */
export interface DailyQuotaRules {
  /** Over all buckets that count towards it; null: only the buckets limit. */
  total: number | null;
  buckets: QuotaBucket[];
  /** Which bucket a path belongs to: the first whose pattern matches. Default {@link BUCKET_PATTERNS}. */
  patterns?: readonly (readonly [RegExp, string])[];
}

/** How calls are grouped. The real groups are unpublished; these are the ones that reports suggest. */
export const BUCKET_PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/^\/v1\/me\/player(\/|$)/, 'player'],
  [/^\/v1\/search$/, 'search'],
  [/^\/v1\/me\/playlists$|^\/v1\/playlists(\/|$)|^\/v1\/users\/[^/]+\/playlists$/, 'playlists'],
  [/^\/v1\/me\/(tracks|albums|shows|episodes|audiobooks|library|following|top)(\/|$)/, 'library'],
  [/^\/v1\/(me|users\/[^/]+)$/, 'profile'],
  [/^\/v1\//, 'catalog'],
];

/** 1,000 calls a day in all, with smaller allowances for single groups; the profile stays free, as reported. */
export function developmentQuota(total = 1000): DailyQuotaRules {
  return {
    total,
    buckets: [
      { name: 'player', limit: total },
      { name: 'library', limit: Math.round(total * 0.5) },
      { name: 'playlists', limit: Math.round(total * 0.5) },
      { name: 'catalog', limit: Math.round(total * 0.5) },
      { name: 'search', limit: Math.round(total * 0.2) },
      { name: 'profile', limit: null, inTotal: false },
    ],
  };
}

export function bucketOf(path: string, patterns = BUCKET_PATTERNS): string {
  return patterns.find(([pattern]) => pattern.test(path))?.[1] ?? 'other';
}

const DAY_MS = 24 * 3_600_000;

export interface QuotaUse {
  bucket: string;
  used: number;
  limit: number | null;
  lockedUntilMs: number | null;
}

/** The rolling 24 hours of one developer account. */
export class DailyQuota {
  private readonly rules: DailyQuotaRules;
  private readonly windows = new Map<string, RollingWindow>();
  private readonly total: RollingWindow | null;

  constructor(rules: DailyQuotaRules) {
    this.rules = rules;
    for (const { name, limit } of rules.buckets) {
      if (limit !== null) this.windows.set(name, new RollingWindow({ windowMs: DAY_MS, limit }));
    }
    this.total = rules.total === null ? null : new RollingWindow({ windowMs: DAY_MS, limit: rules.total });
  }

  bucket(path: string): string {
    return bucketOf(path, this.rules.patterns);
  }

  /** Counts a call; null when it may be made, else how long to stay away (ms). */
  refusal(path: string, nowMs: number): number | null {
    const bucket = this.bucket(path);
    const window = this.windows.get(bucket);
    const rule = this.rules.buckets.find(({ name }) => name === bucket);
    const total = rule?.inTotal === false ? null : this.total;
    const wait = window?.refusal(nowMs) ?? total?.refusal(nowMs) ?? null;
    if (wait !== null) return wait;
    window?.count(nowMs);
    total?.count(nowMs);
    return null;
  }

  use(nowMs: number): QuotaUse[] {
    const rows = this.rules.buckets.map(({ name, limit }): QuotaUse => {
      const window = this.windows.get(name);
      return {
        bucket: name,
        used: window?.used(nowMs) ?? 0,
        limit,
        lockedUntilMs: window?.lockedUntil(nowMs) ?? null,
      };
    });
    const { total } = this;
    if (total) {
      rows.push({
        bucket: 'total',
        used: total.used(nowMs),
        limit: this.rules.total,
        lockedUntilMs: total.lockedUntil(nowMs),
      });
    }
    return rows;
  }

  clear(): void {
    for (const window of this.windows.values()) window.clear();
    this.total?.clear();
  }
}
