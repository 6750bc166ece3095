import { deleteNoticeTarget, getNoticeTarget, saveNoticeTarget, testNotice } from '@spindle/contracts';
import {
  deleteNoticeTarget as forgetTarget,
  loadNoticeTarget,
  noticeAddressContext,
  saveNoticeTarget as storeTarget,
} from '@spindle/db';
import { problems, type TokenBox } from '@spindle/service-kit';
import { listenerId } from '../caller.ts';
import type { GatewayContext } from '../context.ts';
import type { Mount } from '../mount.ts';

/** Where a listener is told what needs them; a worker does the telling. */
export function mountNotices(
  mount: Mount,
  { db, producer }: Pick<GatewayContext, 'db' | 'producer'>,
  box: TokenBox,
): void {
  mount.route(getNoticeTarget, async (_input, { caller }) => ({
    target: await loadNoticeTarget(db, listenerId(caller)),
  }));

  mount.route(saveNoticeTarget, async ({ body }, { caller }) => {
    const userId = listenerId(caller);
    const { host } = new URL(body.url);
    const url = box.seal(body.url, noticeAddressContext(userId));
    return { target: await storeTarget(db, userId, { kind: body.kind, host, url }) };
  });

  mount.route(deleteNoticeTarget, async (_input, { caller }) => {
    if (!(await forgetTarget(db, listenerId(caller))))
      throw problems.notFound('You are not told anywhere else.');
  });

  mount.job(testNotice, async (_input, { caller }, options) => {
    const userId = listenerId(caller);
    if (!(await loadNoticeTarget(db, userId))) throw problems.notFound('There is no address to send to yet.');
    return producer.add('sync', 'test-notice', { userId }, options);
  });
}
