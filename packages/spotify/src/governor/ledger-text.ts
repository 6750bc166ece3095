import type { QuotaAccount } from '@spindle/contracts';
import { LANES, type Lane } from './lanes.ts';

/** Pairs of a Redis hash as it comes out of a script. */
function* pairs(flat: readonly string[]): Generator<[string, string]> {
  for (let index = 0; index + 1 < flat.length; index += 2) yield [flat[index] ?? '', flat[index + 1] ?? ''];
}

const toLane = (text: string | undefined): Lane => LANES.find((lane) => lane === text) ?? 'interactive';

/** The token endpoint is another service: its calls are ledgered, but are no part of the Web API's quota. */
export const isCounted = (key: string): boolean => !key.endsWith('|accounts');

/** Counted calls of one stretch of time, which leave the rolling day together. */
export interface LedgerCell {
  /** Epoch ms. */
  readonly leavesAt: number;
  readonly calls: number;
  readonly byHistory: number;
}

/**
 * Sums by `lane|bucket`; the counted calls of each of the last 24 hours, oldest first; and all cells that the
 * sums are made of, in the order in which they leave. Some of them may be older
 * than these 24 hours: a cell counts until its end is a day old.
 */
export function readCells(
  sums: readonly string[],
  cells: readonly string[],
  now: number,
  lengths: { readonly cellMs: number; readonly dayMs: number },
): { sums: Map<string, number>; hourly: number[]; leaving: LedgerCell[] } {
  const byKey = new Map<string, number>();
  for (const [key, count] of pairs(sums))
    if (key !== 'oldest' && Number(count) > 0) byKey.set(key, Number(count));
  const hourly = new Array<number>(24).fill(0);
  const thisHour = Math.floor(now / 3_600_000);
  const leaving: LedgerCell[] = [];
  for (const [cell, entry] of pairs(cells)) {
    const parts = entry.split(',').map((part): [string, number] => {
      const [key = '', count] = part.split('=');
      return [key, Number(count ?? 0)];
    });
    const counted = parts.filter(([key]) => isCounted(key));
    const calls = sum(counted);
    const byHistory = sum(counted.filter(([key]) => key.startsWith('history|')));
    leaving.push({ leavesAt: (Number(cell) + 1) * lengths.cellMs + lengths.dayMs, calls, byHistory });
    const index = 23 - (thisHour - Math.floor((Number(cell) * lengths.cellMs) / 3_600_000));
    if (index >= 0 && index <= 23) hourly[index] = (hourly[index] ?? 0) + calls;
  }
  return { sums: byKey, hourly, leaving: leaving.sort((a, b) => a.leavesAt - b.leavesAt) };
}

const sum = (parts: readonly (readonly [string, number])[]): number =>
  parts.reduce((total, [, calls]) => total + calls, 0);

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
