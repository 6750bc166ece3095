import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@spindle/testkit';
import {
  beginErasure,
  changePlays,
  changeUserSettings,
  consentEndsAt,
  createApiToken,
  createDatabase,
  currentShare,
  type Database,
  decodePlayCursor,
  decodePlayId,
  encodePlayCursor,
  exportUser,
  findApiToken,
  findOwner,
  findSharing,
  freeHandle,
  GRAIN,
  handleFrom,
  ingestPlays,
  KIND,
  LATEST_MIGRATION,
  listPlays,
  loadSettings,
  loadUserView,
  recountIfStale,
  requireMigrations,
  saveSettings,
  signInUser,
  startShare,
  stopShare,
  type TrackItem,
  upsertTracks,
} from '../src/index.ts';

const NOW = new Date('2026-11-01T12:00:00Z');
const MINUTE = 60_000;
let store: TestDatabase;
let db: Database;

beforeAll(async () => {
  store = await createTestDatabase();
  db = createDatabase({ url: store.url });
});
afterAll(async () => {
  await db.close();
  await store.drop();
});

const account = (id: string, displayName: string | null = id, accountId: string | null = `acc-${id}`) => ({
  accountId,
  spotifyId: id,
  displayName,
  imageUrl: null,
});

async function signIn(id: string, displayName?: string): Promise<number> {
  const outcome = await db.transaction((tx) => signInUser(tx, account(id, displayName ?? id), NOW));
  if (!outcome.ok) throw new Error(outcome.reason);
  return outcome.userId;
}

function trackItem(spotifyId: string, name: string, artist: string, album: string): TrackItem {
  const by = { spotifyId: `artist-${artist}`, name: artist };
  return {
    spotifyId,
    name,
    durationMs: 3 * MINUTE,
    explicit: null,
    isrc: null,
    discNumber: null,
    trackNumber: null,
    artists: [by],
    album: {
      spotifyId: `album-${album}`,
      name: album,
      albumType: 'album',
      releaseDate: null,
      releaseDatePrecision: null,
      totalTracks: null,
      images: [],
      artists: [by],
    },
  };
}

/** Plays the given tracks one after another, three minutes each, from `from` on. */
async function listen(userId: number, items: readonly TrackItem[], from: Date): Promise<void> {
  await db.transaction(async (tx) => {
    const ids = await upsertTracks(tx, items, NOW);
    await ingestPlays(
      tx,
      userId,
      items.map((item, index) => {
        const startedAt = from.getTime() + index * 3 * MINUTE;
        return {
          trackId: ids.get(item.spotifyId) ?? 0,
          source: 'recently-played' as const,
          startedAt,
          endedAt: startedAt + 3 * MINUTE,
          msPlayed: null,
          durationMs: 3 * MINUTE,
        };
      }),
    );
  });
}

