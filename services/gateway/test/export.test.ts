import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { playlistRequestSchema } from '@spindle/contracts';
import {
  contextIds,
  createPlaylistOperation,
  createPlaylistSchedule,
  deviceIds,
  ingestPlays,
  PLAY_FLAGS,
  upsertTracks,
} from '@spindle/db';
import { waitFor } from '@spindle/testkit';
import type { Browser } from './support/browser.ts';
import { startGateway, type TestGateway } from './support/test-gateway.ts';
import { unzip } from './support/unzip.ts';

const NOW = new Date('2026-11-01T12:00:00Z');
const DAY = '2026-03-01T10:00:00.000Z';
let gateway: TestGateway;
let ann: Browser;
let bob: Browser;
let annId: number;
let bobId: number;

beforeAll(async () => {
  gateway = await startGateway();
  [ann, bob] = [await gateway.signedIn('ann'), await gateway.signedIn('bob')];
  annId = Number((await ann.ask('/api/user')).json.id);
  bobId = Number((await bob.ask('/api/user')).json.id);
  await storeHistory();
});
afterAll(() => gateway.stop());

/** Ann's: a measured play with everything, one hidden by hand, and one of which only a name is known. */
async function storeHistory(): Promise<void> {
  const artists = [
    { spotifyId: 'artist1', name: 'Simon & "Art"' },
    { spotifyId: 'artist2', name: 'Ünder, Score' },
  ];
  const album = { name: '=SUM(1)', albumType: 'album', releaseDate: '2020', releaseDatePrecision: 'year' };
  await gateway.db.transaction(async (tx) => {
    const item = {
      spotifyId: 'track1',
      name: 'First\nLine',
      durationMs: 180_000,
      explicit: false,
      isrc: 'DEXX12345678',
      discNumber: 1,
      trackNumber: 1,
      artists,
      album: { ...album, spotifyId: 'album1', totalTracks: 1, images: [], artists },
    };
    const ids = await upsertTracks(tx, [item], NOW);
    const trackId = ids.get('track1') ?? 0;
    const { rows } = await tx.query<{ id: number }>(
      `INSERT INTO tracks (name, name_key, artist_key) VALUES ('Only a Name', 'only a name', 'nobody') RETURNING id`,
    );
    const context = (await contextIds(tx, ['spotify:playlist:p'])).get('spotify:playlist:p') ?? null;
    const device = (await deviceIds(tx, ['Kitchen'])).get('Kitchen') ?? null;
    const at = Date.parse(DAY);
    const play = (startedAt: number, ms: number) => ({
      startedAt,
      endedAt: startedAt + ms,
      durationMs: 180_000,
    });
    await ingestPlays(tx, annId, [
      {
        ...play(at, 175_123),
        trackId,
        source: 'live',
        msPlayed: 175_123,
        contextId: context,
        deviceId: device,
        flags: PLAY_FLAGS.shuffle,
      },
      { ...play(at + 600_000, 90_000), trackId, source: 'live', msPlayed: 90_000, flags: PLAY_FLAGS.hidden },
      { ...play(at + 900_000, 0), trackId: rows[0]?.id ?? 0, source: 'scrobble', msPlayed: null },
    ]);
  });
}

const FIRST = {
  playedAt: DAY,
  endedAt: '2026-03-01T10:02:55.123Z',
  msPlayed: 175_123,
  source: 'live',
  seenBy: ['live'],
  flags: { shuffle: true, skipped: false, offline: false, hidden: false },
  contextUri: 'spotify:playlist:p',
  device: 'Kitchen',
  track: {
    spotifyId: 'track1',
    name: 'First\nLine',
    durationMs: 180_000,
    isrc: 'DEXX12345678',
    artists: [
      { name: 'Simon & "Art"', spotifyId: 'artist1' },
      { name: 'Ünder, Score', spotifyId: 'artist2' },
    ],
    album: { name: '=SUM(1)', spotifyId: 'album1' },
  },
};

const REQUEST = playlistRequestSchema.parse({ kind: 'shuffle', playlistId: 'liked', mode: 'spread' });
const SHUFFLE = {
  sourceId: 'liked',
  sourceName: 'Liked Songs',
  mode: 'spread' as const,
  seed: 'e'.repeat(32),
  name: 'Mine',
  target: 'refresh',
  request: REQUEST,
  leftOut: { local: 2 },
};

