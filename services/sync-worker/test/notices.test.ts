import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { loadNoticeTarget, noticeAddressContext, saveNoticeTarget } from '@spindle/db';
import { createSyncContext } from '../src/context.ts';
import { consentWarnings } from '../src/notices/consent-warnings.ts';
import { NoticeServer } from './support/notice-server.ts';
import { Rig } from './support/rig.ts';

const DAY_MS = 86_400_000;

let rig: Rig;
let server: NoticeServer;
let url: string;
let annId: number;

beforeAll(async () => {
  rig = await Rig.start({ people: ['ann', 'bob'], relayAllowPrivate: true });
  annId = await rig.signIn('ann');
  await rig.signIn('bob');
  server = await NoticeServer.start();
  url = `${server.url}/secret-topic`;
});
afterAll(async () => {
  server.close();
  await rig.close();
});
beforeEach(async () => {
  server.reset();
  await rig.db.prisma.consentWarning.deleteMany();
  await tell('webhook');
});

async function tell(kind: 'ntfy' | 'webhook'): Promise<void> {
  const sealed = rig.context.box.seal(url, noticeAddressContext(annId));
  await saveNoticeTarget(rig.db, annId, { kind, host: new URL(url).host, url: sealed });
}

/** Ann's consent ends in so many days. */
async function daysLeft(days: number, ended = false): Promise<void> {
  const end = new Date(rig.clock.nowMs() + days * DAY_MS);
  const authorizedAt = new Date(end);
  authorizedAt.setUTCMonth(authorizedAt.getUTCMonth() - 6);
  await rig.db.prisma.spotifyCredential.update({
    where: { userId: annId },
    data: { authorizedAt, reauthNeededAt: ended ? rig.clock.now() : null },
  });
}

/** One look for what is due, as the job does it. */
async function look(context = rig.context): Promise<{ sent: number; failed: number }> {
  const job = { signal: new AbortController().signal } as Parameters<typeof consentWarnings>[2];
  return consentWarnings(context, {}, job);
}

describe('warnings before a consent ends', () => {
  it('go out once each at 30, 7 and 1 days and at the end, to those who asked for them', async () => {
    for (const [days, told] of [
      [60, null],
      [29, 30],
      [28, null],
      [6, 7],
      [5, null],
      [0.5, 1],
      [0.2, null],
    ] as const) {
      server.received = [];
      const authorized = await rig.db.prisma.spotifyCredential.findUniqueOrThrow({
        where: { userId: annId },
      });
      await daysLeft(days);
      // The same consent, some days later: what was sent about it stays known.
      await rig.db.prisma.consentWarning.updateMany({
        where: { userId: annId, authorizedAt: authorized.authorizedAt },
        data: {
          authorizedAt: (
            await rig.db.prisma.spotifyCredential.findUniqueOrThrow({ where: { userId: annId } })
          ).authorizedAt,
        },
      });
      expect({ days, ...(await look()) }).toEqual({ days, sent: told === null ? 0 : 1, failed: 0 });
      expect(server.received.map(({ body }) => JSON.parse(body).daysLeft)).toEqual(
        told === null ? [] : [told],
      );
    }
    await rig.db.prisma.spotifyCredential.update({
      where: { userId: annId },
      data: { reauthNeededAt: rig.clock.now() },
    });
    expect(await look()).toEqual({ sent: 1, failed: 0 });
    expect(JSON.parse(server.received.at(-1)?.body ?? '')).toMatchObject({
      event: 'consent-ended',
      link: 'http://spindle.test/settings',
      text: expect.stringContaining('connect again'),
    });
    expect(await look()).toEqual({ sent: 0, failed: 0 });
  });

  it('that fail are told to the listener and tried again; a new consent begins afresh', async () => {
    await daysLeft(5);
    server.status = 500;
    expect(await look()).toEqual({ sent: 0, failed: 1 });
    expect((await loadNoticeTarget(rig.db, annId))?.lastError?.message).toBe(
      'The server there answered 500.',
    );
    server.status = 204;
    expect(await look()).toEqual({ sent: 1, failed: 0 });
    expect((await loadNoticeTarget(rig.db, annId))?.lastError).toBeNull();
    await daysLeft(4);
    expect(await look()).toEqual({ sent: 1, failed: 0 });
  });

  it('go to ntfy as it wants them', async () => {
    await tell('ntfy');
    await daysLeft(20);
    await look();
    const [notice] = server.received;
    expect(notice?.body).toMatch(/Connect again/);
    expect(notice?.headers['click']).toBe('http://spindle.test/settings');
    const title = /^=\?UTF-8\?B\?(.*)\?=$/.exec(String(notice?.headers['title']))?.[1] ?? '';
    expect(Buffer.from(title, 'base64').toString('utf8')).toBe('Spotify ends the connection within 30 days');
  });

  it('never go into private networks unless the operator allows it, and the address is never told', async () => {
    await daysLeft(20);
    const strict = createSyncContext({ ...rig.parts, relayAllowPrivate: false });
    expect(await look(strict)).toEqual({ sent: 0, failed: 1 });
    expect(server.received).toEqual([]);
    const told = await loadNoticeTarget(rig.db, annId);
    expect(told?.lastError?.message).toMatch(/private network/);
    expect(JSON.stringify(told)).not.toContain('secret-topic');
  });

  it('can be tried', async () => {
    expect(await rig.run('test-notice', { userId: annId })).toMatchObject({ state: 'succeeded' });
    expect(JSON.parse(server.received[0]?.body ?? '')).toMatchObject({ event: 'test' });
    server.status = 404;
    expect(await rig.run('test-notice', { userId: annId })).toMatchObject({
      state: 'failed',
      failure: { code: 'notice_failed', message: 'The server there answered 404.' },
    });
  });
});
