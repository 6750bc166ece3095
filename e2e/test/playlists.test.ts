import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { waitFor } from '@spindle/testkit';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import {
  continueWithSpotify,
  isAccessible,
  isReady,
  launchChromium,
  SHOTS,
  story,
  turn,
  WEB_DIST,
  watchErrors,
} from '../chromium.ts';
import { type System, startSystem } from '../system.ts';

const CRON_SECRET = 'the-secret-of-whoever-sweeps';

let system: System;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let person: string;
/** What the playlist “Road trip” holds that Spotify plays, in its order. */
let playable: string[];
/** Errors of our pages; a visitor's 401 shows in the console too. */
const errors: string[] = [];

const accessible = (where: string) => isAccessible(page, where);

/** Opens a place behind "More". */
async function goTo(place: string): Promise<void> {
  await page.getByRole('navigation').getByText('More').first().click();
  await page.getByRole('menuitem', { name: place }).click();
  await page.getByRole('heading', { level: 1, name: place }).waitFor();
}

/** What Spotify really has in a playlist, by the playlist's address. */
function heldBy(url: string): string[] {
  const id = /playlist\/([0-9A-Za-z]{22})/.exec(url)?.[1] ?? '';
  return (system.sandbox.groundTruth.playlist(id)?.items ?? []).map(({ uri }) => uri ?? 'nothing');
}

const openInSpotify = (dialog: Locator): Locator => dialog.getByRole('link', { name: 'Open in Spotify' });
const isShuffled = (uris: readonly string[]) => {
  expect([...uris].sort()).toEqual([...playable].sort());
  expect(uris).not.toEqual(playable);
};

beforeAll(async () => {
  if (!isReady) return;
  system = await startSystem({ webDist: WEB_DIST, environment: { CRON_SECRET } });
  const { control, catalogue } = system.sandbox;
  const [me, other] = control.people();
  person = me?.id ?? '';
  const tracks = catalogue.tracks.filter((track) => track.playable).slice(0, 231);
  const [gone, ...kept] = tracks;
  playable = kept.map(({ uri }) => uri);
  control.givePlaylist(person, {
    name: 'Road trip',
    uris: ['spotify:local:Me:Demo:My+tape:200', ...playable, null, gone?.uri ?? ''],
  });
  control.setUnplayable(gone?.id ?? '', true);
  control.givePlaylist(person, { name: 'Twice', uris: [...playable.slice(0, 3), ...playable.slice(0, 2)] });
  control.givePlaylist(person, {
    name: 'Not mine',
    uris: playable.slice(0, 5),
    ownerId: other?.id ?? '',
    public: true,
  });
  browser = await launchChromium();
  context = await browser.newContext({ viewport: { width: 1180, height: 860 } });
  page = await context.newPage();
  watchErrors(page, system.url, /status of 401/, errors);
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await system?.stop();
}, 40_000);

