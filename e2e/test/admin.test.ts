import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { waitFor } from '@spindle/testkit';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { isAccessible, isReady, launchChromium, SHOTS, story, WEB_DIST, watchErrors } from '../chromium.ts';
import { type System, startSystem } from '../system.ts';

const PASSWORD = 'the operator of the house';
/** Of that password. */
const PASSWORD_HASH = '$2b$04$m5aap3dwGjk7daXiyPtFfe146v..LVPlL8VxSDqiFVAAjdJOK1Iaa';
const PAGES = {
  Overview: ['/admin', 'Admin'],
  Listeners: ['/admin/listeners', 'Listeners'],
  Invitations: ['/admin/invitations', 'Invitations'],
  Queues: ['/admin/jobs', 'Queues'],
  Quota: ['/admin/quota', 'Quota'],
  Failures: ['/admin/failures', 'Failures'],
  Settings: ['/admin/settings', 'Settings'],
  Record: ['/admin/record', 'Record'],
} as const;

let system: System;
let browser: Browser;
let annContext: BrowserContext;
let bobContext: BrowserContext;
let ann: Page;
let bob: Page;
let link = '';
/** Errors of our pages; refusals of the API show in the console too. */
const errors: string[] = [];

async function newPage(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  watchErrors(page, system.url, /status of 4(01|03|22)/, errors);
  return page;
}

/** On the consent page: somebody agrees. */
async function consentAs(page: Page, name: string): Promise<void> {
  await page.getByRole('radio', { name }).check();
  await page.locator('button[value=approve]').click();
}

async function goTo(page: Page, place: keyof typeof PAGES): Promise<void> {
  await page.getByRole('navigation', { name: 'Admin pages' }).getByRole('link', { name: place }).click();
  await page.getByRole('heading', { level: 1, name: PAGES[place][1] }).waitFor();
}

/** Waits until what a page shows has come. */
async function filled(page: Page, place: string): Promise<void> {
  const skeletons = page.locator('.mantine-Skeleton-root');
  await waitFor(async () => (await skeletons.count()) === 0, { what: `${place} to be filled` });
}

beforeAll(async () => {
  if (!isReady) return;
  const quiet = { listening: 'quiet' as const };
  system = await startSystem({
    webDist: WEB_DIST,
    services: ['gateway', 'sync-worker'],
    environment: { ADMIN_PASSWORD_HASH: PASSWORD_HASH },
    sandbox: {
      people: [
        { id: 'ann', displayName: 'Ann Example', ...quiet },
        { id: 'bob', displayName: 'Bob Example', ...quiet },
      ],
    },
  });
  browser = await launchChromium();
  annContext = await browser.newContext({ viewport: { width: 1180, height: 860 } });
  bobContext = await browser.newContext({ viewport: { width: 390, height: 780 } });
  [ann, bob] = await Promise.all([newPage(annContext), newPage(bobContext)]);
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await system?.stop();
}, 40_000);

