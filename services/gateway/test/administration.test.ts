import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { claimDue, signInUser, startShare } from '@spindle/db';
import { waitFor } from '@spindle/testkit';
import type { Browser } from './support/browser.ts';
import { openPage, openRoom } from './support/party.ts';
import { ADMIN_PASSWORD, startGateway, type TestGateway } from './support/test-gateway.ts';
import { startTestWorker } from './support/test-worker.ts';

let gateway: TestGateway;
let ann: Browser;
let annId: string;

beforeAll(async () => {
  gateway = await startGateway();
  ann = await gateway.signedIn('ann');
  annId = (await ann.ask('/api/user')).json.id;
});
afterAll(() => gateway.stop());

const idOf = async (browser: Browser): Promise<string> => (await browser.ask('/api/user')).json.id;
const change = (id: string, body: object, by = ann) =>
  by.ask(`/api/admin/users/${id}`, { method: 'PATCH', body });
const actions = async () => (await ann.ask('/api/admin/actions?limit=100')).json.items;

/** A listener of whom the sandbox knows nothing. */
async function newcomer(name: string, at = new Date()): Promise<number> {
  const outcome = await gateway.db.transaction((tx) =>
    signInUser(tx, { accountId: null, spotifyId: name, displayName: name, imageUrl: null }, at),
  );
  if (!outcome.ok) throw new Error(outcome.reason);
  return outcome.userId;
}

const bobSignedIn = () => gateway.signedIn('bob');

describe('the list of listeners', () => {
  it('tells how everybody stands, in any order, page by page, and nobody’s music', async () => {
    const names = ['Zoe', 'adam', 'Mia', 'Żaneta', "O'Neil %_"];
    for (const [index, name] of names.entries()) await newcomer(name, new Date(Date.UTC(2026, 0, 1 + index)));
    for (const sort of ['created', 'name', 'plays', 'lastPlay', 'consent']) {
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const query: string = `?limit=2&sort=${sort}${cursor ? `&cursor=${cursor}` : ''}`;
        const { status, json } = await ann.ask(`/api/admin/users${query}`);
        expect(status).toBe(200);
        seen.push(...json.items.map((one: { id: string }) => one.id));
        cursor = json.nextCursor;
      } while (cursor);
      const everybody = await gateway.db.prisma.user.count();
      expect({ sort, seen: new Set(seen).size, of: seen.length }).toEqual({
        sort,
        seen: everybody,
        of: everybody,
      });
    }
    const byName = (await ann.ask('/api/admin/users?sort=name')).json.items;
    expect(byName.map((one: { displayName: string }) => one.displayName).slice(0, 2)).toEqual([
      'adam',
      'Ann Example',
    ]);
    const found = (await ann.ask(`/api/admin/users?q=${encodeURIComponent('%_')}`)).json.items;
    expect(found.map((one: { displayName: string }) => one.displayName)).toEqual(["O'Neil %_"]);
    const [me] = (await ann.ask('/api/admin/users?filter=admins')).json.items;
    expect(me).toMatchObject({
      handle: 'ann-example',
      isAdmin: true,
      app: 'default',
      consent: 'good',
      sharing: false,
    });
    expect(me.daysLeft).toBeGreaterThan(170);
    expect(Object.keys(me).join()).not.toMatch(/track|artist|album|playing/i);
  });

  it('tells the last play that was captured, and how late a reading is', async () => {
    const now = new Date();
    await gateway.db.pool.query(
      `UPDATE capture_states SET next_history_at = $2, history_newest_at = $3 WHERE user_id = $1`,
      [annId, new Date(now.getTime() - 3_600_000), new Date(now.getTime() - 7_200_000)],
    );
    const [late] = (await ann.ask('/api/admin/users?filter=late')).json.items;
    expect(late.id).toBe(annId);
    expect(late.capture.lateMs).toBeGreaterThanOrEqual(3_600_000);
    expect(Date.parse(late.capture.lastPlayAt)).toBe(now.getTime() - 7_200_000);
  });

  it('takes no cursor of another order', async () => {
    const { nextCursor } = (await ann.ask('/api/admin/users?limit=1&sort=name')).json;
    for (const [sort, cursor] of [
      ['created', nextCursor],
      ['plays', 'bm9uZQ'],
      ['consent', nextCursor],
    ]) {
      expect((await ann.ask(`/api/admin/users?sort=${sort}&cursor=${cursor}`)).status).toBe(400);
    }
  });

  it('is for admins alone', async () => {
    const bob = await bobSignedIn();
    const token = await ann.ask('/api/tokens', { body: { name: 'mine', scopes: ['read', 'write'] } });
    const headers = { authorization: `Bearer ${token.json.token}` };
    for (const path of ['users', 'actions', 'apps', 'queues', 'failures', 'invitations', 'settings']) {
      expect((await gateway.browser().ask(`/api/admin/${path}`)).status).toBe(401);
      expect((await bob.ask(`/api/admin/${path}`)).status).toBe(403);
      expect((await gateway.browser().ask(`/api/admin/${path}`, { headers })).status).toBe(403);
      expect((await ann.ask(`/api/admin/${path}`)).status).toBe(200);
    }
  });
});

