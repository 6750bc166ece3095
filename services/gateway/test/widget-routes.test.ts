import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ingestPlays,
  recountIfStale,
  savePlayerReading,
  saveSettings,
  startShare,
  stopShare,
  upsertTracks,
} from '@spindle/db';
import { waitFor } from '@spindle/testkit';
import type { Browser } from './support/browser.ts';
import { startGateway, type TestGateway } from './support/test-gateway.ts';

const COVER = 'data:image/png;base64,iVBORw0KGgo=';
let gateway: TestGateway;
let ann: Browser;
let visitor: Browser;
let annId: number;
let handle: string;
const fetched: string[] = [];

beforeAll(async () => {
  gateway = await startGateway();
  ann = await gateway.signedIn('ann');
  visitor = gateway.browser();
  const user = await gateway.db.prisma.user.findFirstOrThrow({ where: { displayName: 'Ann Example' } });
  annId = user.id;
  handle = user.handle;
  await gateway.work({
    async artwork(_context, { urls }) {
      fetched.push(...urls);
      for (const url of urls) await gateway.context.artworkCache.store(url, COVER);
      return { stored: urls.length, refused: 0 };
    },
  });
});
afterAll(() => gateway.stop());

const track = (name: string) => ({
  spotifyId: name.padEnd(22, '0'),
  name,
  durationMs: 200_000,
  explicit: false,
  isrc: null,
  discNumber: 1,
  trackNumber: 1,
  artists: [{ spotifyId: `artist-${name}`, name: `Artist of ${name}` }],
  album: {
    spotifyId: `album-${name}`,
    name: `Album of ${name}`,
    albumType: 'album',
    releaseDate: '2020',
    releaseDatePrecision: 'year',
    totalTracks: 1,
    images: [640, 300, 64].map((width) => ({
      url: `https://i.scdn.co/image/${name}-${width}`,
      width,
      height: width,
    })),
    artists: [{ spotifyId: `artist-${name}`, name: `Artist of ${name}` }],
  },
});

/** Ann plays a track at this moment, and has played it three times before. */
async function annPlays(name: string): Promise<void> {
  const now = new Date();
  await gateway.db.transaction(async (tx) => {
    const ids = await upsertTracks(tx, [track(name)], now);
    const trackId = ids.get(track(name).spotifyId) ?? 0;
    await ingestPlays(
      tx,
      annId,
      [1, 2, 3].map((hours) => {
        const endedAt = now.getTime() - hours * 3_600_000;
        return {
          trackId,
          source: 'recently-played' as const,
          startedAt: endedAt - 200_000,
          endedAt,
          msPlayed: null,
          durationMs: 200_000,
        };
      }),
    );
    await savePlayerReading(
      tx,
      annId,
      {
        kind: 'track',
        isPlaying: true,
        trackId,
        title: null,
        subtitle: null,
        durationMs: 200_000,
        progressMs: 20_000,
        observedAt: now,
        deviceName: 'Kitchen',
        deviceType: 'Speaker',
        isPrivate: false,
        contextUri: null,
      },
      null,
    );
  });
  await recountIfStale(gateway.db, annId, now);
}

/** Each address is new to the gateway, which keeps answers for some seconds. */
let asked = 0;
const fresh = (path: string) => `${path}${path.includes('?') ? '&' : '?'}v=${++asked}`;
const card = (path: string, browser = visitor) => browser.ask(fresh(path));

async function newLink(name: string): Promise<{ id: string; key: string }> {
  const { json, status } = await ann.ask('/api/widgets', { body: { name } });
  expect(status).toBe(201);
  return json;
}

