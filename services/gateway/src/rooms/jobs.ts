import type { JobName, PayloadOf, ResultOf } from '@spindle/queues';
import { isFinished } from '@spindle/queues';
import { problems } from '@spindle/service-kit';
import type { GatewayContext } from '../context.ts';
import { jobProblem } from '../job-answer.ts';

/** So long somebody waits for what Spotify is asked, real ms. */
const WAIT_MS = 8_000;

type PartyJob = 'room-search' | 'room-track';

/**
 * Has the worker ask Spotify, and waits for the answer.
 *
 * @throws AppError 503 when it does not come in time; otherwise what the worker says
 */
export async function askWorker<Name extends PartyJob & JobName<'party'>>(
  { producer }: Pick<GatewayContext, 'producer'>,
  name: Name,
  payload: PayloadOf<'party', Name>,
  requestId: string,
): Promise<ResultOf<'party', Name>> {
  const { id } = await producer.add('party', name, payload, { requestId });
  const job = await producer.waitFor(id, WAIT_MS);
  if (!job || !isFinished(job)) {
    throw problems.unavailable(job?.waitingFor ?? 'Spotify takes its time. Try again in a moment.', {
      code: 'wait',
      retryAfterMs: 2_000,
    });
  }
  if (job.state === 'failed') throw jobProblem(job);
  return job.result as ResultOf<'party', Name>;
}
