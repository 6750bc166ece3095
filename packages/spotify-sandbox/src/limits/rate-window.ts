/** A limit over a rolling window. */
export interface RateWindowRules {
  windowMs: number;
  limit: number;
}

/** Longest a caller can be sent away for. */
const LONGEST_LOCK_MS = 24 * 3_600_000;

/**
 * A rolling window of calls, and the lock-out when there are too many: calls made while locked out are refused and make
 * it last longer. Holds no more than `limit` times.
 */
export class RollingWindow {
  private readonly rules: RateWindowRules;
  /** Ring of the times (ms) of the calls let through. */
  private readonly times: number[] = [];
  private first = 0;
  private lockedUntilMs = 0;
  private refusals = 0;

  constructor(rules: RateWindowRules) {
    this.rules = rules;
  }

  /** Calls in the window that ends now. */
  used(nowMs: number): number {
    this.forget(nowMs);
    return this.times.length - this.first;
  }

  /** End of the lock-out (ms since the epoch), or null. */
  lockedUntil(nowMs: number): number | null {
    return this.lockedUntilMs > nowMs ? this.lockedUntilMs : null;
  }

  /** Whether a call may be made now; null, or how long to stay away (ms). A refusal counts against the caller. */
  refusal(nowMs: number): number | null {
    this.forget(nowMs);
    if (this.lockedUntilMs > nowMs) {
      this.refusals += 1;
      // Each further call adds a little more than the one before, at most a day in all.
      const more = Math.min(this.rules.windowMs * 0.02 * this.refusals, 3_600_000);
      this.lockedUntilMs = Math.min(this.lockedUntilMs + more, nowMs + LONGEST_LOCK_MS);
      return this.lockedUntilMs - nowMs;
    }
    if (this.times.length - this.first < this.rules.limit) {
      this.refusals = 0;
      return null;
    }
    this.refusals = 1;
    const oldest = this.times[this.first] ?? nowMs;
    this.lockedUntilMs = oldest + this.rules.windowMs;
    return this.lockedUntilMs - nowMs;
  }

  /** Counts a call that was let through. */
  count(nowMs: number): void {
    this.times.push(nowMs);
  }

  clear(): void {
    this.times.length = 0;
    this.first = 0;
    this.lockedUntilMs = 0;
    this.refusals = 0;
  }

  private forget(nowMs: number): void {
    const oldest = nowMs - this.rules.windowMs;
    while (this.first < this.times.length && (this.times[this.first] ?? 0) <= oldest) this.first += 1;
    if (this.first > 512 && this.first * 2 > this.times.length) {
      this.times.splice(0, this.first);
      this.first = 0;
    }
  }
}
