import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { waitFor } from '@spindle/testkit';
import type { Browser, BrowserContext, Page } from 'playwright-core';
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

/** Plays of the artist whom the export names: all of it, less tracks whose artist Spotify has told already. */
const HEARD = /^1[012]\d$/;

let system: System;
let browser: Browser;
let context: BrowserContext;
let page: Page;
/** Errors of our pages. Refusals that a page expects (401 for a visitor, 400 for a bad setting) show in the console too. */
const errors: string[] = [];

/** A row of the extended streaming history, as Spotify writes it. */
function exportRow(index: number) {
  const track = system.sandbox.catalogue.tracks[index];
  if (!track) throw new Error('the catalogue is too small');
  return {
    ts: new Date(Date.UTC(2021, 4, 1, 12) + index * 240_000).toISOString().replace('.000', ''),
    username: 'somebody',
    platform: 'ios',
    ms_played: 180_000,
    conn_country: 'PT',
    ip_addr_decrypted: '203.0.113.9',
    master_metadata_track_name: track.name,
    master_metadata_album_artist_name: 'Somebody',
    master_metadata_album_album_name: 'Somewhere',
    spotify_track_uri: `spotify:track:${track.id}`,
    episode_name: null,
    episode_show_name: null,
    spotify_episode_uri: null,
    reason_start: 'trackdone',
    reason_end: 'trackdone',
    shuffle: false,
    skipped: false,
    offline: false,
    offline_timestamp: 0,
    incognito_mode: false,
  };
}

const accessible = (where: string) => isAccessible(page, where);

beforeAll(async () => {
  if (!isReady) return;
  system = await startSystem({ webDist: WEB_DIST });
  browser = await launchChromium();
  context = await browser.newContext({ viewport: { width: 1180, height: 860 } });
  page = await context.newPage();
  watchErrors(page, system.url, /status of 40[01]/, errors);
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await system?.stop();
}, 40_000);

/** Opens a place behind "More". */
async function goTo(place: string): Promise<void> {
  await page.getByRole('navigation').getByText('More').first().click();
  await page.getByRole('menuitem', { name: place }).click();
  await page.getByRole('heading', { level: 1, name: place }).waitFor();
}

