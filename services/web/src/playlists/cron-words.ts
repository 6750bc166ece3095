export const WEEKDAYS = [
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
] as const;

/** A time that recurs, as people choose it; `own` is a cron expression of theirs. */
export interface Recurrence {
  readonly kind: 'daily' | 'weekly' | 'own';
  /** HH:MM */
  readonly time: string;
  /** 0 is Sunday. */
  readonly weekday: number;
  readonly own: string;
}

/** Minute, hour, and a single day of the week or none. */
const PLAIN = /^(\d{1,2}) (\d{1,2}) \* \* (\*|[0-7])$/;

const two = (number: number): string => String(number).padStart(2, '0');

/** The five fields of cron; empty while no time is chosen. */
export function patternOf({ kind, time, weekday, own }: Recurrence): string {
  if (kind === 'own') return own.trim().replace(/\s+/g, ' ');
  const [hour, minute] = time.split(':');
  if (!hour || !minute) return '';
  return `${Number(minute)} ${Number(hour)} * * ${kind === 'daily' ? '*' : weekday}`;
}

/** What a pattern chooses. */
export function recurrenceOf(pattern: string): Recurrence {
  const [, minute, hour, day] = PLAIN.exec(pattern) ?? [];
  if (minute === undefined || hour === undefined || Number(minute) > 59 || Number(hour) > 23)
    return { kind: 'own', time: '07:00', weekday: 1, own: pattern };
  return {
    kind: day === '*' ? 'daily' : 'weekly',
    time: `${two(Number(hour))}:${two(Number(minute))}`,
    weekday: day === '*' ? 1 : Number(day) % 7,
    own: pattern,
  };
}

/** "Every day at 07:00", "Every Monday at 07:00"; other patterns as they are. */
export function patternWords(pattern: string): string {
  const { kind, time, weekday } = recurrenceOf(pattern);
  if (kind === 'daily') return `Every day at ${time}`;
  if (kind === 'weekly') return `Every ${WEEKDAYS[weekday]} at ${time}`;
  return `At the times of “${pattern}”`;
}

const WHEN = (timeZone: string) =>
  new Intl.DateTimeFormat('en-GB', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    hour: '2-digit',
    minute: '2-digit',
    timeZone,
  });

/** "Monday 23 November at 07:00" */
export const momentWords = (at: Date, timeZone: string): string => WHEN(timeZone).format(at);
