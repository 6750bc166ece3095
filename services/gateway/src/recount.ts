import type { GatewayContext } from './context.ts';

/**
 * Has a listener's figures counted anew. The change that made it needful is stored and marked already,
 * so a queue that is away only delays it: the next sweep finds the mark.
 */
export async function recountSoon(
  context: Pick<GatewayContext, 'producer' | 'logger'>,
  userId: number,
  requestId: string,
): Promise<void> {
  try {
    await context.producer.add('stats', 'recount', { userId }, { requestId, ownerId: userId });
  } catch (error) {
    context.logger.warn({ err: error, userId }, 'a recount could not be enqueued; the sweep will');
  }
}
