const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** A person's day begins at 4 o'clock, when nobody is in the middle of anything. */
export const DAY_BEGINS_HOUR = 4;

/** The days of one time zone, numbered from 1970. */
export interface LocalDays {
  /** When that day begins (ms since the epoch, UTC). */
  startMs(day: number): number;
  /** The day that contains this instant. */
  dayOf(instantMs: number): number;
}

/** @throws RangeError for an unknown time zone (IANA name). */
export function localDays(timeZone: string): LocalDays {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, timeZoneName: 'longOffset' });
  // Asking Intl is slow, and a person's next days are asked for again and again.
  const starts = new Map<number, number>();
  const startMs = (day: number): number => {
    let start = starts.get(day);
    if (start === undefined) {
      const local = day * DAY_MS + DAY_BEGINS_HOUR * HOUR_MS;
      start = local - offsetMs(format, local);
      starts.set(day, start);
    }
    return start;
  };
  return {
    startMs,
    dayOf: (instantMs) => {
      const guess = Math.floor((instantMs - DAY_BEGINS_HOUR * HOUR_MS) / DAY_MS);
      if (instantMs < startMs(guess)) return guess - 1;
      return instantMs >= startMs(guess + 1) ? guess + 1 : guess;
    },
  };
}

/** How far local time is ahead of UTC. */
function offsetMs(format: Intl.DateTimeFormat, instantMs: number): number {
  const name = format.formatToParts(instantMs).find((part) => part.type === 'timeZoneName')?.value;
  const match = /^GMT(?:([+-])(\d\d):(\d\d))?$/.exec(name ?? '');
  const minutes = match?.[1] ? Number(match[2]) * 60 + Number(match[3]) : 0;
  return (match?.[1] === '-' ? -minutes : minutes) * MINUTE_MS;
}