describe('admins', () => {
  it('are made and unmade, but never the last one', async () => {
    const bob = await bobSignedIn();
    const bobId = await idOf(bob);
    expect((await change(annId, { isAdmin: false })).json).toMatchObject({
      type: '/problems/last-admin',
      status: 409,
    });
    expect((await change(annId, { disabled: true })).json).toMatchObject({ type: '/problems/last-admin' });
    expect((await ann.ask('/api/user', { method: 'DELETE' })).json).toMatchObject({
      type: '/problems/last-admin',
    });
    expect(
      (await ann.ask(`/api/admin/users/${annId}?confirm=ann-example`, { method: 'DELETE' })).status,
    ).toBe(409);
    expect((await ann.ask('/api/user')).json.isAdmin).toBe(true);

    expect((await change(bobId, { isAdmin: true })).json.isAdmin).toBe(true);
    expect((await bob.ask('/api/admin/users')).status).toBe(200);
    expect((await change(bobId, { isAdmin: false })).json.isAdmin).toBe(false);
    expect((await bob.ask('/api/admin/users')).status).toBe(403);
    expect(await actions()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          action: 'admin-made',
          actor: expect.objectContaining({ id: annId }),
          user: expect.objectContaining({ id: bobId }),
        }),
        expect.objectContaining({ action: 'admin-unmade' }),
      ]),
    );
  });

  it('two of them cannot unmake each other at the same moment', async () => {
    const bob = await bobSignedIn();
    const bobId = await idOf(bob);
    for (let round = 0; round < 5; round += 1) {
      await change(bobId, { isAdmin: true });
      const both = await Promise.all([
        change(annId, { isAdmin: false }, bob),
        change(bobId, { isAdmin: false }),
      ]);
      expect(both.filter((one) => one.status === 200)).toHaveLength(1);
      const rows = await gateway.db.prisma.user.findMany({ where: { isAdmin: true } });
      expect(rows).toHaveLength(1);
      if (String(rows[0]?.id) === bobId) await change(annId, { isAdmin: true }, bob);
      await change(bobId, { isAdmin: false });
    }
  });

  it('do nothing to somebody who is not there, and nothing unknown', async () => {
    expect((await change('99999', { disabled: true })).status).toBe(404);
    expect((await change(annId, { handle: 'x' })).status).toBe(400);
    expect((await ann.ask('/api/admin/users/99999/sign-out', { method: 'POST' })).status).toBe(404);
  });
});

