import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { saveSettings, signInUser } from '@spindle/db';
import { DEFAULT_APP } from '@spindle/spotify-sandbox';
import type { Browser } from './support/browser.ts';
import { startGateway, type TestGateway } from './support/test-gateway.ts';

let gateway: TestGateway;
let ann: Browser;

beforeAll(async () => {
  gateway = await startGateway({
    SPOTIFY_CLIENT_ID: '',
    SPOTIFY_CLIENT_SECRET: '',
    SPOTIFY_APPS: JSON.stringify([
      { id: 'first', ...appOf() },
      { id: 'second', clientId: 'another-client' },
    ]),
  });
  ann = await gateway.signedIn('ann');
});
afterAll(() => gateway.stop());

function appOf() {
  return {
    clientId: DEFAULT_APP.clientId,
    ...(DEFAULT_APP.clientSecret && { clientSecret: DEFAULT_APP.clientSecret }),
  };
}

/** Bob is somebody whom the instance does not know. */
beforeEach(async () => {
  await gateway.db.prisma.user.deleteMany({ where: { handle: { not: 'ann-example' } } });
  await saveSettings(gateway.db, { registration: 'invitation' }, new Date());
});

interface Made {
  readonly id: string;
  readonly url: string;
  readonly token: string;
}

async function invite(body: object = {}): Promise<Made> {
  const { status, json } = await ann.ask('/api/admin/invitations', { body });
  expect(status).toBe(201);
  const url = new URL(json.url);
  expect(`${url.origin}${url.pathname}${url.search}`).toBe(`${gateway.url}/invite`);
  return { id: json.id, url: json.url, token: url.hash.slice(1) };
}

const open = (browser: Browser, token: string) => browser.ask('/api/invitations/open', { body: { token } });
const listed = async (id: string) =>
  (await ann.ask('/api/admin/invitations')).json.items.find((one: { id: string }) => one.id === id);

/** Goes all the way to the callback, and answers what that says. */
async function register(browser: Browser, person = 'bob') {
  return browser.ask(await browser.consent(await browser.leave('?app=first'), person));
}

/** Somebody new with their consent to an app, without the way through the browser. */
async function takeSeat(name: string, appId: string): Promise<void> {
  const outcome = await gateway.db.transaction(async (tx) => {
    await tx.query(`UPDATE settings SET value = '"open"' WHERE key = 'registration'`);
    const done = await signInUser(
      tx,
      { accountId: null, spotifyId: name, displayName: name, imageUrl: null },
      new Date(),
    );
    await tx.query(`UPDATE settings SET value = '"invitation"' WHERE key = 'registration'`);
    return done;
  });
  if (!outcome.ok) throw new Error(outcome.reason);
  await gateway.db.prisma.spotifyCredential.create({
    data: { userId: outcome.userId, appId, scope: '', authorizedAt: new Date() },
  });
}

