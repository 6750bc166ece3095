import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { waitFor } from '@spindle/testkit';
import jsqr from 'jsqr';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import {
  continueWithSpotify,
  isAccessible,
  isReady,
  launchChromium,
  SHOTS,
  story,
  untilStill,
  WEB_DIST,
  watchErrors,
} from '../chromium.ts';
import { type System, startSystem } from '../system.ts';

const PHONE = { width: 360, height: 640 };
const HOST = 'ann';
const PARTY = 'Ann’s kitchen';

let system: System;
let browser: Browser;
let host: Page;
let tv: Page;
/** Guests by their nicknames. */
let bea: Page;
let cem: Page;
let songs: { readonly uri: string; readonly name: string }[];
/** Errors of our pages; what a test brings about on purpose shows in the console too. */
const errors: string[] = [];

async function open(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  watch(page);
  return page;
}

function watch(page: Page): void {
  const expected = /status of (400|401|403|409|422)|ERR_INTERNET_DISCONNECTED/;
  watchErrors(page, system.url, expected, errors);
}

const phone = () => browser.newContext({ viewport: PHONE, hasTouch: true, isMobile: true });

/** Nothing of weight for axe, nothing wider than the screen. */
async function isFine(page: Page, where: string): Promise<void> {
  await untilStill(page, where);
  await page.screenshot({ path: `${SHOTS}room-${where}.png` });
  await isAccessible(page, where);
  const beyond = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
  expect({ where, beyond: await page.evaluate(beyond) }).toEqual({ where, beyond: 0 });
}

/** What the QR code on a page says, read from its dots. */
async function readQr(page: Page): Promise<string> {
  const drawing = page.getByTestId('qr');
  await drawing.waitFor();
  const { width, dots } = await drawing.evaluate(async (svg) => {
    const size = 400;
    const { Image, XMLSerializer, document } = globalThis as unknown as {
      Image: new (width: number, height: number) => { src: string; decode(): Promise<void> };
      XMLSerializer: new () => { serializeToString(node: unknown): string };
      document: {
        createElement(name: string): {
          width: number;
          height: number;
          getContext(kind: '2d'): {
            fillStyle: string;
            fillRect(x: number, y: number, width: number, height: number): void;
            drawImage(image: unknown, x: number, y: number, width: number, height: number): void;
            getImageData(x: number, y: number, width: number, height: number): { data: Uint8ClampedArray };
          };
        };
      };
    };
    const copy = (
      svg as unknown as { cloneNode(deep: boolean): { setAttribute(name: string, to: string): void } }
    ).cloneNode(true);
    copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
    copy.setAttribute('width', String(size));
    copy.setAttribute('height', String(size));
    copy.setAttribute('style', '');
    const image = new Image(size, size);
    image.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = size;
    canvas.height = size;
    const drawn = canvas.getContext('2d');
    // Its plate is of the style sheet.
    drawn.fillStyle = '#fff';
    drawn.fillRect(0, 0, size, size);
    drawn.drawImage(image, 0, 0, size, size);
    const { data } = drawn.getImageData(0, 0, size, size);
    // A digit for each point: numbers would take seconds to come over.
    let dots = '';
    for (let at = 0; at < data.length; at += 4) dots += (data[at] ?? 0) < 128 ? '1' : '0';
    return { width: size, dots };
  });
  return (
    jsqr.default(
      Uint8ClampedArray.from({ length: dots.length * 4 }, (_, at) =>
        at % 4 === 3 || dots[at >> 2] === '0' ? 255 : 0,
      ),
      width,
      width,
    )?.data ?? 'nothing to be read'
  );
}

const song = (place: number) => {
  const one = songs[place];
  if (!one) throw new Error(`there is no song ${place}`);
  return one;
};
const waiting = (page: Page, name: string): Locator => page.getByTestId('waiting').filter({ hasText: name });
const namesWaiting = (page: Page) =>
  page
    .getByTestId('waiting')
    .allTextContents()
    .then((rows) => rows.map((text) => songs.find(({ name }) => text.includes(name))?.name ?? text));