/** Ann's: a schedule, an operation that it began, and how often a track was shuffled. */
async function storeShuffles(trackId: number): Promise<void> {
  const { db } = gateway;
  const scheduleId = await createPlaylistSchedule(
    db,
    { userId: annId, sourceName: 'Liked Songs', request: REQUEST, pattern: '0 7 * * 1', nextAt: NOW },
    NOW,
  );
  await createPlaylistOperation(db.pool, { ...SHUFFLE, userId: annId, scheduleId }, NOW);
  await db.prisma.shuffledTrack.create({ data: { userId: annId, trackId, times: 3 } });
}

const jsonLines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** Gives Bob this many plays, ten seconds apart, without measuring a thing. */
async function givePlays(count: number): Promise<void> {
  await gateway.db.pool.query('DELETE FROM plays WHERE user_id = $1', [bobId]);
  await gateway.db.pool.query(
    `INSERT INTO plays (user_id, played_at, track_id, ended_at, source, seen_by, flags)
     SELECT $1, timestamptz '2020-01-01 00:00Z' + n / 3 * interval '10 s', t.id + 0, timestamptz '2020-01-01 00:03Z' + n / 3 * interval '10 s', 0, 1, 0
       FROM generate_series(0, $2::int - 1) n
       JOIN LATERAL (SELECT id FROM tracks WHERE spotify_id LIKE 'many-%' ORDER BY id OFFSET n % 3 LIMIT 1) t ON true`,
    [bobId, count],
  );
}

describe('an export of plays', () => {
  it('as NDJSON holds everything, in the shape that an import reads, under a name that tells whose it is', async () => {
    const answer = await ann.ask('/api/export/plays');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-disposition')).toMatch(
      /^attachment; filename="spindle-ann-example-\d{4}-\d\d-\d\d\.ndjson"$/,
    );
    expect(answer.headers.get('cache-control')).toBe('private, no-store');
    const plays = jsonLines(answer.text);
    expect(plays[0]).toEqual(FIRST);
    expect(plays[1].flags.hidden).toBe(true);
    expect(plays[2].track).toEqual({
      spotifyId: null,
      name: 'Only a Name',
      durationMs: null,
      isrc: null,
      artists: [],
      album: null,
    });
    expect(plays).toHaveLength(3);
  });

  it('as CSV follows RFC 4180 and leaves every name as it is', async () => {
    const answer = await ann.ask('/api/export/plays?format=csv');
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    const [heading, ...rest] = answer.text.split('\r\n');
    expect(heading).toBe(
      '"played_at","ended_at","ms_played","track","artists","album","duration_ms","spotify_id","isrc","source","seen_by","context_uri","device","shuffle","skipped","offline","hidden"',
    );
    expect(rest[0]).toBe(
      '"2026-03-01T10:00:00.000Z","2026-03-01T10:02:55.123Z",175123,"First\nLine","Simon & ""Art""; Ünder, Score","=SUM(1)",180000,"track1","DEXX12345678","live","live","spotify:playlist:p","Kitchen","true","false","false","false"',
    );
    expect(rest).toHaveLength(4);
    expect(rest[3]).toBe('');
  });

  it('as ListenBrainz listens tells what counts, and neither devices nor what is hidden', async () => {
    const answer = await ann.ask('/api/export/plays?format=listenbrainz');
    // The track without an artist cannot be told, the hidden play must not be.
    expect(jsonLines(answer.text)).toEqual([
      {
        listened_at: Date.parse(DAY) / 1_000,
        track_metadata: {
          artist_name: 'Simon & "Art", Ünder, Score',
          track_name: 'First\nLine',
          release_name: '=SUM(1)',
          additional_info: {
            duration_ms: 180_000,
            isrc: 'DEXX12345678',
            spotify_id: 'https://open.spotify.com/track/track1',
            origin_url: 'https://open.spotify.com/track/track1',
            music_service: 'spotify.com',
            media_player: 'Spotify',
            submission_client: 'Spindle',
          },
        },
      },
    ]);
  });

  it('of nothing is an empty file, and a table still has its heading', async () => {
    expect((await bob.ask('/api/export/plays')).text).toBe('');
    expect((await bob.ask('/api/export/plays?format=csv')).text).toMatch(/^"played_at",.*"hidden"\r\n$/);
    expect((await bob.ask('/api/export/plays?format=xml')).status).toBe(400);
    expect((await gateway.browser().ask('/api/export/plays')).status).toBe(401);
  });

  it('has every play once across pages, also where plays share a start', async () => {
    await gateway.db.pool.query(
      `INSERT INTO tracks (spotify_id, name, name_key, artist_key)
       SELECT 'many-' || n, 'Many ' || n, 'many ' || n, 'x' FROM generate_series(1, 3) n`,
    );
    await givePlays(4_501);
    const keys = jsonLines((await bob.ask('/api/export/plays')).text).map(
      (play) => `${play.playedAt} ${play.track.spotifyId}`,
    );
    expect(keys).toHaveLength(4_501);
    expect(new Set(keys).size).toBe(4_501);
    expect(keys).toEqual([...keys].sort());
  });

  it('waits for a caller who reads slowly, and ends with one who leaves', async () => {
    await givePlays(60_000);
    let reads = 0;
    gateway.context.db.pool.on('acquire', () => {
      reads += 1;
    });
    const pending = httpRequest(`${gateway.url}/api/export/plays`, { headers: { cookie: bob.cookie } });
    pending.end();
    const [answer] = (await once(pending, 'response')) as [IncomingMessage];
    answer.pause();
    let before = -1;
    // It has stopped when a while brings no further read.
    await waitFor(
      async () => {
        const isStill = reads === before;
        before = reads;
        return isStill;
      },
      { everyMs: 400, timeoutMs: 20_000 },
    );
    // 30 pages of two reads each would be all; sockets hold a few.
    expect(reads).toBeLessThan(40);
    const stopped = reads;
    answer.destroy();
    await waitFor(() => gateway.context.db.pool.idleCount === gateway.context.db.pool.totalCount);
    expect(reads).toBeLessThanOrEqual(stopped + 2);
    expect(gateway.logs()).not.toContain('a request failed');
  });
});

