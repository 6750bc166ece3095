import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Listen } from '@spindle/contracts';
import { createTestDatabase, type TestDatabase } from '@spindle/testkit';
import {
  createDatabase,
  type Database,
  ingestPlays,
  ScrobbleRefused,
  sourcesIn,
  storeScrobbles,
  upsertTracks,
} from '../src/index.ts';
import { rollupsAndRecount } from './support/rollups.ts';

const NOW = new Date('2026-11-01T12:00:00Z');
const KNOWN_ID = '4uLU6hMCjMI75M1A2tKUQC';
const OTHER_ID = '7ouMYWpwJ422jRcDASZB7P';
let store: TestDatabase;
let db: Database;

beforeAll(async () => {
  store = await createTestDatabase();
  db = createDatabase({ url: store.url });
  const artist = { spotifyId: '0gxyHStUsqpMadRV0Di1Qt', name: 'Rick Astley' };
  const known = {
    spotifyId: KNOWN_ID,
    name: 'Never Gonna Give You Up',
    durationMs: 213_000,
    explicit: false,
    isrc: null,
    discNumber: 1,
    trackNumber: 1,
    artists: [artist],
    album: null,
  };
  await db.transaction((tx) => upsertTracks(tx, [known], NOW));
});
afterAll(async () => {
  await db.close();
  await store.drop();
});

async function listener(name: string): Promise<number> {
  const { id } = await db.prisma.user.create({
    data: { accountId: name, spotifyId: name, handle: name, displayName: name, timeZone: 'UTC' },
  });
  return id;
}

const seconds = (iso: string): number => Date.parse(iso) / 1_000;

function listen(startedAt: string, names: [track: string, artist: string], info: object = {}): Listen {
  return {
    listened_at: seconds(startedAt),
    track_metadata: { track_name: names[0], artist_name: names[1], additional_info: { ...info } },
  };
}

const RICK: [string, string] = ['Never Gonna Give You Up', 'Rick Astley'];

async function playsOf(userId: number) {
  const { rows } = await db.pool.query<{
    name: string;
    spotify_id: string | null;
    played_at: Date;
    ended_at: Date;
    ms_played: number | null;
    seen_by: number;
    device: string | null;
  }>(
    `SELECT t.name, t.spotify_id, p.played_at, p.ended_at, p.ms_played, p.seen_by, d.name AS device
       FROM plays p JOIN tracks t ON t.id = p.track_id LEFT JOIN play_devices d ON d.id = p.device_id
      WHERE p.user_id = $1 ORDER BY p.played_at, t.name`,
    [userId],
  );
  return rows.map((row) => ({
    track: row.name,
    spotifyId: row.spotify_id,
    from: row.played_at.toISOString(),
    seconds: (row.ended_at.getTime() - row.played_at.getTime()) / 1_000,
    msPlayed: row.ms_played,
    seenBy: sourcesIn(row.seen_by),
    device: row.device,
  }));
}

