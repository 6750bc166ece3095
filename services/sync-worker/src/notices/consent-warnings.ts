import { type DueWarning, dueWarnings, noteWarning } from '@spindle/db';
import type { Processor } from '@spindle/queues';
import type { Notice } from '@spindle/worker-kit';
import type { SyncContext } from '../context.ts';
import { notify } from './notify.ts';

const DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });

export function warningOf(
  { daysLeft, endsAt }: Pick<DueWarning, 'daysLeft' | 'endsAt'>,
  publicUrl: string,
): Notice {
  const link = `${publicUrl}/settings`;
  if (daysLeft === 0)
    return {
      event: 'consent-ended',
      title: 'Spotify has ended the connection',
      message: 'Spindle records nothing until you connect again. It takes one click in the settings.',
      link,
    };
  const days = daysLeft === 1 ? 'tomorrow' : `within ${daysLeft} days`;
  return {
    event: 'consent-ending',
    title: `Spotify ends the connection ${days}`,
    message: `Your consent is good until ${DAY.format(endsAt)}. Connect again in the settings, and nothing is missed.`,
    link,
    details: { daysLeft, endsAt: endsAt.toISOString() },
  };
}

/**
 * Sends the warnings that are due. One that was sent and could not be noted is sent again: better told
 * twice than not. One that failed is tried again the next time.
 */
export const consentWarnings: Processor<SyncContext, 'sync', 'consent-warnings'> = async (
  context,
  _payload,
  job,
) => {
  let sent = 0;
  let failed = 0;
  for (const warning of await dueWarnings(context.db, context.clock.now())) {
    job.signal.throwIfAborted();
    const error = await notify(context, warning.userId, warningOf(warning, context.publicUrl), job.signal);
    if (error === null) {
      await noteWarning(context.db, warning, context.clock.now());
      sent += 1;
    } else failed += 1;
  }
  return { sent, failed };
};