describe('users', () => {
  it('makes the first the admin, whoever comes at the same moment, and gives each a handle of its own', async () => {
    const ids = await Promise.all(
      ['Zoë Müller', 'Zoë Müller', '東京', 'Zoë  Müller!'].map((name, index) =>
        signIn(`first-${index}`, name),
      ),
    );
    const users = await db.prisma.user.findMany({ where: { id: { in: ids } } });
    expect(users.filter((user) => user.isAdmin)).toHaveLength(1);
    expect(users.map((user) => user.handle).sort()).toEqual([
      'listener',
      'zoe-muller',
      'zoe-muller-2',
      'zoe-muller-3',
    ]);
    expect(await findOwner(db)).toBe(users.find((user) => user.isAdmin)?.id);
  });

  it('knows an account again that was stored before it had an account id, and keeps the chosen name', async () => {
    const before = await db.transaction((tx) => signInUser(tx, account('old', 'Old', null), NOW));
    const id = before.ok ? before.userId : 0;
    await changeUserSettings(db, id, { displayName: 'Chosen' });
    const after = await db.transaction((tx) => signInUser(tx, account('old', 'Old', 'acc-real'), NOW));
    expect(after).toMatchObject({ ok: true, userId: id, isNew: false });
    const user = await db.prisma.user.findUniqueOrThrow({ where: { id } });
    expect(user).toMatchObject({ accountId: 'acc-real', displayName: 'Chosen' });
  });

  it('lets nobody new in while registration is closed, and lets everybody else in', async () => {
    const known = await signIn('known');
    await saveSettings(db, { registration: 'closed' }, NOW);
    try {
      const stranger = await db.transaction((tx) => signInUser(tx, account('stranger'), NOW));
      expect(stranger).toEqual({ ok: false, reason: 'registration-closed' });
      expect(await signIn('known')).toBe(known);
    } finally {
      await saveSettings(db, { registration: 'open' }, NOW);
    }
  });

  it('refuses a taken handle and an unknown artist, and then changes nothing at all', async () => {
    const userId = await signIn('careful');
    await signIn('other', 'Taken');
    expect(await changeUserSettings(db, userId, { handle: 'taken', timeZone: 'Asia/Tokyo' })).toEqual({
      ok: false,
      reason: 'handle-taken',
    });
    expect(await changeUserSettings(db, userId, { liveCapture: true, hiddenArtists: [999_999] })).toEqual({
      ok: false,
      reason: 'unknown-artist',
      artistId: 999_999,
    });
    const user = await db.prisma.user.findUniqueOrThrow({ where: { id: userId } });
    expect(user).toMatchObject({ timeZone: 'UTC', liveCapture: false });
  });

  it('counts the days anew when the time zone changes', async () => {
    const userId = await signIn('traveller');
    await listen(userId, [trackItem('tz1', 'Night', 'A', 'B')], new Date('2026-10-01T23:30:00Z'));
    await changeUserSettings(db, userId, { timeZone: 'Asia/Tokyo' });
    expect(await recountIfStale(db, userId, NOW)).toBe(true);
    const days = await db.prisma.playPeriod.findMany({
      where: { userId, grain: GRAIN.day, kind: KIND.total },
    });
    expect(days.map((day) => day.period.toISOString().slice(0, 10))).toEqual(['2026-10-02']);
  });

  it('takes tokens and shares away at once when an erasure begins', async () => {
    const userId = await signIn('leaving');
    await createApiToken(db, userId, {
      text: 'spn_x',
      name: 'x',
      scopes: ['read'],
      expiresAt: null,
      now: NOW,
    });
    await startShare(db, userId, null, NOW);
    await beginErasure(db, userId, NOW);
    expect(await findApiToken(db, 'spn_x', NOW)).toBeNull();
    expect(await currentShare(db.pool, userId, NOW)).toBeNull();
    expect(await db.transaction((tx) => signInUser(tx, account('leaving'), NOW))).toEqual({
      ok: false,
      reason: 'erasing',
    });
  });
});

describe('handles', () => {
  it.each([
    ['Ann Example', 'ann-example'],
    ['ÀÉÎõü', 'aeiou'],
    ['🎧', 'listener'],
    ['x', 'listener'],
    ['a'.repeat(60), 'a'.repeat(27)],
  ])('%s suggests %s', (name, handle) => expect(handleFrom(name)).toBe(handle));

  it('counts upwards past what is taken', () => {
    expect(freeHandle('ann', new Set(['ann', 'ann-2']))).toBe('ann-3');
  });
});

describe('consent', () => {
  it.each([
    ['2026-01-15T10:00:00.000Z', '2026-07-15T10:00:00.000Z'],
    ['2026-08-31T10:00:00.000Z', '2027-02-28T10:00:00.000Z'],
  ])('of %s ends at %s', (from, to) => expect(consentEndsAt(new Date(from)).toISOString()).toBe(to));
});

