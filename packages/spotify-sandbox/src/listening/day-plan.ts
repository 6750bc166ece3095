import { randomFor } from '../seeded-random.ts';
import { DAY_BEGINS_HOUR, type LocalDays } from './local-days.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Length of a track with its share of skips; turns tracks a day into hours a day. */
const TYPICAL_TRACK_MS = 185_000;

/** How much and when somebody listens. */
export interface Habits {
  timeZone: string;
  /** Local hours; may pass 24 for people who stay up. */
  wakeHour: number;
  sleepHour: number;
  tracksPerDay: number;
  /** Listens round the clock with hardly a break. */
  alwaysListening: boolean;
}

/** An uninterrupted stretch of listening: ms since the epoch, end exclusive. */
export interface Session {
  startMs: number;
  endMs: number;
}

/** The sessions of one local day. They depend on the seed, the person and the day only, not on when one asks. */
export function sessionsOfDay(
  seed: string,
  personId: string,
  day: number,
  habits: Habits,
  days: LocalDays,
): Session[] {
  const random = randomFor(seed, 'day', personId, day);
  const midnight = days.startMs(day) - DAY_BEGINS_HOUR * HOUR_MS;
  const nextDay = days.startMs(day + 1);
  const sessions: Session[] = [];

  if (habits.alwaysListening) {
    let start = days.startMs(day) + 20_000;
    while (start < nextDay - 10 * MINUTE_MS) {
      const end = Math.min(start + random.between(1.5, 5) * HOUR_MS, nextDay - 20_000);
      sessions.push({ startMs: Math.round(start), endMs: Math.round(end) });
      start = end + random.between(5, 40) * 1000;
    }
    return sessions;
  }

  const weekend = (day + 4) % 7 === 0 || (day + 4) % 7 === 6;
  const wake = midnight + (habits.wakeHour + (weekend ? 1.2 : 0) + random.between(-0.4, 0.6)) * HOUR_MS;
  const sleep = Math.min(
    midnight + (habits.sleepHour + random.between(-0.7, 0.7)) * HOUR_MS,
    nextDay - MINUTE_MS,
  );
  const wakingMs = sleep - wake;
  const wantedMs = Math.min(
    habits.tracksPerDay * random.logNormal(1, 0.3) * TYPICAL_TRACK_MS,
    wakingMs * 0.9,
  );
  if (wantedMs < MINUTE_MS) return [];
  const count = Math.max(1, Math.min(8, Math.round(wantedMs / (55 * MINUTE_MS) + random.between(0, 1))));
  const shares = Array.from({ length: count }, () => random.between(0.5, 1.5));
  const gaps = Array.from({ length: count + 1 }, () => random.between(0.1, 1));
  const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
  const listenUnit = wantedMs / sum(shares);
  const gapUnit = (wakingMs - wantedMs) / sum(gaps);
  let at = wake;
  for (let index = 0; index < count; index += 1) {
    at += (gaps[index] as number) * gapUnit;
    const end = at + (shares[index] as number) * listenUnit;
    sessions.push({ startMs: Math.round(at), endMs: Math.round(end) });
    at = end;
  }
  return sessions;
}