describe('a card', () => {
  it('shows what plays, with its cover inside, to whoever has the key, until it is taken back', async () => {
    await annPlays('one');
    const { id, key } = await newLink('my profile');
    const answer = await card(`/api/widgets/${key}/now-playing.svg`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('image/svg+xml; charset=utf-8');
    expect(answer.text).toContain('Artist of one');
    expect(answer.text).toContain(COVER);
    expect(answer.text).not.toMatch(/scdn|<script/);
    // Twice what is shown is sharp enough; the largest image would only be slow.
    expect(fetched).toEqual(['https://i.scdn.co/image/one-300']);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(answer.headers.get('x-frame-options')).toBeNull();
    expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);

    const json = await visitor.ask(`/api/widgets/${key}/now-playing`);
    expect(json.json).toMatchObject({ isPlaying: true, track: { name: 'one' }, user: { handle } });

    expect((await ann.ask('/api/widgets')).json.items).toMatchObject([{ id, key, name: 'my profile' }]);
    expect((await ann.ask(`/api/widgets/${id}`, { method: 'DELETE' })).status).toBe(204);
    const gone = await card(`/api/widgets/${key}/now-playing.svg`);
    expect(gone.status).toBe(200);
    expect(gone.text).not.toContain('Artist of one');
    // What was told a moment ago is told to others for that moment.
    await waitFor(async () => (await visitor.ask(`/api/widgets/${key}/now-playing`)).status === 404, {
      what: 'the data of a link that was taken back to be gone',
      timeoutMs: 5_000,
    });
  });

  it.each(['recently-played', 'top-tracks', 'top-artists', 'grid', 'summary', 'streak'])(
    'is drawn of every kind: %s',
    async (kind) => {
      const { key } = await newLink(kind);
      const answer = await card(`/api/widgets/${key}/${kind}.svg?range=all&theme=terminal`);
      expect(answer.status).toBe(200);
      expect(answer.text).toMatch(/^<svg[\s\S]*<\/svg>\s*$/);
      expect(answer.text).toContain('Ann Example');
    },
  );

  it('is told by its tag, and made once for all who ask within seconds', async () => {
    const { key } = await newLink('tag');
    const path = fresh(`/api/widgets/${key}/streak.svg`);
    const first = await visitor.ask(path);
    const tag = first.headers.get('etag') ?? '';
    expect(first.headers.get('cache-control')).toBe('public, max-age=300, s-maxage=300, must-revalidate');
    const again = await visitor.ask(path, { headers: { 'if-none-match': tag } });
    expect([again.status, again.text]).toEqual([304, '']);
    expect((await visitor.ask(path)).text).toBe(first.text);
  });

  it('of a handle shows only what its listener shows to anybody', async () => {
    const at = (kind: string) => card(`/api/users/${handle}/${kind}.svg`);
    for (const kind of ['now-playing', 'recently-played', 'top-tracks', 'summary']) {
      const hidden = await at(kind);
      expect([kind, hidden.status, hidden.text.includes('Artist of one')]).toEqual([kind, 200, false]);
    }
    const now = new Date();
    await startShare(gateway.db, annId, null, now);
    expect((await at('now-playing')).text).toContain('Artist of one');
    expect((await at('top-tracks')).text).not.toContain('Artist of one');
    await stopShare(gateway.db.pool, annId, new Date());
    expect((await at('now-playing')).text).not.toContain('Artist of one');
    await gateway.db.prisma.user.update({
      where: { id: annId },
      data: { publicProfile: true, publicHistory: true, publicStats: true },
    });
    expect((await at('recently-played')).text).toContain('Artist of one');
    expect((await at('top-tracks')).text).toContain('Artist of one');
    await gateway.db.prisma.user.update({
      where: { id: annId },
      data: { publicProfile: false, publicHistory: false, publicStats: false },
    });
  });

  it('of the owner needs nothing, and so do its other names', async () => {
    await saveSettings(gateway.db, { ownerUserId: annId }, new Date());
    for (const path of ['/api/now-playing.svg', '/spotify/now-playing.svg']) {
      expect((await card(path)).text).toContain('Artist of one');
    }
    for (const path of ['/dashboard/grid.svg', '/dashboard/grid']) {
      const grid = await card(path);
      expect([grid.status, grid.headers.get('content-type')]).toEqual([200, 'image/svg+xml; charset=utf-8']);
    }
  });

  it.each([
    ['a key that never was', '/api/widgets/aaaaaaaaaaaaaaaaaaaaaa/now-playing.svg'],
    ['a key that cannot be', '/api/widgets/%00/now-playing.svg'],
    ['nobody', '/api/users/nobody-of-this-name/now-playing.svg'],
    ['a handle that cannot be', '/api/users/%F0%9F%8E%B5%00/now-playing.svg'],
    ['no kind', '/api/users/ann/holiday.svg'],
    ['an option that is none', '/api/now-playing.svg?colour=red'],
    ['a wrong option', '/api/now-playing.svg?width=9999999&theme=nope'],
    ['an option twice', '/api/now-playing.svg?theme=dark&theme=light'],
  ])('is a picture that says what is wrong for %s', async (_what, path) => {
    const answer = await card(path);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'image/svg+xml; charset=utf-8',
    ]);
    expect(answer.text).toMatch(/^<svg[\s\S]*<\/svg>\s*$/);
    expect(answer.text).not.toContain('Artist of one');
  });
});

describe('an embedded card', () => {
  it('is a page without script for any frame, and oEmbed finds it', async () => {
    const { key } = await newLink('site');
    const page = await card(`/embed/${key}/summary?theme=dark`);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toMatch(/frame-ancestors \*/);
    expect(page.text).toMatch(/<svg/);
    expect(page.text).not.toMatch(/<script|javascript:/i);
    for (const path of [`/embed/${key}/summary?theme=dark`, `/api/widgets/${key}/summary.svg?theme=dark`]) {
      const url = encodeURIComponent(`${gateway.url}${path}`);
      const { json } = await visitor.ask(`/oembed?url=${url}&maxwidth=300`);
      expect(json).toMatchObject({ version: '1.0', type: 'rich', width: 300 });
      expect(json.html).toContain(`${gateway.url}/embed/${key}/summary?theme=dark`);
    }
    const foreign = encodeURIComponent('https://example.org/embed/aaaaaaaaaaaaaaaaaaaaaa/summary');
    expect((await visitor.ask(`/oembed?url=${foreign}`)).status).toBe(404);
  });
});
