import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';

/** The code by which Node tells that the other side hung up. */
const HUNG_UP = 'ERR_STREAM_PREMATURE_CLOSE';

function hasHungUp(thrown: unknown): boolean {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown && thrown.code === HUNG_UP;
}

/**
 * Sends a stream as fast as the caller takes it. A caller who hangs up ends it, and is no failure of
 * ours; anything else breaks the answer off visibly.
 *
 * @param broken rejects when what feeds the stream fails without ending it.
 */
export async function streamAnswer(
  source: Readable | NodeJS.ReadableStream,
  response: Response,
  broken?: Promise<never>,
): Promise<void> {
  try {
    const sent = pipeline(source, response);
    await Promise.race(broken !== undefined ? [sent, broken] : [sent]);
  } catch (error) {
    response.destroy();
    if (!hasHungUp(error)) throw error;
  }
}
