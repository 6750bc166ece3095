import { createHash } from 'node:crypto';

/**
 * The id that the outside sees: `<queue>.<id in the queue>`. Queue names hold no dot.
 */
export function publicJobId(queue: string, bullId: string): string {
  return `${queue}.${bullId}`;
}

/** The parts of a public id; undefined when it is none. */
export function parsePublicJobId(id: string): { queue: string; bullId: string } | undefined {
  const match = /^([a-z][a-z0-9-]{0,60})\.([A-Za-z0-9_:-]{1,180})$/.exec(id);
  return match?.[1] && match[2] ? { queue: match[1], bullId: match[2] } : undefined;
}

/**
 * The id of the job that an idempotency key stands for: the same key of the same caller at the same
 * endpoint gives the same job, for as long as the queue keeps it.
 */
export function jobIdFromKey(ownerId: number | string, route: string, idempotencyKey: string): string {
  const parts = JSON.stringify([ownerId, route, idempotencyKey]);
  return `key-${createHash('sha256').update(parts).digest('hex').slice(0, 40)}`;
}

/** The id of a child of a sweep: the same however often the parent adds it. */
export function childJobId(parentBullId: string, key: string): string {
  // The ids of scheduled parents hold colons, which BullMQ refuses in ids from outside.
  return `${parentBullId.replaceAll(':', '-')}-child-${key}`;
}