const everybody = () => ({ host, bea, cem, tv });

/** The same is on every screen, and nobody has pressed reload. */
async function onAllScreens(what: string, shows: (page: Page) => Promise<boolean>): Promise<void> {
  for (const [who, page] of Object.entries(everybody()))
    await waitFor(() => shows(page), { what: `${who}: ${what}`, timeoutMs: 15_000 });
}

async function propose(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Propose a track' }).click();
  const sheet = page.getByRole('dialog');
  await sheet.getByLabel('Search Spotify').fill(name);
  await sheet.getByRole('button', { name: `Propose ${name}`, exact: true }).click({ timeout: 20_000 });
  await sheet.getByRole('button', { name: `${name} waits already` }).waitFor();
  await page.keyboard.press('Escape');
  await sheet.waitFor({ state: 'detached' });
}

/** By the keyboard: rows that change places move away under a pointer. */
async function like(page: Page, name: string): Promise<void> {
  const button = waiting(page, name).getByRole('button', { name: /^Like / });
  await button.press('Enter');
  await waitFor(async () => (await button.getAttribute('aria-pressed')) === 'true', {
    what: `a like for ${name}`,
  });
}

async function join(page: Page, name: string): Promise<void> {
  await page.getByLabel('Your name').fill(name);
  await page.getByRole('button', { name: 'Join', exact: true }).click();
}

const isPlaying = (name: string) =>
  onAllScreens(`${name} plays`, async (page) =>
    ((await page.getByLabel('Now playing', { exact: true }).first().textContent()) ?? '').includes(name),
  );

/** What really comes out of the host's device. */
const heard = () => {
  const { uri, playing } = system.sandbox.groundTruth.nowPlaying(HOST);
  return playing ? uri : null;
};

beforeAll(async () => {
  if (!isReady) return;
  system = await startSystem({
    webDist: WEB_DIST,
    sandbox: {
      people: [{ id: HOST, displayName: 'Ann', listening: 'quiet', product: 'premium' }],
      deviceSleepMs: 86_400_000,
    },
  });
  // Names that are no part of one another, and long enough for the story.
  const { tracks } = system.sandbox.catalogue;
  const named = (name: string) => tracks.filter((one) => one.name.toLowerCase().includes(name.toLowerCase()));
  songs = tracks
    .filter((one) => one.playable && /^[A-Za-z ]{8,24}$/.test(one.name) && one.durationMs > 150_000)
    .filter((one) => named(one.name).length === 1)
    .slice(0, 6)
    .map(({ uri, name }) => ({ uri, name }));
  browser = await launchChromium();
  host = await open(await browser.newContext({ viewport: { width: 1180, height: 860 } }));
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await system?.stop();
}, 40_000);

