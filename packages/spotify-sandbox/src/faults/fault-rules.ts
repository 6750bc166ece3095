import { randomFor, type SeededRandom } from '../seeded-random.ts';

/** What goes wrong. */
export type Fault =
  /** 429; `retryAfterSeconds: null` leaves the header out. */
  | { kind: 'rate-limit'; retryAfterSeconds?: number | null; quota?: boolean }
  /** A 5xx; `html` answers a page as proxies do. */
  | { kind: 'server-error'; status?: 500 | 502 | 503 | 504; html?: boolean }
  /** The answer takes this much longer, in real milliseconds. */
  | { kind: 'slow'; delayMs: number }
  /** The connection breaks: before anything was done, or after. */
  | { kind: 'drop'; when: 'before' | 'after' }
  /** 200 with a body that is not JSON (whatever was asked is done), or with half of the JSON. */
  | { kind: 'not-json'; truncated?: boolean }
  /** At the token endpoint: a refusal that is not true. */
  | { kind: 'invalid-grant'; description?: string }
  /** 403 PREMIUM_REQUIRED for somebody who has Premium. */
  | { kind: 'premium-required' }
  /** A player read with `item: null` and `currently_playing_type: "unknown"`. */
  | { kind: 'item-null' };

/** When something goes wrong. All conditions given must hold. */
export interface FaultRule {
  fault: Fault;
  /** `*` stands for one path segment, `**` for any number: `/v1/me/player/**`, `/api/token`. Default everything. */
  path?: string;
  method?: string;
  personId?: string;
  clientId?: string;
  /** Default 1. */
  probability?: number;
  /** Lets this many matching calls pass first. */
  skip?: number;
  /** Strikes this often, then never again. */
  count?: number;
  /** Simulated time (ms since the epoch): from, inclusive, and until, exclusive. */
  fromMs?: number;
  untilMs?: number;
}

export interface FaultSubject {
  method: string;
  path: string;
  personId: string | null;
  clientId: string | null;
}

interface ActiveRule {
  id: string;
  rule: FaultRule;
  pattern: RegExp | null;
  random: SeededRandom;
  passed: number;
  struck: number;
}

/** The faults ordered at present. The first rule that strikes wins. */
export class FaultRules {
  private readonly seed: string;
  private rules: ActiveRule[] = [];
  private made = 0;

  constructor(seed: string) {
    this.seed = seed;
  }

  add(rule: FaultRule): string {
    this.made += 1;
    const id = `fault-${this.made}`;
    this.rules.push({
      id,
      rule,
      pattern: rule.path === undefined ? null : pathPattern(rule.path),
      random: randomFor(this.seed, 'fault', this.made),
      passed: 0,
      struck: 0,
    });
    return id;
  }

  remove(id: string): boolean {
    const before = this.rules.length;
    this.rules = this.rules.filter((rule) => rule.id !== id);
    return this.rules.length < before;
  }

  clear(): void {
    this.rules = [];
  }

  list(): { id: string; rule: FaultRule; struck: number }[] {
    return this.rules.map(({ id, rule, struck }) => ({ id, rule, struck }));
  }

  /** What happens to this call, null for nothing. */
  strike(subject: FaultSubject, nowMs: number): Fault | null {
    for (const active of this.rules) {
      if (!this.matches(active, subject, nowMs)) continue;
      if (active.passed < (active.rule.skip ?? 0)) {
        active.passed += 1;
        continue;
      }
      if (active.struck >= (active.rule.count ?? Number.POSITIVE_INFINITY)) continue;
      if (!active.random.chance(active.rule.probability ?? 1)) continue;
      active.struck += 1;
      return active.rule.fault;
    }
    return null;
  }

  private matches({ rule, pattern }: ActiveRule, subject: FaultSubject, nowMs: number): boolean {
    return (
      (pattern === null || pattern.test(subject.path)) &&
      (rule.method === undefined || rule.method.toUpperCase() === subject.method) &&
      (rule.personId === undefined || rule.personId === subject.personId) &&
      (rule.clientId === undefined || rule.clientId === subject.clientId) &&
      (rule.fromMs === undefined || nowMs >= rule.fromMs) &&
      (rule.untilMs === undefined || nowMs < rule.untilMs)
    );
  }
}

function pathPattern(glob: string): RegExp {
  const source = glob
    .split('/')
    .map((part) =>
      part === '**' ? '.*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*'),
    )
    .join('/')
    .replace(/\/\.\*$/, '(?:/.*)?');
  return new RegExp(`^${source}$`);
}
