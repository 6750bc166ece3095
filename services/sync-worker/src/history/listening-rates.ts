/** Hours of a week, Sunday 00:00 UTC first. */
export const WEEK_HOURS = 168;
const HOUR_MS = 3_600_000;
/** 1970-01-01 was a Thursday. */
const EPOCH_HOUR = 4 * 24;
/** A week-old observation weighs this much of a new one. */
const WEEKLY_DECAY = 0.7;
/** Evidence of this many hours is lent from the listener's mean before an hour of the week speaks for itself. */
const SHRINKAGE_HOURS = 1.5;
/** Plays an hour assumed of somebody of whom nothing is known. */
const UNKNOWN_RATE = 2.5;

/** Index of the hour of the week (UTC) that a moment (epoch ms) is in. */
export function hourOfWeek(at: number): number {
  return (Math.floor(at / HOUR_MS) + EPOCH_HOUR) % WEEK_HOURS;
}

/** Walks a stretch of time hour by hour: `visit(hour of the week, hours of it inside the stretch)`. */
function eachHour(from: number, to: number, visit: (hour: number, share: number) => void): void {
  for (let at = from; at < to; ) {
    const end = Math.min(to, (Math.floor(at / HOUR_MS) + 1) * HOUR_MS);
    visit(hourOfWeek(at), (end - at) / HOUR_MS);
    at = end;
  }
}

/** The neighbourhood of an hour: the same hour of other days tells something of it too. */
function prior(rates: readonly number[], hour: number): number {
  let sum = 0;
  let weight = 0;
  for (let day = 0; day < 7; day += 1) {
    for (const [offset, share] of [
      [0, 1],
      [1, 0.4],
      [-1, 0.4],
    ] as const) {
      const rate = rates[(hour + day * 24 + offset + WEEK_HOURS) % WEEK_HOURS] ?? 0;
      sum += rate * share;
      weight += share;
    }
  }
  return sum / weight;
}

/**
 * What is expected of each hour of the week, from plays that ended at `ends` in the stretch `from`..`to`
 * of which everything is known. Exponentially decayed counts, shrunk towards the same hour of the other
 * days (empirical Bayes with a Gamma prior: (a·prior + plays) / (a + hours)).
 */
export function learnRates(
  known: readonly number[],
  ends: readonly number[],
  from: number,
  to: number,
): number[] {
  const fresh = known.length !== WEEK_HOURS;
  const mean = ends.length / Math.max((to - from) / HOUR_MS, 1);
  const before = fresh ? new Array<number>(WEEK_HOURS).fill(Math.max(mean, 0.05)) : [...known];
  const plays = new Array<number>(WEEK_HOURS).fill(0);
  const hours = new Array<number>(WEEK_HOURS).fill(0);
  eachHour(from, to, (hour, share) => {
    hours[hour] = (hours[hour] ?? 0) + share;
  });
  for (const end of ends)
    if (end >= from && end < to) plays[hourOfWeek(end)] = (plays[hourOfWeek(end)] ?? 0) + 1;
  const updated = before.map((rate, hour) => {
    const seen = hours[hour] ?? 0;
    if (seen === 0) return rate;
    const strength = fresh ? SHRINKAGE_HOURS / 3 : SHRINKAGE_HOURS / WEEKLY_DECAY;
    return (strength * rate + (plays[hour] ?? 0)) / (strength + seen);
  });
  if (!fresh) return updated;
  // Of the hours that were not seen, the same hour of the days that were.
  return updated.map((rate, hour) => ((hours[hour] ?? 0) > 0 ? rate : prior(updated, hour)));
}

/** Expected plays in a stretch of time. */
export function expectedPlays(rates: readonly number[], from: number, to: number): number {
  let sum = 0;
  eachHour(from, to, (hour, share) => {
    sum += share * (rates.length === WEEK_HOURS ? (rates[hour] ?? 0) : UNKNOWN_RATE);
  });
  return sum;
}

/** The moment by which `plays` are expected, at the latest `latest`. */
export function whenExpected(rates: readonly number[], from: number, plays: number, latest: number): number {
  let sum = 0;
  for (let at = from; at < latest; ) {
    const end = Math.min(latest, (Math.floor(at / HOUR_MS) + 1) * HOUR_MS);
    const rate = rates.length === WEEK_HOURS ? (rates[hourOfWeek(at)] ?? 0) : UNKNOWN_RATE;
    const here = (rate * (end - at)) / HOUR_MS;
    if (sum + here >= plays) return at + ((plays - sum) / rate) * HOUR_MS;
    sum += here;
    at = end;
  }
  return latest;
}