describe('an account that is shut', () => {
  it('is signed out everywhere at once, told why, and stays whole', async () => {
    const bob = await bobSignedIn();
    const bobId = await idOf(bob);
    const id = Number(bobId);
    const token = (await bob.ask('/api/tokens', { body: { name: 'one', scopes: ['read'] } })).json.token;
    const room = await openRoom(bob);
    const link = (await bob.ask('/api/widgets', { body: { name: 'site' } })).json;
    await startShare(gateway.db, id, null, new Date());
    await bob.ask('/api/user', { method: 'PATCH', body: { publicProfile: true } });
    expect((await gateway.browser().ask('/api/users/bob-example')).status).toBe(200);
    // Cards are kept for seconds; another width is another card.
    const card = (width: number) =>
      gateway.browser().ask(`/api/widgets/${link.key}/summary.svg?width=${width}`);
    expect((await card(400)).text).toContain('Bob Example');
    const page = await openPage(gateway.url, { cookie: bob.cookie, reconnection: false });

    const shut = await change(bobId, { disabled: true });
    expect(shut).toMatchObject({ status: 200, json: { id: bobId, sharing: false } });
    expect(shut.json.disabledAt).not.toBeNull();

    await waitFor(() => !page.socket.connected, { what: 'the socket to be cut' });
    expect((await bob.ask('/api/user')).json).toMatchObject({
      type: '/problems/account-disabled',
      status: 401,
    });
    expect((await bob.ask('/api/plays')).status).toBe(401);
    expect((await bob.ask('/api/instance')).status).toBe(200);
    const byToken = await gateway
      .browser()
      .ask('/api/user', { headers: { authorization: `Bearer ${token}` } });
    expect(byToken.status).toBe(401);
    expect((await gateway.browser().ask('/api/users/bob-example')).status).toBe(404);
    expect((await gateway.browser().ask('/api/users/bob-example/now-playing')).status).toBe(404);
    expect((await card(401)).text).not.toContain('Bob Example');
    expect(
      (await gateway.db.prisma.room.findFirstOrThrow({ where: { code: room.code } })).endedAt,
    ).not.toBeNull();
    await expect(openPage(gateway.url, { cookie: bob.cookie, reconnection: false })).resolves.toBeDefined();

    // What the schedule and the workers would do for him.
    const due = await claimDue(gateway.db, 'history', new Date(Date.now() + 86_400_000), {
      limit: 100,
      leaseMs: 1,
    });
    expect(due).not.toContain(id);
    await expect(gateway.context.spotify.as(id, { lane: 'history' }).me()).rejects.toMatchObject({
      code: 'account_disabled',
    });

    const back = await gateway
      .browser()
      .signIn('bob')
      .catch((error: Error) => error);
    expect(String(back)).toContain('disabled your account');

    const kept = await gateway.db.prisma.user.findUniqueOrThrow({ where: { id } });
    expect(kept.handle).toBe('bob-example');
    expect(await gateway.db.prisma.spotifyCredential.count({ where: { userId: id } })).toBe(1);

    expect((await change(bobId, { disabled: false })).json.disabledAt).toBeNull();
    expect((await bob.ask('/api/user')).json).toMatchObject({ type: '/problems/unauthenticated' });
    const again = await bobSignedIn();
    expect(await idOf(again)).toBe(bobId);
    expect(
      await claimDue(gateway.db, 'history', new Date(Date.now() + 86_400_000), { limit: 100, leaseMs: 1 }),
    ).toContain(id);
    expect((await actions()).slice(0, 2).map((one: { action: string }) => one.action)).toEqual([
      'user-enabled',
      'user-disabled',
    ]);
  });

  it('sign out everywhere ends sessions, and no more', async () => {
    const bob = await bobSignedIn();
    const bobId = await idOf(bob);
    expect((await ann.ask(`/api/admin/users/${bobId}/sign-out`, { method: 'POST' })).status).toBe(204);
    expect((await bob.ask('/api/user')).json).toMatchObject({ type: '/problems/unauthenticated' });
    expect((await bobSignedIn()).cookie).not.toBe('');
  });

  it('is erased only by its handle, and the record then names nobody', async () => {
    const id = String(await newcomer('Eve'));
    await change(id, { disabled: true });
    const wrong = await ann.ask(`/api/admin/users/${id}?confirm=ann-example`, { method: 'DELETE' });
    expect(wrong.json).toMatchObject({ status: 400, errors: [{ path: 'query.confirm' }] });
    const right = await ann.ask(`/api/admin/users/${id}?confirm=eve`, { method: 'DELETE' });
    expect(right).toMatchObject({ status: 202, json: { job: { name: 'erase-user' } } });
    expect((await change(id, { disabled: false })).status).toBe(404);
    await gateway.db.prisma.user.delete({ where: { id: Number(id) } });
    const [entry] = await actions();
    expect(entry).toMatchObject({ action: 'user-erased', user: null, actor: { id: annId } });
    const rows = await gateway.db.prisma.adminAction.findMany();
    expect(JSON.stringify(rows)).not.toMatch(/eve\b/i);
  });
});

describe('settings', () => {
  it('name the instance and its owner, are written down, and refuse nonsense', async () => {
    const bobId = await idOf(await bobSignedIn());
    const patch = (body: object) => ann.ask('/api/admin/settings', { method: 'PATCH', body });
    expect((await patch({ name: 'The Attic', ownerId: bobId })).json).toMatchObject({
      name: 'The Attic',
      owner: { id: bobId, handle: 'bob-example' },
      ownerBy: 'chosen',
    });
    expect((await gateway.browser().ask('/api/instance')).json).toMatchObject({
      name: 'The Attic',
      registration: 'open',
    });
    expect((await patch({ name: null, ownerId: null })).json).toMatchObject({
      name: null,
      owner: { id: annId },
      ownerBy: 'first-admin',
    });
    expect((await patch({ ownerId: '99999' })).status).toBe(400);
    expect((await patch({ registration: 'sometimes' })).status).toBe(400);
    expect((await actions())[0]).toMatchObject({
      action: 'settings-changed',
      details: { name: null, owner: 'first admin' },
    });
  });
});