story('a party', () => {
  let invitation = '';

  it('is opened by a host: its name, how it plays, and that is it', async () => {
    await host.goto(system.url);
    await continueWithSpotify(host);
    await host.getByRole('navigation').getByText('More').first().click();
    await host.getByRole('menuitem', { name: 'Party' }).click();
    await host.getByRole('heading', { level: 1, name: 'Party' }).waitFor();
    await isFine(host, 'parties');
    await host.getByRole('button', { name: 'Open a room' }).click();
    const dialog = host.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill(PARTY);
    await dialog.getByLabel('Only what enough people like').press('Space');
    await dialog.getByLabel('Likes that it takes').fill('2');
    await isFine(host, 'opening');
    await dialog.getByRole('button', { name: 'Open the room' }).click();
    await host.getByText('Nothing waits yet').waitFor();
    await isFine(host, 'empty');
  }, 90_000);

  it('shows the way in: a QR code, which says the same as the link, and a television', async () => {
    await host.getByRole('button', { name: 'Invite' }).click();
    const sheet = host.getByRole('dialog');
    invitation = await readQr(host);
    expect(invitation).toBe(await sheet.getByTestId('link').textContent());
    expect(invitation).toMatch(new RegExp(`^${system.url}/`));
    await isFine(host, 'invitation');
    const opened = host.context().waitForEvent('page');
    await sheet.getByRole('link', { name: 'Show on a TV' }).click();
    tv = await opened;
    watch(tv);
    await tv.setViewportSize({ width: 1920, height: 1080 });
    expect(await readQr(tv)).toBe(invitation);
    await host.keyboard.press('Escape');
  }, 60_000);

  it('takes in guests by a name alone, each by a name of their own', async () => {
    bea = await open(await phone());
    await bea.goto(invitation);
    await bea.getByRole('heading', { level: 1, name: PARTY }).waitFor();
    await isFine(bea, 'door');
    await join(bea, 'Bea');
    await bea.getByText('Nothing waits yet').waitFor();
    cem = await open(await phone());
    // By the code instead, typed as people type.
    await cem.goto(`${system.url}/party`);
    const code = new URL(invitation).pathname.split('/').at(-1) ?? '';
    await cem.getByLabel('Code of the room').fill(`${code.slice(0, 3)} ${code.slice(3)}`.toLowerCase());
    await cem.getByRole('button', { name: 'Go in' }).click();
    await join(cem, 'Bea');
    await cem.getByText(/has this name already/).waitFor();
    await join(cem, 'Cem');
    await cem.getByText('Nothing waits yet').waitFor();
    await host.getByRole('button', { name: '3 people, who is here' }).waitFor();
    await tv.getByText('3 people here').waitFor();
  }, 60_000);

  it('plays on the host’s device what got enough likes, and every screen shows it', async () => {
    const first = song(0);
    await propose(bea, first.name);
    await onAllScreens(
      `${first.name} waits`,
      async (page) => (await waiting(page, first.name).count()) === 1,
    );
    await cem.getByText(/1 like missing/).waitFor();
    await like(cem, first.name);
    for (const page of [host, bea, cem])
      await waiting(page, first.name).getByText('will be played').waitFor();
    await isFine(cem, 'guest');

    await host.getByRole('button', { name: 'Start the music' }).click();
    // Nothing plays anywhere yet: the host is told what to do, and does it.
    await host
      .getByTestId('trouble')
      .getByRole('button', { name: 'Choose a device' })
      .click({ timeout: 15_000 });
    const device = system.sandbox.control.people()[0]?.devices.find(({ restricted }) => !restricted);
    await host
      .getByRole('dialog')
      .getByText(device?.name ?? '?')
      .click({ timeout: 15_000 });
    await waitFor(async () => heard() === first.uri, {
      what: 'the first song from the device',
      timeoutMs: 20_000,
    });
    await isPlaying(first.name);
    await isFine(host, 'playing');
    await isFine(tv, 'tv');
  }, 120_000);

  it('moves up what others vote for, and plays it next', async () => {
    const [, second, third] = [song(0), song(1), song(2)];
    await propose(bea, second.name);
    await propose(cem, third.name);
    await like(cem, second.name);
    await onAllScreens('both wait', async (page) => (await page.getByTestId('waiting').count()) === 2);
    await onAllScreens('the second is first', async (page) => (await namesWaiting(page))[0] === second.name);
    await like(bea, third.name);
    await like(host, third.name);
    await onAllScreens('the third is first', async (page) => (await namesWaiting(page))[0] === third.name);
    await host.getByRole('button', { name: 'Skip', exact: true }).click();
    await waitFor(async () => heard() === third.uri, {
      what: 'the third song from the device',
      timeoutMs: 20_000,
    });
    await isPlaying(third.name);
    await onAllScreens('the second waits', async (page) => {
      const names = await namesWaiting(page);
      return names.length === 1 && names[0] === second.name;
    });
  }, 90_000);

  it('keeps a vote that the network does not carry, says so, and sends it later', async () => {
    const fourth = song(3);
    await propose(bea, fourth.name);
    await waiting(cem, fourth.name).waitFor();
    await cem.context().setOffline(true);
    await cem.getByText('No connection.', { exact: false }).waitFor();
    await like(cem, fourth.name);
    await waiting(cem, fourth.name)
      .getByText(/Not sent yet/)
      .waitFor();
    await isFine(cem, 'away');
    // What happens meanwhile is there when the network is back.
    const fifth = song(4);
    await propose(host, fifth.name);
    await cem.context().setOffline(false);
    await waiting(cem, fifth.name).waitFor({ timeout: 20_000 });
    await waiting(bea, fourth.name).getByText('will be played').waitFor({ timeout: 20_000 });
    await cem.getByText('No connection.', { exact: false }).waitFor({ state: 'detached' });
  }, 90_000);

  it('takes a proposal back, and a vote', async () => {
    const fifth = song(4);
    await like(bea, fifth.name);
    const button = waiting(bea, fifth.name).getByRole('button', { name: /^Like / });
    await waiting(host, fifth.name).getByText('will be played').waitFor();
    await button.press('Enter');
    await waitFor(async () => (await button.getAttribute('aria-pressed')) === 'false', {
      what: 'no like of Bea',
    });
    await waiting(host, fifth.name)
      .getByRole('button', { name: /1 so far/ })
      .first()
      .waitFor();
    await host.getByRole('button', { name: `More for ${fifth.name}` }).click();
    await host.getByRole('menuitem', { name: 'Take back' }).click();
    await onAllScreens('the fifth is gone', async (page) => (await waiting(page, fifth.name).count()) === 0);
  }, 60_000);

  it('sends somebody out, who is told so', async () => {
    await host.getByRole('button', { name: /who is here/ }).click();
    await host.getByRole('button', { name: 'More for Cem' }).click();
    await host.getByRole('menuitem', { name: 'Send out for good' }).click();
    await host.getByRole('menu').waitFor({ state: 'detached' });
    await isFine(host, 'people');
    await host.getByRole('dialog').getByRole('button', { name: 'Send out for good' }).click();
    await cem.getByText('You are out of this room.').waitFor({ timeout: 15_000 });
    await join(cem, 'Cem again');
    await cem.getByText('The host has sent you out of this room for good.').waitFor();
    await host.keyboard.press('Escape');
  }, 60_000);

  it('ends, and what was played becomes a playlist', async () => {
    await host.getByRole('button', { name: 'More', exact: true }).click();
    await host.getByRole('menuitem', { name: /End the party/ }).click();
    await host.getByRole('button', { name: 'End the party', exact: true }).click();
    for (const page of [host, bea, tv])
      await page
        .getByText(/The party is over/)
        .first()
        .waitFor({ timeout: 15_000 });
    await host.getByTestId('played').nth(1).waitFor();
    expect(await host.getByTestId('played').allTextContents()).toEqual([
      expect.stringContaining(song(0).name),
      expect.stringContaining(song(2).name),
    ]);
    await isFine(bea, 'ended');
    await host.getByRole('button', { name: `Save as a playlist: ${PARTY}` }).click();
    const link = host.getByRole('dialog').getByRole('link', { name: 'Open in Spotify' });
    await link.waitFor({ timeout: 40_000 });
    const id = /playlist\/([0-9A-Za-z]{22})/.exec((await link.getAttribute('href')) ?? '')?.[1] ?? '';
    const items = system.sandbox.groundTruth.playlist(id)?.items ?? [];
    expect(items.map(({ uri }) => uri)).toEqual([song(0).uri, song(2).uri]);
    await host.keyboard.press('Escape');
    await host.getByRole('link', { name: 'My parties' }).click();
    await host.getByTestId('past').getByText(PARTY).waitFor();
    await isFine(host, 'past');
  }, 90_000);

  it('never met an error of a page on the way', () => {
    expect(errors).toEqual([]);
  });
});