describe('registration by invitation', () => {
  it('turns strangers away, lets in who opened a link, and those whom it knows always', async () => {
    expect((await gateway.browser().ask('/api/instance')).json.registration).toBe('invitation');
    expect((await register(gateway.browser())).json).toMatchObject({
      type: '/problems/invitation-needed',
      status: 403,
    });

    const { id, token } = await invite({ note: 'For Bob, from the choir' });
    const browser = gateway.browser();
    expect((await open(browser, token)).json).toMatchObject({
      instance: 'Spindle',
      invitedBy: 'Ann Example',
      note: 'For Bob, from the choir',
      app: 'first',
    });
    const bob = await register(browser);
    expect(bob).toMatchObject({ status: 200, json: { displayName: 'Bob Example', isAdmin: false } });
    expect(await listed(id)).toMatchObject({
      state: 'used-up',
      uses: 1,
      invited: [{ id: bob.json.id, displayName: 'Bob Example' }],
    });
    // Known by now, he needs none.
    expect((await register(gateway.browser())).status).toBe(200);
  });

  it('a link is good as often as it says, for newcomers who come at once, too', async () => {
    const { id, token } = await invite({ maxUses: 2 });
    const invitationId = Number(id);
    const names = ['c1', 'c2', 'c3', 'c4', 'c5'];
    const outcomes = await Promise.all(
      names.map((name) =>
        gateway.db.transaction((tx) =>
          signInUser(
            tx,
            { accountId: null, spotifyId: name, displayName: name, imageUrl: null },
            new Date(),
            invitationId,
          ),
        ),
      ),
    );
    expect(outcomes.filter((one) => one.ok)).toHaveLength(2);
    expect(outcomes.filter((one) => !one.ok && one.reason === 'invitation-over')).toHaveLength(3);
    expect(await listed(id)).toMatchObject({ uses: 2, maxUses: 2, state: 'used-up' });
    expect((await open(gateway.browser(), token)).json).toMatchObject({
      type: '/problems/invitation-over',
      status: 403,
    });
  });

  it('a link that was opened, then taken back or run out, lets nobody in', async () => {
    const revoked = await invite();
    const one = gateway.browser();
    await open(one, revoked.token);
    const page = await one.leave('?app=first');
    expect((await ann.ask(`/api/admin/invitations/${revoked.id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await one.ask(await one.consent(page, 'bob'))).json).toMatchObject({
      type: '/problems/invitation-over',
    });
    expect((await ann.ask(`/api/admin/invitations/${revoked.id}`, { method: 'DELETE' })).status).toBe(404);
    expect(await listed(revoked.id)).toMatchObject({ state: 'revoked', uses: 0 });

    const expired = await invite();
    const other = gateway.browser();
    await open(other, expired.token);
    await gateway.db.prisma.invitation.update({
      where: { id: Number(expired.id) },
      data: { expiresAt: new Date(0) },
    });
    expect((await register(other)).json).toMatchObject({ type: '/problems/invitation-over' });
    expect(await gateway.db.prisma.user.count()).toBe(1);
  });

  it('a link of one browser lets nobody in at another, and a guessed one nobody at all', async () => {
    const { token } = await invite();
    await open(gateway.browser(), token);
    expect((await register(gateway.browser())).json).toMatchObject({ type: '/problems/invitation-needed' });
    const guessed = await open(gateway.browser(), `inv_${'A'.repeat(43)}`);
    expect(guessed.json).toMatchObject({ type: '/problems/no-such-invitation', status: 404 });
    const cross = { body: { token }, headers: { 'sec-fetch-site': 'cross-site' } };
    expect((await gateway.browser().ask('/api/invitations/open', cross)).status).toBe(403);
  });

  it('a closed registration is closed for the invited, too', async () => {
    const { token } = await invite();
    const browser = gateway.browser();
    await open(browser, token);
    await saveSettings(gateway.db, { registration: 'closed' }, new Date());
    expect((await register(browser)).json).toMatchObject({ type: '/problems/registration-closed' });
  });

  it('keeps the token nowhere: neither in the database, nor in the log, nor in the record', async () => {
    const { token } = await invite();
    const browser = gateway.browser();
    await open(browser, token);
    await register(browser);
    const secret = token.slice('inv_'.length);
    const { rows } = await gateway.db.pool.query<{ text: string }>(
      'SELECT (SELECT json_agg(i)::text FROM invitations i) || (SELECT json_agg(a)::text FROM admin_actions a) AS text',
    );
    expect(rows[0]?.text).toContain('invitation-made');
    for (const where of [rows[0]?.text, gateway.logs(), (await ann.ask('/api/admin/invitations')).text]) {
      expect(where).not.toContain(secret);
    }
  });

  it('is refused for an app that is not there, for nobody, and for ever', async () => {
    for (const body of [{ app: 'third' }, { maxUses: 0 }, { days: 400 }, { note: '' }, { colour: 'red' }]) {
      expect((await ann.ask('/api/admin/invitations', { body })).status).toBe(400);
    }
  });
});

describe('seats of apps in development mode', () => {
  it('an invitation leads to the app with a free seat, and to none when all are taken', async () => {
    for (const n of [1, 2, 3, 4]) await takeSeat(`one-${n}`, 'first');
    const { apps } = (await ann.ask('/api/admin/apps')).json;
    expect(apps).toEqual([
      { id: 'first', account: 'default', users: 5, seats: 5 },
      { id: 'second', account: 'default', users: 0, seats: 5 },
    ]);
    const appShown = async (body: object) =>
      (await open(gateway.browser(), (await invite(body)).token)).json.app;
    expect(await appShown({})).toBe('second');
    expect(await appShown({ app: 'first' })).toBeNull();
    for (const n of [1, 2, 3, 4, 5]) await takeSeat(`two-${n}`, 'second');
    expect(await appShown({})).toBeNull();
  });

  it('somebody who renews the consent goes to the app that has it', async () => {
    await gateway.db.prisma.spotifyCredential.updateMany({ data: { appId: 'second' } });
    try {
      expect((await ann.leave()).searchParams.get('client_id')).toBe('another-client');
      expect((await gateway.browser().leave()).searchParams.get('client_id')).toBe(DEFAULT_APP.clientId);
    } finally {
      await gateway.db.prisma.spotifyCredential.updateMany({ data: { appId: 'first' } });
    }
  });
});
