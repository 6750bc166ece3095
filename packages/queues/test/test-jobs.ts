import { z } from 'zod';
import { defineJob } from '../src/index.ts';

const shared = {
  attempts: 3,
  backoff: { delayMs: 40, jitter: 0 },
  lane: 'history',
  timeoutMs: 10_000,
  keepFinished: true,
} as const;
const number = z.strictObject({ n: z.int() });

/** Jobs to try the queue with. */
export const testRegistry = {
  work: {
    double: defineJob({ ...shared, payload: number, result: z.object({ doubled: z.int() }) }),
    hurried: defineJob({ ...shared, payload: number, result: z.null(), timeoutMs: 60, attempts: 1 }),
    fleeting: defineJob({
      ...shared,
      payload: number,
      result: z.object({ n: z.int() }),
      keepFinished: false,
    }),
    single: defineJob({
      ...shared,
      payload: number,
      result: z.null(),
      dedupe: ({ n }) => ({ id: `single:${n}`, mode: 'simple' }),
    }),
    latest: defineJob({
      ...shared,
      payload: number,
      result: z.null(),
      dedupe: () => ({ id: 'latest', mode: 'keepLastIfActive' }),
    }),
    long: defineJob({ ...shared, payload: number, result: z.object({ starts: z.int() }), attempts: 1 }),
    lane: defineJob({ ...shared, payload: number, result: z.null() }),
    patient: defineJob({
      ...shared,
      payload: number,
      result: z.object({ n: z.int() }),
      maxStarts: 4,
      maxPostponeMs: ({ n }) => (n < 0 ? 1_000 : undefined),
    }),
    sweep: defineJob({
      ...shared,
      payload: z.strictObject({ keys: z.array(z.string()) }),
      result: z.object({ sum: z.int(), errors: z.array(z.string()) }),
    }),
  },
} as const;
export type TestRegistry = typeof testRegistry;
