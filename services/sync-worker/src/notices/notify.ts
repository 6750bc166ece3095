import { loadNoticeAddress, noteNoticeOutcome, noticeAddressContext } from '@spindle/db';
import type { Notice } from '@spindle/worker-kit';
import type { SyncContext } from '../context.ts';

const UNREADABLE = 'The stored address can no longer be read. Enter it again.';
const NOWHERE = 'There is no address to send to.';

/** Sends a listener a notice and notes how that went. Answers null, or why it failed in words for them. */
export async function notify(
  context: SyncContext,
  userId: number,
  notice: Notice,
  signal: AbortSignal,
): Promise<string | null> {
  const address = await loadNoticeAddress(context.db, userId);
  if (!address) return NOWHERE;
  const error = await send();
  await noteNoticeOutcome(context.db, userId, { error, at: context.clock.now() });
  return error;

  async function send(): Promise<string | null> {
    if (!address) return NOWHERE;
    let url: string;
    try {
      url = context.box.open(address.url, noticeAddressContext(userId));
    } catch (cause) {
      context.logger.warn({ err: cause, userId }, 'the address for notices cannot be opened');
      return UNREADABLE;
    }
    return context.sendNotice({ kind: address.kind, url }, notice, signal);
  }
}
