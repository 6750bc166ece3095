import type { JobAccepted } from '@spindle/contracts';
import { beginErasure, findFeedName, LastAdmin, requireOtherAdmin, type Transaction } from '@spindle/db';
import { problems } from '@spindle/service-kit';
import type { Response } from 'express';
import type { GatewayContext } from './context.ts';
import { jobDocument } from './job-answer.ts';
import { tellFeedLeft } from './live/feed-events.ts';

export const lastAdmin = (cause?: unknown) =>
  problems.conflict('Nobody else could administer this instance. Make somebody else an admin first.', {
    code: 'last-admin',
    cause,
  });

/**
 * Ends everything that acts for a listener at once, and has the rest of theirs erased by a job. The last
 * admin goes only when nobody else is there: a newcomer would be the admin of everybody's data.
 *
 * @param also done in the transaction of the first step.
 * @throws AppError 409 `last-admin`
 */
export async function eraseSoon(
  context: GatewayContext,
  userId: number,
  call: { readonly requestId: string; readonly response: Response },
  also?: (tx: Transaction) => Promise<void>,
): Promise<JobAccepted> {
  const { db, clock, producer, sessions, sockets } = context;
  const { requestId, response } = call;
  const feedName = await findFeedName(db.pool, userId, clock.now());
  try {
    await beginErasure(db, userId, clock.now(), async (tx) => {
      await requireOtherAdmin(tx, userId);
      await also?.(tx);
    });
  } catch (error) {
    throw error instanceof LastAdmin ? lastAdmin(error) : error;
  }
  if (feedName !== null) await tellFeedLeft(context, feedName);
  const { id } = await producer.add('sync', 'erase-user', { userId }, { requestId, ownerId: userId });
  await sessions.endAll(userId);
  sockets.endUser(userId);
  const job = await producer.get(id);
  if (!job) throw problems.unavailable('The erasure has begun, but its progress cannot be shown.');
  response.setHeader('location', `/api/jobs/${id}`);
  return { job: jobDocument(job) };
}