describe('queues', () => {
  const failed = async () => (await ann.ask('/api/admin/queues/stats/failed')).json.items;

  it('are paused and go on; failed jobs are seen with their reason, run again, and dropped', async () => {
    const { producer } = gateway.context;
    let heals = false;
    const worker = await startTestWorker(
      gateway.environment,
      'stats',
      {
        recount: async () => {
          if (heals) return { plays: 0, ranMs: 0 } as never;
          throw new TypeError('secret access_token=abcdefghijkl of the bug');
        },
      },
      { concurrency: 1 },
    );
    /** Retries wait longer each time; here they are told to go on at once. */
    const untilFailed = (count: number) =>
      waitFor(
        async () => {
          const stats = (await producer.bullQueues()).find((queue) => queue.name === 'stats');
          for (const job of (await stats?.getDelayed()) ?? []) await job.promote().catch(() => {});
          return (await failed()).length === count;
        },
        { what: `${count} jobs to fail`, timeoutMs: 20_000 },
      );
    const ask = (what: 'retry' | 'drop', body: object = {}) =>
      ann.ask(`/api/admin/queues/stats/failed/${what}`, { body });
    try {
      for (const userId of [Number(annId), 77, 78, 79]) {
        await producer.add('stats', 'recount', { userId }, { requestId: `test-${userId}`, ownerId: userId });
      }
      await untilFailed(4);
      const [one] = (await failed()).filter((job: { user: unknown }) => job.user !== null);
      expect(one).toMatchObject({
        name: 'recount',
        failure: { code: 'TypeError' },
        user: { id: annId },
        requestId: `test-${annId}`,
      });
      expect(one.failure.message).toContain('of the bug');
      expect(one.failure.message).not.toContain('abcdefghijkl');
      expect(one.attempts).toBe(one.maxAttempts);
      const { items } = (await ann.ask('/api/admin/failures')).json;
      expect(items).toContainEqual(
        expect.objectContaining({
          kind: 'job',
          jobId: one.id,
          queue: 'stats',
          advice: expect.stringContaining('run it again'),
        }),
      );

      const [other] = (await failed()).filter((job: { id: string }) => job.id !== one.id);
      expect((await ask('drop', { jobId: other.id })).json).toEqual({ jobs: 1 });
      expect((await ask('drop', { jobId: other.id })).status).toBe(404);
      // All of them begin anew, with as many runs as the first time.
      expect((await ask('retry')).json).toEqual({ jobs: 3 });
      await untilFailed(3);
      expect((await failed()).map((job: { attempts: number }) => job.attempts)).toEqual(
        Array(3).fill(one.maxAttempts),
      );
      heals = true;
      expect(await ask('retry', { jobId: one.id })).toMatchObject({ status: 200, json: { jobs: 1 } });
      await waitFor(async () => (await producer.get(one.id))?.state !== 'failed', {
        what: 'the job to run again',
      });
      expect((await ask('retry', { jobId: one.id })).status).toBe(404);
      expect((await ask('drop')).json).toEqual({ jobs: 2 });
      expect(await failed()).toEqual([]);
    } finally {
      await worker.close();
    }

    const pause = (paused: boolean) =>
      ann.ask('/api/admin/queues/stats', { method: 'PATCH', body: { paused } });
    expect((await pause(true)).json).toMatchObject({ queue: 'stats', paused: true });
    await producer.add('stats', 'sweep-stale', {}, { requestId: 'test' });
    const listed = async () =>
      (await ann.ask('/api/admin/queues')).json.items.find((one: { queue: string }) => one.queue === 'stats');
    expect(await listed()).toMatchObject({ paused: true, queued: 1 });
    expect((await pause(false)).json).toMatchObject({ paused: false, queued: 1 });
    expect((await actions()).slice(0, 6).map((one: { action: string }) => one.action)).toEqual([
      'queue-resumed',
      'queue-paused',
      'jobs-dropped',
      'jobs-retried',
      'jobs-retried',
      'jobs-dropped',
    ]);
  });

  it('that do not exist are not found', async () => {
    expect((await ann.ask('/api/admin/queues/nope/failed')).status).toBe(404);
    expect(
      (await ann.ask('/api/admin/queues/nope', { method: 'PATCH', body: { paused: true } })).status,
    ).toBe(404);
    expect((await ann.ask('/api/admin/queues/constructor/failed/retry', { body: {} })).status).toBe(404);
    expect((await ann.ask('/api/admin/queues/stats/failed/drop', { body: { jobId: 'sync.1' } })).status).toBe(
      404,
    );
  });
});