story('an admin', () => {
  it('lets people in by invitation only, and makes a link', async () => {
    await ann.goto(system.url);
    await ann.getByRole('link', { name: /Continue with Spotify/ }).click();
    await consentAs(ann, 'Ann Example');
    await ann.getByRole('navigation').getByText('More').first().click();
    await ann.getByRole('menuitem', { name: 'Admin' }).click();
    await goTo(ann, 'Settings');
    const choice = ann.getByRole('radio', { name: 'By invitation' });
    await choice.click();
    await waitFor(async () => (await choice.isChecked()) && (await choice.isEnabled()), {
      what: 'it to be stored',
    });
    await goTo(ann, 'Invitations');
    await ann.getByLabel('Note').fill('For Bob, from the choir');
    await ann.getByRole('button', { name: 'Make a link' }).click();
    link = (await ann.getByTestId('invitation-link').textContent()) ?? '';
    expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/invite#inv_[\w-]{43}$/);
  }, 60_000);

  it('has somebody come by it, who is told by whom, and whose address bar keeps no token', async () => {
    await bob.goto(system.url);
    await bob.getByText('takes new people by invitation').waitFor();
    await bob.goto(link);
    await bob.getByRole('heading', { name: 'You are invited to Spindle' }).waitFor();
    await bob.getByText('From Ann Example').waitFor();
    await bob.getByText('For Bob, from the choir').waitFor();
    await waitFor(() => bob.url() === `${system.url}/invite`, { what: 'the token to leave the address' });
    await bob.screenshot({ path: `${SHOTS}invite.png` });
    await isAccessible(bob, 'the invitation');
    await bob.getByRole('link', { name: 'Continue with Spotify' }).click();
    await consentAs(bob, 'Bob Example');
    await bob.getByRole('heading', { name: 'Hello, Bob Example' }).waitFor();
  }, 60_000);

  it('shuts the account: their page says so by itself, and is theirs again when it is opened', async () => {
    await goTo(ann, 'Listeners');
    const row = ann.getByTestId('listener').filter({ hasText: '@bob-example' });
    await row.getByRole('button', { name: 'What to do with Bob Example' }).click();
    await ann.getByRole('menuitem', { name: 'Disable' }).click();
    await ann.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
    await row.getByText('disabled').waitFor();
    await bob.getByText('Your account is disabled').waitFor({ timeout: 15_000 });
    await bob.screenshot({ path: `${SHOTS}disabled.png` });
    await isAccessible(bob, 'a disabled account');
    await bob.getByRole('link', { name: 'Sign in again' }).click();
    await consentAs(bob, 'Bob Example');
    await bob.getByText('has disabled your account').waitFor();

    await row.getByRole('button', { name: 'What to do with Bob Example' }).click();
    await ann.getByRole('menuitem', { name: 'Enable' }).click();
    await row.getByText('disabled').waitFor({ state: 'detached' });
    await bob.getByRole('link', { name: 'Sign in again' }).click();
    await consentAs(bob, 'Bob Example');
    await bob.getByRole('heading', { name: 'Hello, Bob Example' }).waitFor();
  }, 60_000);

  it('sees a job that failed, with its reason and what to do, and runs it again', async () => {
    system.sandbox.control.disallow('e2e-client', 'bob');
    const refused = await bob.evaluate(
      async () => (await fetch('/api/user/save', { method: 'PUT', headers: { prefer: 'wait=20' } })).status,
    );
    expect(refused).toBe(422);
    await goTo(ann, 'Failures');
    const failure = ann.getByTestId('failure').filter({ hasText: 'sync/profile' });
    await failure.getByText(/Add their name and Spotify e-mail/).waitFor();
    await isAccessible(ann, 'failures');
    await failure.getByRole('link', { name: 'To the queue' }).click();
    const job = ann
      .getByTestId('failed-job')
      .filter({ hasText: '@bob-example' })
      .filter({ hasText: 'profile' });
    await job.getByText('not_allow_listed').waitFor();
    await ann.screenshot({ path: `${SHOTS}admin-failed-job.png`, fullPage: true });
    system.sandbox.control.allow('e2e-client', 'bob');
    await job.getByRole('button', { name: 'Run again: profile' }).click();
    await job.waitFor({ state: 'detached' });
    await goTo(ann, 'Record');
    const record = ann.getByTestId('action');
    for (const words of [
      'ran failed jobs again',
      'enabled',
      'disabled',
      'made an invitation',
      'changed settings',
    ])
      await record.filter({ hasText: words }).first().waitFor();
  }, 60_000);

  it('finds every page fit to be used, by axe, in the light', async () => {
    for (const place of Object.keys(PAGES) as (keyof typeof PAGES)[]) {
      await goTo(ann, place);
      await filled(ann, place);
      await ann.screenshot({ path: `${SHOTS}admin-${place.toLowerCase()}.png`, fullPage: true });
      await isAccessible(ann, place);
    }
  }, 60_000);
});

story('an operator without Spotify', () => {
  it('signs in with the password on a phone in the dark, and uses every page', async () => {
    const context = await browser.newContext({ viewport: { width: 360, height: 740 }, colorScheme: 'dark' });
    const phone = await newPage(context);
    await phone.goto(`${system.url}/admin/listeners`);
    await phone.getByRole('heading', { name: 'For admins' }).waitFor();
    await isAccessible(phone, 'the door');
    await phone.screenshot({ path: `${SHOTS}phone-admin-door.png` });
    await phone.getByLabel('Admin password').fill('a wrong one');
    await phone.getByRole('button', { name: 'Sign in as the operator' }).click();
    await phone.getByText('The password is wrong.').waitFor();
    await phone.getByLabel('Admin password').fill(PASSWORD);
    await phone.getByRole('button', { name: 'Sign in as the operator' }).click();
    await phone.getByTestId('listener').first().waitFor();
    for (const [place, [path, heading]] of Object.entries(PAGES)) {
      await phone.getByRole('button', { name: 'Open the places' }).click();
      await goTo(phone, place as keyof typeof PAGES);
      await filled(phone, place);
      expect(new URL(phone.url()).pathname).toBe(path);
      expect({ heading, width: await phone.evaluate('document.documentElement.scrollWidth') }).toEqual({
        heading,
        width: 360,
      });
      await isAccessible(phone, `${place} on a phone in the dark`);
      await phone.screenshot({ path: `${SHOTS}phone-admin-${place.toLowerCase()}.png`, fullPage: true });
    }
    await context.close();
  }, 60_000);

  it('never met an error of a page on the way', () => {
    expect(errors).toEqual([]);
  });
});