story('a stranger', () => {
  it('opens the address, signs in, and within a minute sees what plays and a history', async () => {
    await page.goto(system.url);
    await page.getByText('This instance plays with a sandbox').waitFor();
    await accessible('welcome');
    await continueWithSpotify(page);
    await page.getByText('Now playing').waitFor({ timeout: 60_000 });
    await page.getByTestId('play').first().waitFor({ timeout: 60_000 });
    expect(await page.getByTestId('play').count()).toBe(8);
    await page.screenshot({ path: `${SHOTS}home.png`, fullPage: true });
    await accessible('home');
  }, 120_000);

  it('sees the progress move, and the card change when the person skips', async () => {
    const bar = page.getByTestId('progress');
    const before = await bar.textContent();
    await waitFor(async () => (await bar.textContent()) !== before, { what: 'the progress to move' });

    const person = system.sandbox.control.people()[0]?.id ?? '';
    const tracks = system.sandbox.catalogue.tracks.slice(40, 42);
    const now = system.sandbox.clock.nowMs();
    system.sandbox.control.script(person, [
      { at: now + 500, action: 'play', uris: tracks.map((track) => track.uri) },
    ]);
    // Nobody presses reload: the server looks by itself because this page watches.
    await page
      .getByLabel('Now playing')
      .getByText(tracks[0]?.name ?? '?', { exact: true })
      .waitFor({ timeout: 75_000 });
  }, 120_000);

  it('scrolls through the history, finds a track, and removes a play', async () => {
    await page.getByRole('link', { name: 'History' }).first().click();
    await page.getByTestId('play').first().waitFor();
    await waitFor(async () => (await page.getByTestId('play').count()) >= 50, { what: 'fifty plays' });
    await accessible('history');
    const name = (await page.getByTestId('play').first().locator('a').nth(1).textContent()) ?? '';
    await page.getByRole('search').getByLabel('Search').fill(name);
    await waitFor(async () => page.url().includes('q='), { what: 'the search in the address' });
    await page.getByTestId('play').first().waitFor();
    const { rows: before } = await system.database.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM plays',
    );
    await page
      .getByLabel(/^Actions for /)
      .first()
      .click();
    await page.getByRole('menuitem', { name: /Remove/ }).click();
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await waitFor(
      async () => {
        const { rows } = await system.database.query<{ count: number }>(
          'SELECT count(*)::int AS count FROM plays',
        );
        return rows[0]?.count === (before[0]?.count ?? 0) - 1;
      },
      { what: 'the play to be gone' },
    );
  }, 60_000);

  it('imports an export and sees the report; sent twice, nothing is counted twice', async () => {
    await goTo('Imports');
    const buffer = Buffer.from(JSON.stringify(Array.from({ length: 120 }, (_, index) => exportRow(index))));
    const file = { name: 'Streaming_History_Audio_2021.json', mimeType: 'application/json', buffer };
    for (const [round, stored] of [120, 0].entries()) {
      await page.locator('input[type=file]').setInputFiles(file);
      await waitFor(async () => (await page.getByText('done', { exact: true }).count()) === round + 1, {
        what: `import ${round + 1} to be done`,
        timeoutMs: 30_000,
      });
      const figures = await page.getByRole('article').first().getByTestId('figure').allTextContents();
      expect(figures).toEqual(['Read120', `New${stored}`, `Known${120 - stored}`, 'Left out0', 'Failed0']);
    }
    await accessible('imports');
    const { rows } = await system.database.query(
      "SELECT count(*)::int AS count FROM plays WHERE played_at < '2022-01-01'",
    );
    expect(rows).toEqual([{ count: 120 }]);
  }, 90_000);

  it('sees the figures of what was imported, and a correction in them at once', async () => {
    await page.goto(`${system.url}/?range=year&at=2021-06-01`);
    const figures = page.getByLabel('In figures');
    await figures.getByText('120', { exact: true }).first().waitFor();
    await page.getByLabel('Top tracks').getByTestId('top-item').first().waitFor();
    await page.getByLabel('Hours of the week').locator('table').waitFor();
    await page.locator('.recharts-surface').first().waitFor();
    await page.screenshot({ path: `${SHOTS}overview.png`, fullPage: true });
    await accessible('overview');

    await page.getByLabel('Top artists').getByTestId('top-item').first().getByRole('link').last().click();
    await page.getByRole('heading', { level: 1 }).filter({ hasText: 'Somebody' }).waitFor();
    await page.getByLabel('Me and it').getByText(HEARD).first().waitFor();
    await page.screenshot({ path: `${SHOTS}artist.png`, fullPage: true });
    await accessible('artist');
    await page.getByLabel('More', { exact: true }).last().click();
    await page.getByRole('menuitem', { name: 'Do not count this artist' }).click();
    await page.getByText('This artist does not count in your figures.').waitFor();
    await page.getByLabel('Me and it').getByText('0', { exact: true }).first().waitFor({ timeout: 20_000 });
    await page.getByRole('button', { name: 'Count again' }).click();
    await page.getByLabel('Me and it').getByText(HEARD).first().waitFor({ timeout: 20_000 });
  }, 90_000);

  it('finds its way by keyboard, and looks at every page of figures', async () => {
    await page.keyboard.press('/');
    await page.getByRole('combobox').fill('somebody');
    await page.getByRole('option').first().waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Somebody' }).waitFor();
    const places = {
      tops: '/tops?range=all&kind=tracks',
      habits: '/habits?range=all',
      compare: '/compare?range=year&at=2021-01-01',
      wrapped: '/wrapped/2021',
      corrections: '/corrections',
    };
    for (const [name, path] of Object.entries(places)) {
      await page.goto(`${system.url}${path}`);
      await page.locator('main h1').first().waitFor();
      await page.waitForLoadState('networkidle');
      await page.screenshot({ path: `${SHOTS}${name}.png`, fullPage: true });
      await accessible(name);
    }
    const card = await page.request.get(`${system.url}/api/stats/wrapped/2021/card.svg`);
    expect(card.headers()['content-type']).toMatch(/svg/);
  }, 90_000);

  it('hides several plays at once, and counts them again', async () => {
    await page.goto(`${system.url}/history?to=2022-01-01`);
    await page.getByTestId('play').first().waitFor();
    const hidden = async () => {
      const { rows } = await system.database.query<{ count: number }>(
        'SELECT count(*)::int AS count FROM plays WHERE flags & 16 <> 0',
      );
      return rows[0]?.count;
    };
    for (const [button, left] of [
      ['Hide', 2],
      ['Count', 0],
    ] as const) {
      await page.getByRole('button', { name: 'Choose several' }).click();
      for (const place of [0, 1]) await page.getByRole('checkbox').nth(place).check();
      await page.getByRole('toolbar', { name: 'Chosen plays' }).getByText('2 plays').waitFor();
      if (button === 'Hide') await accessible('choosing');
      await page.getByRole('toolbar').getByRole('button', { name: button, exact: true }).click();
      await waitFor(async () => (await hidden()) === left, { what: `${left} hidden plays` });
      await page.getByRole('toolbar').waitFor({ state: 'detached' });
    }
  }, 60_000);

  it('takes a top list along as a playlist', async () => {
    await page.goto(`${system.url}/tops?range=year&at=2021-06-01&kind=tracks`);
    await page.getByRole('button', { name: 'Make a playlist' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Tracks').selectOption('100');
    await accessible('making a playlist');
    await dialog.getByRole('button', { name: 'Make the playlist' }).click();
    const link = dialog.getByRole('link', { name: /Spotify/ });
    await link.waitFor({ timeout: 40_000 });
    const id = /playlist\/([0-9A-Za-z]{22})/.exec((await link.getAttribute('href')) ?? '')?.[1] ?? '';
    await page.screenshot({ path: `${SHOTS}playlist.png` });
    await accessible('a made playlist');
    const { rows } = await system.database.query(
      'SELECT playlist_id, track_count, status::text FROM shuffled_playlists',
    );
    expect(rows).toEqual([{ playlist_id: id, track_count: 100, status: 'succeeded' }]);
    await page.keyboard.press('Escape');
  }, 60_000);

  it('makes a card for a profile, sees every option at once, and takes it back', async () => {
    await goTo('Widgets');
    await page.getByLabel('A new one, for').fill('my profile');
    await page.getByRole('button', { name: 'Make', exact: true }).click();
    const preview = page.getByAltText('Now playing on a dark page');
    const widthOf = () =>
      preview.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth);
    const drawn = (width: number) =>
      waitFor(async () => (await widthOf()) === width, { what: `a card of ${width} px` });
    await preview.waitFor();
    await page.getByLabel('Theme').selectOption('terminal');
    await page.getByLabel('Width').fill('600');
    await drawn(600);
    await page.screenshot({ path: `${SHOTS}widgets.png`, fullPage: true });
    await accessible('widgets');
    expect(page.url()).toMatch(/theme=terminal/);
    const markdown = (await page.getByLabel('To paste').locator('pre').textContent()) ?? '';
    const address = /\]\((http[^)]+\.svg[^)]*)\)/.exec(markdown)?.[1] ?? '';
    expect(new URL(address).searchParams.get('width')).toBe('600');
    const card = await fetch(address);
    expect([card.status, card.headers.get('content-type')]).toEqual([200, 'image/svg+xml; charset=utf-8']);
    // Its artwork is inside, fetched by a worker from the stand-in for Spotify.
    await waitFor(
      async () => /data:image\/png;base64/.test(await (await fetch(`${address}&v=${Date.now()}`)).text()),
      {
        what: 'the cover in the card',
        timeoutMs: 20_000,
      },
    );
    for (const kind of ['Top artists', 'Hours of the week', 'Streak']) {
      await page.getByText(kind, { exact: true }).click();
      await page.getByAltText(`${kind} on a light page`).waitFor();
    }
    await page.getByLabel('Take back my profile').click();
    await preview.waitFor({ state: 'detached' });
    // A drawn card is kept for five seconds.
    await waitFor(
      async () => (await (await fetch(`${address}&v=${Date.now()}`)).text()).includes('no listener'),
      { what: 'the end of the card', timeoutMs: 15_000 },
    );
  }, 60_000);

  it('is on the feed for anybody while it shares, live, and off it at once', async () => {
    const visitor = await (await browser.newContext()).newPage();
    await visitor.goto(`${system.url}/live`);
    await visitor.getByText('Nobody shares what they play at the moment.').waitFor();
    await page.goto(`${system.url}/live`);
    await turn(page, 'Share what I play now', true);
    const shown = visitor.getByLabel('Who shares').getByRole('listitem');
    await shown.first().waitFor();
    expect(await shown.count()).toBe(1);
    await page.getByLabel('Who shares').getByRole('listitem').first().waitFor();
    await page.screenshot({ path: `${SHOTS}feed.png`, fullPage: true });
    await accessible('feed');
    // What the person does next is on the visitor's page without a reload.
    const person = system.sandbox.control.people()[0]?.id ?? '';
    const track = system.sandbox.catalogue.tracks[60];
    system.sandbox.control.script(person, [
      { at: system.sandbox.clock.nowMs() + 300, action: 'play', uris: [track?.uri ?? ''] },
    ]);
    await shown
      .first()
      .getByText(track?.name ?? '?', { exact: true })
      .waitFor({ timeout: 30_000 });
    await turn(page, 'Share what I play now', false);
    await visitor.getByText('Nobody shares what they play at the moment.').waitFor({ timeout: 5_000 });
    await visitor.context().close();
  }, 90_000);

  it('shows a profile to anybody, part by part', async () => {
    const visitor = await (await browser.newContext()).newPage();
    await goTo('Settings');
    const address = `${system.url}/u/${await page.getByLabel('Handle').inputValue()}`;
    await visitor.goto(address);
    await visitor.getByText('Nobody of this name').waitFor();
    for (const part of ['Public profile', 'Public figures', 'Public plays']) await turn(page, part, true);
    await visitor.goto(address);
    await visitor.getByText('All time').click();
    await visitor.getByLabel('Top tracks').getByTestId('top-item').first().waitFor();
    await visitor.getByLabel('Last plays').getByTestId('play').first().waitFor();
    await visitor.screenshot({ path: `${SHOTS}profile.png`, fullPage: true });
    await visitor.context().close();
  }, 60_000);

  it('is told at the field what is wrong with a setting, and shares on and off', async () => {
    await goTo('Settings');
    await page.getByLabel('Handle').fill('No Spaces!');
    await page.getByLabel('Profile', { exact: true }).getByRole('button', { name: 'Save' }).click();
    await page.getByText(/lower case letters, digits, "-" or "_"/).waitFor();
    await turn(page, 'Share what I play now', true);
    const address = page.getByText(/\/now-playing$/);
    await address.waitFor();
    const url = (await address.textContent()) ?? '';
    expect((await fetch(url)).status).toBe(200);
    await turn(page, 'Share what I play now', false);
    await address.waitFor({ state: 'detached' });
    expect((await fetch(url)).status).toBe(404);
    await accessible('settings');
  }, 60_000);

  it('as the first one here, sees where the calls went and what the doctor says', async () => {
    await goTo('Admin');
    await page.getByText('Developer account').waitFor();
    await page.getByText('PostgreSQL').first().waitFor({ timeout: 20_000 });
    await page.screenshot({ path: `${SHOTS}admin.png`, fullPage: true });
    await accessible('admin');
  }, 60_000);

  it('can do all of it on a small phone in the dark', async () => {
    const phone = await browser.newContext({
      viewport: { width: 360, height: 740 },
      colorScheme: 'dark',
      storageState: await context.storageState(),
    });
    const small = await phone.newPage();
    for (const path of [
      '/',
      '/tops',
      '/history',
      '/habits',
      '/compare',
      '/wrapped/2021',
      '/corrections',
      '/live',
      '/widgets',
      '/imports',
      '/settings',
      '/admin',
    ]) {
      await small.goto(`${system.url}${path}`);
      await small.locator('main h1').first().waitFor();
      expect({ path, width: await small.evaluate('document.documentElement.scrollWidth') }).toEqual({
        path,
        width: 360,
      });
      await small.waitForLoadState('networkidle');
      await small.screenshot({ path: `${SHOTS}phone${path.replaceAll('/', '-')}.png`, fullPage: true });
    }
    await phone.close();
  }, 60_000);

  it('never met an error of a page on the way', () => {
    expect(errors).toEqual([]);
  });

  it('signs out and is a stranger again', async () => {
    await page.goto(`${system.url}/settings`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('link', { name: /Continue with Spotify/ }).waitFor();
  }, 30_000);
});