describe('what failed lately', () => {
  it('comes from everywhere, newest first, with what to do, and without music', async () => {
    const userId = Number(annId);
    const now = Date.now();
    const ago = (minutes: number) => new Date(now - minutes * 60_000);
    const { prisma, pool } = gateway.db;
    await prisma.captureGap.create({ data: { userId, fromAt: ago(60), toAt: ago(50), detectedAt: ago(1) } });
    await prisma.import.create({
      data: { userId, status: 'failed', finishedAt: ago(2), problem: 'The file Secret Song.json is broken' },
    });
    await prisma.shuffledPlaylist.create({
      data: {
        userId,
        sourceId: 'liked',
        sourceName: 'Secret Songs',
        name: 'x',
        mode: 'uniform',
        seed: 's',
        status: 'failed',
        failureCode: 'reauth_needed',
        failureMessage: 'Secret Songs',
        finishedAt: ago(3),
      },
    });
    const run = await prisma.syncRun.create({ data: { startedAt: ago(4) } });
    await prisma.syncRunError.create({ data: { runId: run.id, userId, error: 'it failed' } });
    await pool.query(
      `UPDATE capture_states SET last_error_code = 'upstream', last_error_at = $2 WHERE user_id = $1`,
      [userId, ago(5)],
    );
    await pool.query(
      `UPDATE spotify_credentials SET refusal = 'not_allow_listed', refusal_at = $2 WHERE user_id = $1`,
      [userId, ago(6)],
    );
    const answer = await ann.ask('/api/admin/failures');
    const mine = answer.json.items.filter(
      (one: { user: { id: string } | null; kind: string }) => one.user?.id === annId && one.kind !== 'job',
    );
    expect(mine.map((one: { kind: string; code: string }) => `${one.kind} ${one.code}`)).toEqual([
      'gap gap',
      'import import',
      'playlist reauth_needed',
      'sweep sweep',
      'capture upstream',
      'refusal not_allow_listed',
    ]);
    expect(mine.at(-1).advice).toContain('User Management');
    expect(answer.text).not.toContain('Secret');
  });
});

describe('the operator by the admin password', () => {
  it('administers from the browser without a listener’s account, and hears of no listener', async () => {
    const browser = gateway.browser();
    expect((await browser.ask('/api/session')).json).toMatchObject({
      kind: 'nobody',
      isAdmin: false,
      operatorSignIn: { password: true, provider: null },
    });
    expect((await browser.ask('/auth/operator/login')).status).toBe(404);
    expect((await browser.ask('/auth/operator/callback?code=x&state=y')).status).toBe(404);
    expect((await browser.ask('/auth/operator/password', { body: { password: 'wrong' } })).status).toBe(401);
    const cross = { body: { password: ADMIN_PASSWORD }, headers: { 'sec-fetch-site': 'cross-site' } };
    expect((await browser.ask('/auth/operator/password', cross)).status).toBe(403);
    expect(
      (await browser.ask('/auth/operator/password', { body: { password: ADMIN_PASSWORD } })).status,
    ).toBe(204);
    expect((await browser.ask('/api/session')).json).toMatchObject({
      kind: 'operator',
      name: 'password',
      isAdmin: true,
    });
    expect((await browser.ask('/api/admin/users')).status).toBe(200);
    expect((await browser.ask('/admin/queues/', { headers: { accept: 'text/html' } })).status).toBe(200);
    const button = await browser.ask('/admin/queues/api/queues/no-queue/pause', { method: 'PUT', body: {} });
    expect(button.status).toBeGreaterThanOrEqual(400);
    expect((await actions())[0]).toMatchObject({
      action: 'dashboard-used',
      details: { method: 'PUT', path: '/api/queues/no-queue/pause' },
    });
    expect((await browser.ask('/api/user')).status).toBe(403);
    const forged = {
      method: 'PATCH',
      body: { feedPublic: true },
      headers: { 'sec-fetch-site': 'cross-site' },
    };
    expect((await browser.ask('/api/admin/settings', forged)).json).toMatchObject({
      type: '/problems/cross-site',
    });
    expect(
      (await browser.ask('/api/admin/settings', { method: 'PATCH', body: { feedPublic: true } })).status,
    ).toBe(200);
    expect((await actions())[0]).toMatchObject({
      action: 'settings-changed',
      actor: null,
      operator: 'password',
    });
    expect((await browser.ask('/auth/logout', { method: 'POST' })).status).toBe(204);
    expect((await browser.ask('/api/admin/users')).status).toBe(401);
    expect(gateway.logs()).not.toContain(ADMIN_PASSWORD);
  });
});
