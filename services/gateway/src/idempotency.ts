import { createHash } from 'node:crypto';
import { jobIdFromKey } from '@spindle/queues';
import { problems } from '@spindle/service-kit';
import type { Request } from 'express';
import type { Redis } from 'ioredis';

/** How long a key is remembered, in ms. */
const REMEMBERED_MS = 86_400_000;
const KEY = /^[\x21-\x7e]{1,200}$/;

/**
 * The `Idempotency-Key` of a request; undefined when it carries none.
 *
 * @throws AppError 400 when it is none that can be kept.
 */
export function idempotencyKeyOf(request: Request): string | undefined {
  const key = request.get('idempotency-key');
  if (key === undefined) return undefined;
  if (KEY.test(key)) return key;
  throw problems.validation('The Idempotency-Key is not usable.', {
    errors: [{ path: 'header.idempotency-key', message: 'must be 1 to 200 visible ASCII characters' }],
  });
}

export interface IdempotentRequest {
  /** Who asks. */
  readonly caller: string;
  /** Method and path of the endpoint. */
  readonly route: string;
  readonly key: string;
  /** What was asked for; the same key with another content is a mistake of the caller's. */
  readonly content: unknown;
}

/**
 * Adds the job of a request once: the same key of the same caller at the same endpoint gives the same
 * job for a day, also when that job was one that somebody else had added already, and has ended since.
 *
 * @throws AppError 422 when the key came before with another content.
 */
export async function addOnce(
  store: { readonly redis: Redis; readonly prefix: string },
  request: IdempotentRequest,
  add: (jobId: string) => Promise<{ id: string }>,
): Promise<{ id: string }> {
  const jobId = jobIdFromKey(request.caller, request.route, request.key);
  const fingerprint = createHash('sha256')
    .update(JSON.stringify(request.content ?? null))
    .digest('base64url');
  const place = `${store.prefix}:idempotent:${jobId}`;
  const known = await store.redis.get(place);
  if (known !== null) return { id: sameContent(known, fingerprint) };
  const added = await add(jobId);
  const stored = await store.redis.set(place, `${fingerprint} ${added.id}`, 'PX', REMEMBERED_MS, 'NX');
  // A twin of this request was quicker: its job is the one.
  return stored === null ? { id: sameContent((await store.redis.get(place)) ?? '', fingerprint) } : added;
}

function sameContent(stored: string, fingerprint: string): string {
  const [before, id] = stored.split(' ');
  if (before === fingerprint && id !== undefined) return id;
  throw problems.unprocessable('This Idempotency-Key was used before, for another request.', {
    code: 'idempotency-key-reused',
  });
}
