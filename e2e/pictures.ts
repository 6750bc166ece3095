import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { waitFor } from '@spindle/testkit';
import type { Browser, Page } from 'playwright-core';
import { launchChromium, untilStill, WEB_DIST } from './browser.ts';
import { type System, signIn, startSystem } from './system.ts';

// The pictures of the README, made from the real system with the sandbox's invented people and music:
// `npm run pictures` writes them to docs/pictures/.

const FOLDER = fileURLToPath(new URL('../docs/pictures/', import.meta.url));
const DESK = { width: 1280, height: 960 };
const PHONE = { width: 390, height: 780 };
const ANN = 'ann';
const HOST = 'mina';
const FRIENDS = ['bela', 'chidi', 'dunja'];
/** Guests of the party, and which of the songs that wait they like. */
const GUESTS = [
  { name: 'Chidi', likes: [1, 2, 3] },
  { name: 'Dunja', likes: [0, 1, 4] },
  { name: 'Béla', likes: [1, 4] },
  { name: 'Noor', likes: [0, 1] },
];

/** What somebody's browser does over HTTP, from the page's own origin. */
class Caller {
  readonly #system: System;
  readonly cookie: string;

  constructor(system: System, cookie: string) {
    this.#system = system;
    this.cookie = cookie;
  }

  /** Somebody who joins a room by a name alone. */
  static async joining(system: System, path: string, nickname: string): Promise<Caller> {
    const answer = await fetch(`${system.url}${path}`, {
      method: 'POST',
      headers: { origin: system.url, 'content-type': 'application/json' },
      body: JSON.stringify({ nickname }),
    });
    const cookies = answer.headers.getSetCookie().map((cookie) => cookie.split(';', 1)[0]);
    return new Caller(system, cookies.join('; '));
  }

