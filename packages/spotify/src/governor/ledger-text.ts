import type { QuotaAccount } from '@spindle/contracts';
import { LANES, type Lane } from './lanes.ts';

/** Pairs of a Redis hash as it comes out of a script. */
function* pairs(flat: readonly string[]): Generator<[string, string]> {
  for (let index = 0; index + 1 < flat.length; index += 2) yield [flat[index] ?? '', flat[index + 1] ?? ''];
}

const toLane = (text: string | undefined): Lane => LANES.find((lane) => lane === text) ?? 'interactive';

/** Sums by `lane|bucket`, and the calls of each of the last 24 hours, oldest first. */
export function readCells(
  sums: readonly string[],
  cells: readonly string[],
  now: number,
  cellMs: number,
): { sums: Map<string, number>; hourly: number[] } {
  const byKey = new Map<string, number>();
  for (const [key, count] of pairs(sums))
    if (key !== 'oldest' && Number(count) > 0) byKey.set(key, Number(count));
  const hourly = new Array<number>(24).fill(0);
  const thisHour = Math.floor(now / 3_600_000);
  for (const [cell, entry] of pairs(cells)) {
    const index = 23 - (thisHour - Math.floor((Number(cell) * cellMs) / 3_600_000));
    if (index < 0 || index > 23) continue;
    for (const part of entry.split(','))
      hourly[index] = (hourly[index] ?? 0) + Number(part.split('=')[1] ?? 0);
  }
  return { sums: byKey, hourly };
}

export function readCooldowns(
  hash: Readonly<Record<string, string>>,
  now: number,
): QuotaAccount['cooldowns'] {
  return Object.entries(hash).flatMap(([scope, entry]) => {
    const [until = '0', , , ...reason] = entry.split('|');
    return Number(until) > now
      ? [{ scope, reason: reason.join('|'), until: new Date(Number(until)).toISOString() }]
      : [];
  });
}

export function readWaiting(hash: Readonly<Record<string, string>>, now: number): QuotaAccount['waiting'] {
  return Object.values(hash).flatMap((entry) => {
    const [until = '0', lane, bucket = '', user = '', ...reason] = entry.split('|');
    return Number(until) > now
      ? [
          {
            lane: toLane(lane),
            bucket,
            user: user || null,
            reason: reason.join('|'),
            until: new Date(Number(until)).toISOString(),
          },
        ]
      : [];
  });
}