describe('shares', () => {
  it('end by themselves, can be extended, and are one at a time', async () => {
    const userId = await signIn('sharer', 'Sharer');
    await startShare(db, userId, new Date(NOW.getTime() + MINUTE), NOW);
    expect(await findSharing(db, 'sharer', NOW)).toBe(userId);
    const later = new Date(NOW.getTime() + 2 * MINUTE);
    expect(await findSharing(db, 'sharer', later)).toBeNull();
    await startShare(db, userId, null, later);
    await startShare(db, userId, new Date(later.getTime() + MINUTE), later);
    expect(await currentShare(db.pool, userId, later)).toMatchObject({ startedAt: later });
    await stopShare(db.pool, userId, later);
    expect(await findSharing(db, 'sharer', later)).toBeNull();
    expect(await db.prisma.share.count({ where: { userId, endedAt: null } })).toBe(0);
  });
});

describe('API tokens', () => {
  it('are found by their text until they expire, and are stored as a hash', async () => {
    const userId = await signIn('tokens');
    const expiresAt = new Date(NOW.getTime() + MINUTE);
    await createApiToken(db, userId, {
      text: 'spn_secret',
      name: 'n',
      scopes: ['read', 'read'],
      expiresAt,
      now: NOW,
    });
    expect(await findApiToken(db, 'spn_secret', NOW)).toMatchObject({ userId, scopes: ['read'] });
    expect(await findApiToken(db, 'spn_secret', expiresAt)).toBeNull();
    expect(await findApiToken(db, 'spn_other', NOW)).toBeNull();
    const row = await db.prisma.apiToken.findFirstOrThrow({ where: { userId } });
    expect(Buffer.from(row.hash).toString()).not.toContain('spn_secret');
    expect(row.lastUsedAt).toEqual(NOW);
  });
});

describe('settings', () => {
  it('have defaults, and forget nothing but what is changed', async () => {
    await saveSettings(db, { feedPublic: false }, NOW);
    expect(await saveSettings(db, { ownerUserId: 7 }, NOW)).toEqual({
      registration: 'open',
      feedPublic: false,
      name: null,
      ownerUserId: 7,
      ownerTokenHash: null,
    });
    await db.pool.query(`UPDATE settings SET value = '"nonsense"' WHERE key = 'feedPublic'`);
    expect((await loadSettings(db.pool)).feedPublic).toBe(true);
    await saveSettings(db, { ownerUserId: null }, NOW);
  });
});