describe('everything of mine', () => {
  it('holds the plays in the same shape, the corrections, and the relay without its token', async () => {
    const { db } = gateway;
    const [track, into] = await db.prisma.track.findMany({ take: 2 });
    const [trackId, intoId] = [track?.id ?? 0, into?.id ?? 0];
    const [artist, other] = await db.prisma.artist.findMany({ take: 2, orderBy: { id: 'asc' } });
    const pair = { artistId: artist?.id ?? 0, intoId: other?.id ?? 0, rootId: other?.id ?? 0 };
    await db.prisma.trackMerge.create({ data: { userId: annId, trackId, intoId, rootId: intoId } });
    await db.prisma.artistAlias.create({ data: { userId: annId, ...pair } });
    await db.prisma.exclusionRule.create({ data: { userId: annId, kind: 'hours', fromHour: 1, toHour: 5 } });
    await db.prisma.relay.create({
      data: { userId: annId, url: 'https://lb.example', token: Buffer.from('sealed'), relayedTo: NOW },
    });
    await storeShuffles(trackId);
    const response = await fetch(`${gateway.url}/api/user/export`, { headers: { cookie: ann.cookie } });
    const files = await unzip(Buffer.from(await response.arrayBuffer()));
    const file = (name: string) => jsonLines(files.get(`${name}.ndjson`) ?? '');
    expect(files.get('plays.ndjson')).toBe((await ann.ask('/api/export/plays')).text);
    expect(file('track-merges')).toHaveLength(1);
    expect(file('artist-aliases')).toMatchObject([
      { artistSpotifyId: artist?.spotifyId, intoSpotifyId: other?.spotifyId },
    ]);
    expect(file('exclusions')).toMatchObject([{ kind: 'hours', fromHour: 1, toHour: 5 }]);
    expect(file('relay')).toMatchObject([{ url: 'https://lb.example', enabled: true, relayed: 0 }]);
    expect(Object.keys(file('relay')[0])).not.toContain('token');
    expect(file('shuffled-playlists')).toMatchObject([
      { ...SHUFFLE, status: 'queued', part: 1, parts: 1, scheduled: true, stillToWrite: null },
    ]);
    expect(file('playlist-schedules')).toMatchObject([
      {
        sourceName: 'Liked Songs',
        request: SHUFFLE.request,
        pattern: '0 7 * * 1',
        nextAt: NOW.toISOString(),
      },
    ]);
    expect(file('shuffled-tracks')).toMatchObject([{ track: track?.name, times: 3 }]);
  });
});
