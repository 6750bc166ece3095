import type { Logger } from '@spindle/service-kit';

const TELL_EVERY_MS = 30_000;

/**
 * Logs what a BullMQ object says about its connection, at most twice a minute, since it repeats itself
 * at every attempt. Also keeps an `error` event from ending the process.
 */
export function watchErrors(
  source: { on(event: 'error', listener: (error: Error) => void): unknown },
  logger: Logger,
  name: string,
): void {
  let toldAt = Number.NEGATIVE_INFINITY;
  source.on('error', (error) => {
    if (performance.now() - toldAt < TELL_EVERY_MS) return;
    toldAt = performance.now();
    logger.warn({ err: error, connection: name }, 'the queue has trouble with Redis');
  });
}