describe('the list of plays', () => {
  const items = Array.from({ length: 7 }, (_, index) =>
    trackItem(
      `list-${index}`,
      `Song ${index}`,
      index % 2 ? 'Odd Ones' : 'Even Ones',
      index < 4 ? 'First' : '100%_Second',
    ),
  );
  const from = new Date('2026-10-10T10:00:00Z');
  let userId: number;

  beforeAll(async () => {
    userId = await signIn('lister');
    await listen(userId, items, from);
  });

  it('comes newest first, page by page, without a hole or a repetition', async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const after = cursor === null ? undefined : (decodePlayCursor(cursor) ?? undefined);
      const page = await listPlays(db, { userId, limit: 3, after });
      seen.push(...page.items.map((play) => play.track.name));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual(['Song 6', 'Song 5', 'Song 4', 'Song 3', 'Song 2', 'Song 1', 'Song 0']);
  });

  it('can be narrowed by time, track, artist, album and words', async () => {
    const names = async (filter: object) =>
      (await listPlays(db, { userId, limit: 50, ...filter })).items.map((play) => play.track.name);
    const { items: all } = await listPlays(db, { userId, limit: 50 });
    const song = all.find((play) => play.track.name === 'Song 5')?.track;
    expect(await names({ trackId: Number(song?.id) })).toEqual(['Song 5']);
    expect(await names({ artistId: Number(song?.artists[0]?.id) })).toEqual(['Song 5', 'Song 3', 'Song 1']);
    expect(await names({ albumId: Number(song?.album?.id) })).toEqual(['Song 6', 'Song 5', 'Song 4']);
    expect(await names({ words: 'ODD  song' })).toEqual(['Song 5', 'Song 3', 'Song 1']);
    expect(await names({ words: '100%_' })).toEqual(['Song 6', 'Song 5', 'Song 4']);
    expect(await names({ words: '%' })).toEqual(['Song 6', 'Song 5', 'Song 4']);
    expect(
      await names({ from: new Date(from.getTime() + 3 * MINUTE), to: new Date(from.getTime() + 9 * MINUTE) }),
    ).toEqual(['Song 2', 'Song 1']);
  });

  it('shows each gap on the page in which it ends', async () => {
    const gap = { fromAt: new Date(from.getTime() + MINUTE), toAt: new Date(from.getTime() + 7 * MINUTE) };
    await db.prisma.captureGap.create({ data: { userId, ...gap } });
    const first = await listPlays(db, { userId, limit: 3 });
    const second = await listPlays(db, {
      userId,
      limit: 4,
      after: decodePlayCursor(first.nextCursor ?? '') ?? undefined,
    });
    expect(first.gaps).toEqual([]);
    expect(second.gaps).toEqual([{ from: gap.fromAt.toISOString(), to: gap.toAt.toISOString() }]);
    expect((await listPlays(db, { userId, limit: 50, words: 'odd' })).gaps).toEqual([]);
  });

  it('never shows a removed play again, whatever tells it anew', async () => {
    const other = await signIn('remover');
    await listen(other, items.slice(0, 2), from);
    const [, first] = (await listPlays(db, { userId: other, limit: 5 })).items;
    const key = decodePlayId(first?.id ?? '');
    if (!key) throw new Error('no play');
    expect(await changePlays(db, userId, 'delete', [{ ...key, playedAt: new Date(0) }], NOW)).toBe(0);
    expect(await changePlays(db, other, 'delete', [key], NOW)).toBe(1);
    expect(await changePlays(db, other, 'delete', [key], NOW)).toBe(0);
    await listen(other, items.slice(0, 2), from);
    expect((await listPlays(db, { userId: other, limit: 5 })).items.map((play) => play.track.name)).toEqual([
      'Song 1',
    ]);
    const total = await db.prisma.playPeriod.findFirst({
      where: { userId: other, grain: GRAIN.all, kind: KIND.total },
    });
    expect(total?.plays).toBe(1);
    // Somebody else's play of the same moment is untouched.
    expect((await listPlays(db, { userId, limit: 50 })).items).toHaveLength(7);
  });

  it('takes no text for a cursor but its own', () => {
    const key = { playedAt: from, trackId: 3 };
    expect(decodePlayCursor(encodePlayCursor(key))).toEqual(key);
    for (const text of [
      '',
      'x',
      'ä',
      Buffer.from('p1:').toString('base64url'),
      Buffer.from('q1:a-b').toString('base64url'),
    ]) {
      expect(decodePlayCursor(text)).toBeNull();
    }
  });

  it('is whole in the export, with nothing secret beside it', async () => {
    await createApiToken(db, userId, {
      text: 'spn_canary',
      name: 'n',
      scopes: ['read'],
      expiresAt: null,
      now: NOW,
    });
    const files = new Map<string, unknown[]>();
    for (const file of exportUser(db, userId)) {
      const rows: unknown[] = [];
      for await (const row of file.rows()) rows.push(row);
      files.set(file.name, rows);
    }
    expect(files.get('plays.ndjson')).toHaveLength(7);
    expect(files.get('profile.ndjson')).toMatchObject([{ spotifyId: 'lister' }]);
    expect(files.get('api-tokens.ndjson')).toHaveLength(1);
    expect(JSON.stringify([...files.values()])).not.toMatch(/hash|refresh_token|spn_canary/);
  });

  it('counts in the profile', async () => {
    const view = await loadUserView(db, userId, ['a'], NOW);
    expect(view).toMatchObject({
      capture: { plays: 7, gaps: 1 },
      connection: { connected: false },
      sharing: false,
    });
    expect(await loadUserView(db, 999_999, [], NOW)).toBeNull();
  });
});

describe('migrations', () => {
  it('are checked up to the newest there is', async () => {
    const folder = new URL('../../../prisma/migrations/', import.meta.url);
    const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(
      names
        .map((entry) => entry.name)
        .sort()
        .at(-1),
    ).toBe(LATEST_MIGRATION);
    await expect(requireMigrations(db)).resolves.toBeUndefined();
  });
});