story('somebody with playlists', () => {
  /** The link of the shuffled playlist, which stays the same. */
  let link = '';

  it('signs in and finds them, Liked Songs first, and why one cannot be shuffled', async () => {
    await page.goto(system.url);
    await continueWithSpotify(page);
    await page.getByRole('link', { name: 'Playlists' }).click();
    const rows = page.getByTestId('playlist');
    await rows.getByText('Road trip', { exact: true }).waitFor({ timeout: 40_000 });
    expect(await rows.first().textContent()).toContain('Liked Songs');
    const foreign = rows.filter({ hasText: 'Not mine' });
    expect(await foreign.textContent()).toContain('Spotify lets only its owner and collaborators read it.');
    expect(await foreign.getByRole('button', { name: 'Shuffle Not mine' }).isDisabled()).toBe(true);
    await page.screenshot({ path: `${SHOTS}playlists.png`, fullPage: true });
    await accessible('playlists');
    await page.getByLabel('My playlists').getByLabel('Search').fill('road');
    await waitFor(async () => (await rows.count()) === 1, { what: 'only what was searched for' });
  }, 90_000);

  it('shuffles one: told the cost before, live on the way, and all of it is there in the end', async () => {
    const slow = system.sandbox.control.addFault({
      fault: { kind: 'slow', delayMs: 1_500 },
      path: '/v1/playlists/*/items',
      method: 'POST',
    });
    await page.getByRole('button', { name: 'Shuffle Road trip' }).click();
    const dialog = page.getByRole('dialog');
    await dialog
      .getByTestId('estimate')
      .getByText(/Takes up to \d+ calls to Spotify/)
      .waitFor();
    await dialog.getByText('Only some of the tracks').click();
    await dialog.getByLabel('Only by these artists').first().waitFor();
    await accessible('the shuffle dialog');
    await dialog.getByRole('button', { name: 'Shuffle', exact: true }).click();
    await dialog.getByText(/Writing to Spotify: \d+ of 230/).waitFor({ timeout: 20_000 });
    await dialog.getByRole('link', { name: 'Road trip (shuffled)' }).waitFor();
    await page.screenshot({ path: `${SHOTS}shuffling.png` });
    await openInSpotify(dialog).waitFor({ timeout: 40_000 });
    system.sandbox.control.removeFault(slow);
    link = (await openInSpotify(dialog).getAttribute('href')) ?? '';
    isShuffled(heldBy(link));
    await dialog.getByText('holds 230 tracks').waitFor();
    await dialog.getByText(/Left out: .*1 file on your own device/).waitFor();
    await dialog.getByRole('button', { name: 'Which?' }).click();
    await dialog.getByText('My tape').waitFor();
    await page.screenshot({ path: `${SHOTS}shuffled.png` });
    await accessible('a shuffled playlist');
  }, 90_000);

  it('shuffles again, into the same link', async () => {
    const dialog = page.getByRole('dialog');
    const before = heldBy(link);
    const seed = await dialog.getByTestId('seed').textContent();
    await dialog.getByRole('button', { name: 'Shuffle again' }).click();
    await dialog.getByText('at the same link as before').waitFor({ timeout: 40_000 });
    expect(await openInSpotify(dialog).getAttribute('href')).toBe(link);
    isShuffled(heldBy(link));
    expect(heldBy(link)).not.toEqual(before);
    expect(await dialog.getByTestId('seed').textContent()).not.toBe(seed);
  }, 60_000);

  it('lets it recur, runs it now, lets it rest, and ends it', async () => {
    await page.getByRole('button', { name: 'Repeat this' }).click();
    const dialog = page.getByRole('dialog', { name: 'Repeat this' });
    await dialog.getByText(/^Next: /).waitFor();
    await accessible('a schedule');
    await dialog.getByRole('button', { name: 'Repeat it' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await page.getByRole('tab', { name: 'Schedules' }).click();
    const schedule = page.getByRole('article', { name: 'Schedule of Road trip' });
    await schedule.getByText('Every day at 06:00').waitFor();
    await schedule.getByText(/next .* at 06:00/).waitFor();
    await schedule.getByRole('button', { name: 'Run now' }).click();
    await openInSpotify(schedule).waitFor({ timeout: 40_000 });
    expect(await openInSpotify(schedule).getAttribute('href')).toBe(link);
    await turn(page, 'Road trip recurs', false);
    await schedule.getByText('rests').waitFor();
    await page.screenshot({ path: `${SHOTS}schedules.png`, fullPage: true });
    await accessible('schedules');
    await schedule.getByRole('button', { name: 'End it' }).click();
    await schedule.waitFor({ state: 'detached' });
  }, 90_000);

  it('shares Liked Songs, in their order', async () => {
    await page.getByRole('tab', { name: 'Mine' }).click();
    await page.getByRole('button', { name: 'Share Liked Songs' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Make a link' }).click();
    const shared = dialog.getByTestId('shared-link');
    await shared.waitFor({ timeout: 60_000 });
    const { catalogue, groundTruth } = system.sandbox;
    const taken = new Set(catalogue.tracks.filter((track) => track.playable).map(({ id }) => id));
    const liked = groundTruth
      .likedSongs(person)
      .toSorted((a, b) => b.addedAtMs - a.addedAtMs)
      .filter(({ id }) => taken.has(id))
      .map(({ id }) => `spotify:track:${id}`);
    expect(heldBy((await shared.getAttribute('href')) ?? '').length).toBeGreaterThan(100);
    expect(heldBy((await shared.getAttribute('href')) ?? '')).toEqual(liked);
    await dialog.getByRole('button', { name: 'Refresh it now' }).waitFor();
    await page.screenshot({ path: `${SHOTS}shared.png` });
    await accessible('sharing Liked Songs');
    await page.keyboard.press('Escape');
  }, 90_000);

  it('deletes everything that was made here, and puts it back', async () => {
    const library = () => system.sandbox.groundTruth.playlists(person).map(({ name }) => name);
    const madeHere = ['Liked Songs', 'Road trip (shuffled)'];
    expect(library()).toEqual(expect.arrayContaining(madeHere));
    await page.getByRole('tab', { name: 'Shuffles' }).click();
    const made = page.getByLabel('Playlists made here');
    await made.getByText('2 playlists that Spindle made are in your library.').waitFor();
    await page.screenshot({ path: `${SHOTS}shuffles.png`, fullPage: true });
    await accessible('shuffles');
    await made.getByRole('button', { name: 'Delete all' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete 2 playlists' }).click();
    await made.getByText(/2 playlists can be put back until/).waitFor({ timeout: 20_000 });
    expect(library().filter((name) => madeHere.includes(name))).toEqual([]);
    expect(library()).toEqual(expect.arrayContaining(['Road trip', 'Twice']));
    await made.getByRole('button', { name: 'Put back' }).click();
    await made.getByText('2 playlists that Spindle made are in your library.').waitFor({ timeout: 20_000 });
    expect(library()).toEqual(expect.arrayContaining(madeHere));
  }, 60_000);

  it('sees that the shuffle is fair, that others are not, and its own order come again from its seed', async () => {
    await page.getByRole('link', { name: 'Is it really random?' }).click();
    const verdict = (id: string) => page.locator(`[data-testid=trial-${id}][data-verdict]`);
    await verdict('ours').waitFor({ timeout: 30_000 });
    // One run in a million would be below; one in a hundred is "unusual", which is fair as well.
    expect(Number(await verdict('ours').getAttribute('data-p'))).toBeGreaterThan(1e-6);
    expect(await verdict('comparator').getAttribute('data-verdict')).toBe('caught');
    expect(await verdict('swap').getAttribute('data-verdict')).toBe('caught');
    await page.screenshot({ path: `${SHOTS}fair.png`, fullPage: true });
    await accessible('fairness');

    await page.goBack();
    const last = page.getByRole('article', { name: 'Fully random: Road trip' }).first();
    await last.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Check its order' }).click();
    await page.getByRole('button', { name: 'Work it out' }).click();
    const places = await page.getByTestId('seed-order').getByRole('listitem').allTextContents();
    const numbers = places.map((text) => Number(/\d+/.exec(text)?.[0]));
    expect(heldBy(link).slice(0, 10)).toEqual(numbers.map((number) => playable[number - 1]));
  }, 60_000);

  it('has an earlier order again, into the same link', async () => {
    await page.goto(`${system.url}/playlists?tab=shuffles`);
    const cards = page.getByRole('article', { name: 'Fully random: Road trip' });
    const dialog = page.getByRole('dialog', { name: 'Writing the playlist' });
    const order = heldBy(link);
    await cards.first().getByRole('button', { name: 'Shuffle again' }).click();
    await openInSpotify(dialog).waitFor({ timeout: 20_000 });
    expect(await openInSpotify(dialog).getAttribute('href')).toBe(link);
    expect(heldBy(link)).not.toEqual(order);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await waitFor(async () => (await cards.count()) === 4, { what: 'the new one in the list' });
    await cards.nth(1).getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Same order again' }).click();
    await openInSpotify(dialog).waitFor({ timeout: 20_000 });
    expect(heldBy(link)).toEqual(order);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  }, 60_000);

  it('looks at what the library holds, finds what is there twice, and takes it along', async () => {
    await goTo('Library');
    const liked = system.sandbox.groundTruth.likedSongs(person).length;
    await page
      .getByLabel('In figures')
      .getByText(String(liked), { exact: true })
      .first()
      .waitFor({ timeout: 20_000 });
    await page.locator('.recharts-surface').first().waitFor();
    await page.screenshot({ path: `${SHOTS}library.png`, fullPage: true });
    await accessible('library');
    await page.getByRole('button', { name: 'Analyse anew' }).click();
    await page.getByText('Made just now').waitFor({ timeout: 30_000 });

    await page.getByRole('tab', { name: 'Duplicates and export' }).click();
    await page.getByLabel('Playlist', { exact: true }).first().fill('Twice');
    await page.getByRole('option', { name: 'Twice' }).click();
    await page.getByRole('button', { name: 'Read it now' }).click();
    await waitFor(async () => (await page.getByTestId('duplicates').count()) === 2, {
      what: 'two tracks that are there twice',
      timeoutMs: 30_000,
    });
    await page.screenshot({ path: `${SHOTS}findings.png`, fullPage: true });
    await accessible('findings');
    const file = (await page.getByRole('link', { name: 'JSON' }).getAttribute('href')) ?? '';
    const answer = await page.request.get(`${system.url}${file}`);
    expect(answer.status()).toBe(200);
    expect(answer.headers()['content-disposition']).toMatch(/attachment/);
    for (const uri of playable.slice(0, 3)) expect(await answer.text()).toContain(uri);
  }, 90_000);

  it('follows the library over time', async () => {
    await goTo('Trackers');
    await turn(page, 'Take a point every day', false);
    await turn(page, 'Take a point every day', true);
    await fetch(`${system.url}/api/trackers/update`, {
      method: 'POST',
      headers: { 'x-cron-secret': CRON_SECRET },
    });
    const { rows } = await waitFor(
      async () => {
        const found = await system.database.query<{ liked_tracks: number }>(
          'SELECT liked_tracks FROM tracker_points',
        );
        return found.rows.length > 0 && found;
      },
      { what: 'the first point', timeoutMs: 30_000 },
    );
    await page.reload();
    await page.getByLabel('In figures').getByText(String(rows[0]?.liked_tracks), { exact: true }).waitFor();
    await page.screenshot({ path: `${SHOTS}trackers.png`, fullPage: true });
    await accessible('trackers');
  }, 60_000);

  it('as the first one here, sees how shuffles go', async () => {
    await goTo('Admin');
    const shuffles = page.getByLabel('Shuffles', { exact: true });
    await shuffles.getByText('Fully random').first().waitFor();
    await shuffles.getByText('0%', { exact: true }).waitFor();
    await shuffles.getByRole('tab', { name: 'Failed ones' }).click();
    await shuffles.getByText('None.').waitFor();
    await accessible('admin');
  }, 60_000);

  it('can do all of it on a small phone in the dark', async () => {
    const phone = await browser.newContext({
      viewport: { width: 360, height: 740 },
      colorScheme: 'dark',
      storageState: await context.storageState(),
    });
    const small = await phone.newPage();
    const fits = async (where: string) =>
      expect({ where, width: await small.evaluate('document.documentElement.scrollWidth') }).toEqual({
        where,
        width: 360,
      });
    for (const path of [
      '/playlists',
      '/playlists?tab=shuffles',
      '/playlists?tab=schedules',
      '/fair',
      '/library',
      '/library?tab=problems',
      '/trackers',
      '/admin',
    ]) {
      await small.goto(`${system.url}${path}`);
      await small.locator('main h1').first().waitFor();
      await small.waitForLoadState('networkidle');
      await fits(path);
      await small.screenshot({ path: `${SHOTS}phone${path.replace(/\W/g, '-')}.png`, fullPage: true });
    }
    await small.goto(`${system.url}/playlists`);
    await small.getByRole('button', { name: 'Shuffle Road trip', exact: true }).click();
    await small.getByTestId('estimate').waitFor();
    await small.getByText('Road trip (shuffled), as last time').waitFor();
    await fits('the shuffle dialog');
    await small.screenshot({ path: `${SHOTS}phone-shuffle.png` });
    await phone.close();
  }, 90_000);

  it('never met an error of a page on the way', () => {
    expect(errors).toEqual([]);
  });
});