describe('storing what players submit', () => {
  it('takes the track from Spotify’s address where there is one, else from the names', async () => {
    const userId = await listener('names');
    const listens = [
      listen('2026-11-01T10:00:00Z', RICK, { media_player: 'Rhythmbox', submission_client: 'plugin' }),
      listen('2026-11-01T10:10:00Z', ['Mr. Brightside', 'The Killers'], {
        origin_url: `https://open.spotify.com/intl-de/track/${OTHER_ID}?si=abc`,
        duration_ms: 222_973,
        duration: 1,
      }),
      listen('2026-11-01T10:20:00Z', ['A demo', 'Nobody'], { duration: 90, duration_played: 61.5 }),
      listen('2026-11-01T10:40:00Z', ['Silence\u0000', 'Nobody'], { spotify_id: 'spotify:album:x' }),
    ];
    expect(await storeScrobbles(db, userId, listens, NOW)).toEqual({ stored: 4, merged: 0, duplicates: 0 });
    // The length is known from the listen before.
    const later = listen('2026-11-01T10:30:00Z', ['A demo', 'Nobody'], {
      submission_client: 'mpd',
      duration: 'long',
    });
    expect(await storeScrobbles(db, userId, [later], NOW)).toMatchObject({ stored: 1 });
    const seenBy = ['scrobble'];
    expect(await playsOf(userId)).toEqual([
      {
        track: RICK[0],
        spotifyId: KNOWN_ID,
        from: '2026-11-01T10:00:00.000Z',
        seconds: 213,
        msPlayed: null,
        seenBy,
        device: 'Rhythmbox',
      },
      {
        track: 'Mr. Brightside',
        spotifyId: OTHER_ID,
        from: '2026-11-01T10:10:00.000Z',
        seconds: 222.973,
        msPlayed: null,
        seenBy,
        device: null,
      },
      {
        track: 'A demo',
        spotifyId: null,
        from: '2026-11-01T10:20:00.000Z',
        seconds: 61.5,
        msPlayed: 61_500,
        seenBy,
        device: null,
      },
      {
        track: 'A demo',
        spotifyId: null,
        from: '2026-11-01T10:30:00.000Z',
        seconds: 90,
        msPlayed: null,
        seenBy,
        device: 'mpd',
      },
      {
        track: 'Silence',
        spotifyId: null,
        from: '2026-11-01T10:40:00.000Z',
        seconds: 0,
        msPlayed: null,
        seenBy,
        device: null,
      },
    ]);
    const { kept, recounted } = await rollupsAndRecount(db, userId);
    expect(kept).toEqual(recounted);
  });

  it('changes nothing when it is told again, whole or in part', async () => {
    const userId = await listener('again');
    const listens = [
      listen('2026-11-01T10:00:00Z', RICK),
      listen('2026-11-01T10:03:40Z', RICK),
      listen('2026-11-01T10:10:00Z', ['A demo', 'Nobody']),
    ];
    await storeScrobbles(db, userId, listens, NOW);
    const before = await playsOf(userId);
    expect(before).toHaveLength(3);
    expect(await storeScrobbles(db, userId, listens, NOW)).toEqual({ stored: 0, merged: 0, duplicates: 3 });
    expect(await storeScrobbles(db, userId, listens.slice(1, 2), NOW)).toMatchObject({ stored: 0 });
    expect(await playsOf(userId)).toEqual(before);
  });

  it('is one play with what Spotify told of the same listen', async () => {
    const userId = await listener('both');
    const trackId = (await db.prisma.track.findFirstOrThrow({ where: { spotifyId: KNOWN_ID } })).id;
    const startedAt = Date.parse('2026-11-01T10:00:03Z');
    const endedAt = startedAt + 213_000;
    await db.transaction((tx) =>
      ingestPlays(tx, userId, [
        { trackId, source: 'recently-played', startedAt, endedAt, msPlayed: null, durationMs: 213_000 },
      ]),
    );
    const told = [listen('2026-11-01T10:00:00Z', RICK, { media_player: 'Spotify' })];
    expect(await storeScrobbles(db, userId, told, NOW)).toEqual({ stored: 0, merged: 1, duplicates: 0 });
    expect(await playsOf(userId)).toMatchObject([
      { seenBy: ['recently-played', 'scrobble'], spotifyId: KNOWN_ID },
    ]);
  });

  it.each([
    ['without a start', { track_metadata: { track_name: 'x', artist_name: 'y' } }, 'listened_at', /missing/],
    ['before scrobbling existed', listen('2002-09-30T23:59:59Z', RICK), 'listened_at', /2002-10-01/],
    ['in the future', listen('2026-11-01T12:11:00Z', RICK), 'listened_at', /future/],
    [
      'in milliseconds',
      { ...listen('2026-11-01T10:00:00Z', RICK), listened_at: NOW.getTime() },
      'listened_at',
      /future/,
    ],
    ['with a name of nothing', listen('2026-11-01T10:00:00Z', ['\u0000', 'y']), 'track_metadata', /name/],
  ])('stores nothing with a listen %s among others, and says which', async (what, bad, field, words) => {
    const userId = await listener(`bad-${what.replaceAll(' ', '-')}`);
    const good = listen('2026-11-01T10:00:00Z', RICK);
    const attempt = storeScrobbles(db, userId, [good, bad, good], NOW).catch((error: unknown) => error);
    const error = (await attempt) as ScrobbleRefused;
    expect(error).toBeInstanceOf(ScrobbleRefused);
    expect(error).toMatchObject({ index: 1, field, message: expect.stringMatching(words) });
    expect(await playsOf(userId)).toEqual([]);
  });

  it('takes a player whose clock is some minutes ahead', async () => {
    const userId = await listener('ahead');
    expect(await storeScrobbles(db, userId, [listen('2026-11-01T12:09:00Z', RICK)], NOW)).toMatchObject({
      stored: 1,
    });
  });
});
