import { type AlertTarget, alertSchema, alertTargetSchema } from '@spindle/contracts';
import type { Redis } from 'ioredis';
import { z } from 'zod';

/** An alert as it is kept while it lasts. */
const storedAlertSchema = alertSchema.extend({
  /** When the operator was last told of it; null: not yet. */
  toldAt: z.iso.datetime().nullable(),
  /** Since when it has not been seen any more; null: it is there. */
  goneAt: z.iso.datetime().nullable(),
});
export type StoredAlert = z.infer<typeof storedAlertSchema>;

export interface AlertState {
  readonly alerts: readonly StoredAlert[];
  /** ISO 8601; null: nobody has looked yet. */
  readonly checkedAt: string | null;
  readonly targets: readonly AlertTarget[];
}

const stateSchema = z.object({
  alerts: z.array(storedAlertSchema),
  checkedAt: z.iso.datetime().nullable(),
  targets: z.array(alertTargetSchema),
});

const NOTHING: AlertState = { alerts: [], checkedAt: null, targets: [] };

/**
 * What is known of alerts, in Redis: it concerns the moment, and what watches needs Redis anyway. Where it is
 * lost, whatever still goes wrong begins, and is told, once more.
 */
export interface AlertStore {
  load(): Promise<AlertState>;
  save(state: AlertState): Promise<void>;
  /** True for one of those who ask within `ms`: two look, and one look is enough. */
  claim(ms: number): Promise<boolean>;
}

export function createAlertStore(redis: Redis, prefix: string): AlertStore {
  const key = `${prefix}:alerts`;
  return {
    async load() {
      const text = await redis.get(key);
      if (text === null) return NOTHING;
      // What another version wrote and this one cannot read is told anew.
      return stateSchema.safeParse(parsed(text)).data ?? NOTHING;
    },
    async save(state) {
      await redis.set(key, JSON.stringify(state));
    },
    async claim(ms) {
      return (await redis.set(`${key}:claim`, '1', 'PX', ms, 'NX')) === 'OK';
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