  async call<T>(method: string, path: string, body?: object | FormData): Promise<T> {
    const isForm = body instanceof FormData;
    const answer = await fetch(`${this.#system.url}${path}`, {
      method,
      headers: {
        origin: this.#system.url,
        ...(this.cookie && { cookie: this.cookie }),
        ...(body && !isForm && { 'content-type': 'application/json' }),
      },
      ...(body && { body: isForm ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (text === '' ? null : JSON.parse(text)) as T;
  }
}

/** What Spotify would send somebody who asks for all that they ever played. */
function exportOf(system: System, person: string): Blob {
  const rows = system.sandbox.groundTruth
    .plays(person)
    .filter(({ kind }) => kind === 'track')
    .map((play) => ({
      ts: new Date(play.endedAtMs).toISOString().replace(/\.\d+Z$/, 'Z'),
      platform: 'ios',
      ms_played: play.msPlayed,
      master_metadata_track_name: play.name,
      master_metadata_album_artist_name: play.by,
      master_metadata_album_album_name: null,
      spotify_track_uri: play.uri,
      reason_start: 'trackdone',
      reason_end: 'trackdone',
      incognito_mode: false,
    }));
  return new Blob([JSON.stringify(rows)], { type: 'application/json' });
}

async function importHistory(system: System, ann: Caller): Promise<void> {
  const form = new FormData();
  form.set('file', exportOf(system, ANN), 'Streaming_History_Audio_2024-2026_0.json');
  const { import: begun } = await ann.call<{ import: { id: string } }>('POST', '/api/imports', form);
  await waitFor(
    async () => {
      const { status } = await ann.call<{ status: string }>('GET', `/api/imports/${begun.id}`);
      if (status === 'failed') throw new Error('the import failed');
      return status === 'succeeded';
    },
    { what: 'the import', timeoutMs: 60_000 },
  );
}

/** Has the metadata read, until all artists that pages show first have their pictures. */
async function untilPictured(system: System, ann: Caller): Promise<void> {
  await ann.call('POST', '/spotify/sync-metadata', {});
  await waitFor(
    async () => {
      const { rows } = await system.database.query<{ bare: number }>(
        `SELECT count(*)::int AS bare FROM (
           SELECT a.images FROM plays p JOIN track_artists ta ON ta.track_id = p.track_id AND ta.position = 0
             JOIN artists a ON a.id = ta.artist_id GROUP BY a.id ORDER BY count(*) DESC LIMIT 30) AS top
          WHERE images IS NULL`,
      );
      return rows[0]?.bare === 0;
    },
    { what: 'pictures of the artists', timeoutMs: 120_000, everyMs: 500 },
  );
}

/** Has the player read until what plays is known. */
async function untilPlaying(ann: Caller): Promise<void> {
  await waitFor(
    async () => {
      await ann.call('POST', '/spotify/poll/current-playback', {});
      const { isPlaying } = await ann.call<{ isPlaying: boolean }>('GET', '/api/user/now-playing');
      return isPlaying;
    },
    { what: 'the player to be read', timeoutMs: 30_000, everyMs: 500 },
  );
}

async function openAs(
  browser: Browser,
  system: System,
  cookie: string,
  how: { readonly phone?: boolean; readonly dark?: boolean } = {},
): Promise<Page> {
  const context = await browser.newContext({
    viewport: how.phone ? PHONE : DESK,
    colorScheme: how.dark ? 'dark' : 'light',
    ...(how.phone && { isMobile: true, hasTouch: true, deviceScaleFactor: 2 }),
  });
  const [name = '', ...value] = cookie.split('=');
  if (cookie) await context.addCookies([{ name, value: value.join('='), url: system.url }]);
  return context.newPage();
}

async function picture(page: Page, url: string, name: string): Promise<void> {
  await page.goto(url);
  await keep(page, name);
}

async function keep(page: Page, name: string): Promise<void> {
  await page.waitForLoadState('networkidle').catch(() => {});
  // Images further down are not loaded until somebody scrolls there.
  const drawn = `!document.querySelector(".mantine-Skeleton-root") && [...document.images].every(
    (image) => image.complete || image.getBoundingClientRect().top > innerHeight)`;
  await waitFor(() => page.evaluate<boolean>(drawn), { what: `${name} to be drawn`, timeoutMs: 60_000 });
  await untilStill(page, name);
  await page.screenshot({ path: `${FOLDER}${name}.png` });
  process.stdout.write(`  ${name}.png\n`);
}

/** A party that goes on: what plays, what waits and what people like of it, on a phone and on a television. */
async function party(system: System, browser: Browser, host: Caller): Promise<void> {
  const { room } = await host.call<{ room: { code: string } }>('POST', '/rooms', { name: 'The kitchen' });
  const at = (path: string) => `/rooms/${room.code}${path}`;
  const phone = await openAs(browser, system, '', { phone: true });
  const guests: Caller[] = [];
  for (const [index, { name }] of GUESTS.entries()) {
    if (index === 0) {
      await phone.goto(`${system.url}/party/${room.code}`);
      await phone.getByLabel('Your name').fill(name);
      await phone.getByRole('button', { name: 'Join', exact: true }).click();
      await phone.getByText('Nothing waits yet').waitFor();
      const cookies = await phone.context().cookies();
      guests.push(new Caller(system, cookies.map((one) => `${one.name}=${one.value}`).join('; ')));
    } else guests.push(await Caller.joining(system, at('/join'), name));
  }
  const songs = system.sandbox.catalogue.tracks
    .filter(({ playable, name }) => playable && /^[A-Z][a-z]+ [A-Z][a-z]+$/.test(name))
    .filter((song, index, all) => all.findIndex(({ album }) => album === song.album) === index)
    .slice(0, 6);
  for (const [index, song] of songs.entries()) {
    const guest = guests[index % guests.length] ?? host;
    // As people do, who search and choose: that is how Spindle learns of a cover.
    await guest.call('GET', at(`/search?q=${encodeURIComponent(song.name)}`));
    await guest.call('POST', at('/tracks'), { trackUri: song.uri });
  }
  const device = system.sandbox.control.people().find(({ id }) => id === HOST)?.devices[0]?.id;
  await host.call('POST', at('/device'), { deviceId: device });
  await host.call('POST', at('/play'), {});
  await waitFor(async () => system.sandbox.groundTruth.nowPlaying(HOST).playing, {
    what: 'the party to play',
    timeoutMs: 30_000,
  });
  const playing = system.sandbox.groundTruth.nowPlaying(HOST).uri;
  const waiting = songs.filter(({ uri }) => uri !== playing);
  for (const [index, { likes }] of GUESTS.entries())
    for (const like of likes) {
      const song = waiting[like];
      if (song) await guests[index]?.call('POST', at('/vote'), { trackUri: song.uri, isLike: true });
    }
  const tv = await openAs(browser, system, host.cookie, { dark: true });
  await tv.setViewportSize({ width: 1280, height: 720 });
  await tv.goto(`${system.url}/tv/${room.code}`);
  await tv.getByText(`${GUESTS.length + 1} people here`).waitFor();
  await phone.getByLabel('Now playing', { exact: true }).first().waitFor();
  await keep(tv, 'party-tv');
  await keep(phone, 'party-phone');
}

mkdirSync(FOLDER, { recursive: true });
const system = await startSystem({
  webDist: WEB_DIST,
  sandbox: {
    seed: 'pictures',
    mode: 'extended',
    quota: null,
    rateLimit: null,
    people: [
      { id: ANN, historyDays: 800, profile: { tracksPerDay: 40 } },
      ...FRIENDS.map((id) => ({ id, profile: { alwaysListening: true } })),
      { id: HOST, listening: 'quiet' as const, product: 'premium' as const },
    ],
  },
  environment: {
    SPOTIFY_MODE: 'extended',
    SPOTIFY_DAILY_ALLOWANCE: '0',
    SPOTIFY_WINDOW_CALLS: '100000',
    RATE_LIMIT_SCALE: '0',
  },
});
const browser = await launchChromium();
try {
  const ann = new Caller(system, await signIn(system, ANN));
  for (const id of FRIENDS) {
    const friend = new Caller(system, await signIn(system, id));
    await friend.call('POST', '/share/start', {});
  }
  const song = system.sandbox.catalogue.tracks.find(
    ({ playable, name }) => playable && /^[A-Z][a-z]+ [A-Z][a-z]+$/.test(name),
  );
  system.sandbox.control.script(ANN, [
    { at: system.sandbox.clock.nowMs() + 1_000, action: 'play', uris: song ? [song.uri, song.uri] : [] },
  ]);
  await ann.call('POST', '/share/start', {});
  await importHistory(system, ann);
  await untilPictured(system, ann);
  await untilPlaying(ann);
  process.stdout.write(`Pictures in ${FOLDER}\n`);
  const desk = await openAs(browser, system, ann.cookie);
  const dark = await openAs(browser, system, ann.cookie, { dark: true });
  for (const [page, suffix] of [
    [desk, ''],
    [dark, '-dark'],
  ] as const) {
    await picture(page, system.url, `home${suffix}`);
    await picture(page, `${system.url}/tops`, `tops${suffix}`);
  }
  await picture(desk, `${system.url}/live`, 'live');
  await picture(desk, `${system.url}/playlists`, 'playlists');
  const link = await ann.call<{ key: string }>('POST', '/api/widgets', { name: 'README' });
  const svg = await fetch(`${system.url}/api/widgets/${link.key}/now-playing.svg`);
  writeFileSync(`${FOLDER}now-playing.svg`, await svg.text());
  await picture(desk, `${system.url}/widgets`, 'widgets');
  await picture(desk, `${system.url}/admin`, 'admin');
  await picture(await openAs(browser, system, ann.cookie, { phone: true, dark: true }), system.url, 'phone');
  await party(system, browser, new Caller(system, await signIn(system, HOST)));
} finally {
  await browser.close();
  await system.stop();
}
