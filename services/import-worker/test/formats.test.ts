import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ingestPlays, upsertTracks } from '@spindle/db';
import { row, spotifyId, trackItem } from './support/export-rows.ts';
import { ImportRig, NOW_MS, type UploadedFile } from './support/import-rig.ts';
import { zipOf } from './support/zip.ts';

/** 2024-05-01 12:00 UTC. */
const T0 = Date.UTC(2024, 4, 1, 12);
const SECONDS = T0 / 1_000;
const MINUTE = 60_000;
let rig: ImportRig;

beforeAll(async () => {
  rig = await ImportRig.start();
  await rig.work();
});
afterAll(() => rig.stop());

/** Imports files that are fine; answers the formats, the plays and the counts. */
async function imported(who: string, ...files: UploadedFile[]) {
  const userId = await rig.listener(who);
  const view = await rig.import(userId, ...files);
  expect(view.problem).toBeNull();
  expect(view.files.flatMap((file) => file.failures)).toEqual([]);
  return { userId, view, plays: await rig.plays(userId) };
}

/** The catalogue's view of the played tracks of a listener. */
async function tracksOf(userId: number) {
  const rows = await rig.db.prisma.track.findMany({
    where: { plays: { some: { userId } } },
    include: { album: true, artists: { include: { artist: true }, orderBy: { position: 'asc' } } },
    orderBy: { id: 'asc' },
  });
  return rows.map((track) => ({
    spotifyId: track.spotifyId,
    name: track.name,
    durationMs: track.durationMs,
    album: track.album?.name ?? null,
    artists: track.artists.map(({ artist }) => artist.name),
  }));
}

describe("Spotify's account data", () => {
  it('stores music by name, with measured time, and passes over podcasts and skips', async () => {
    const { userId, view, plays } = await imported('account-data', [
      'StreamingHistory_music_0.json',
      [
        { endTime: '2024-05-01 12:00', artistName: 'Ana', trackName: 'One', msPlayed: 180_000 },
        { endTime: '2024-05-01 12:03', artistName: 'Ana', trackName: 'Two', msPlayed: 4_000 },
        { endTime: '2024-05-01 12:40', podcastName: 'Talk', episodeName: 'E1', msPlayed: 2_000_000 },
      ],
    ]);
    expect(view.files[0]).toMatchObject({
      format: 'spotify-account-data',
      imported: 1,
      skippedReasons: { 'too-short': 1, 'not-music': 1 },
    });
    expect(plays).toEqual([
      {
        name: 'One',
        startedAt: T0 - 180_000,
        endedAt: T0,
        msPlayed: 180_000,
        flags: 0,
        sources: ['spotify-account-data'],
      },
    ]);
    expect(await tracksOf(userId)).toEqual([
      { spotifyId: null, name: 'One', durationMs: null, album: null, artists: ['Ana'] },
    ]);
  });

  it('and the extended history of the same year come to one play a listen, whichever came first', async () => {
    const short: UploadedFile = [
      'StreamingHistory0.json',
      [
        { endTime: '2024-05-01 12:00', artistName: 'Artist of x', trackName: 'Track x', msPlayed: 31_000 },
        { endTime: '2024-05-01 12:01', artistName: 'Artist of x', trackName: 'Track x', msPlayed: 32_500 },
      ],
    ];
    const extended: UploadedFile = [
      'Streaming_History_Audio_2024.json',
      [row('x', T0 + 58_000, { ms_played: 31_000 }), row('x', T0 + 58_000 + 33_000, { ms_played: 32_500 })],
    ];
    for (const [who, first, second] of [
      ['short-first', short, extended],
      ['extended-first', extended, short],
    ] as const) {
      const { userId } = await imported(who, first);
      const view = await rig.import(userId, second);
      expect(view.totals).toMatchObject({ imported: 0, duplicates: 2 });
      const plays = await rig.plays(userId);
      expect(plays.map((play) => [play.endedAt - T0, play.msPlayed, play.sources.length])).toEqual([
        [58_000, 31_000, 2],
        [91_000, 32_500, 2],
      ]);
      expect((await tracksOf(userId)).map((track) => track.spotifyId)).toEqual([spotifyId('x')]);
    }
  });
});

describe('exports of Last.fm', () => {
  const told = (sources = ['lastfm']) => [
    { name: 'One', startedAt: T0, endedAt: T0, msPlayed: null, flags: 0, sources },
    {
      name: 'Two, "really"',
      startedAt: T0 + 5 * MINUTE,
      endedAt: T0 + 5 * MINUTE,
      msPlayed: null,
      flags: 0,
      sources,
    },
  ];
  const track = (name: string, minutes: number) => ({
    artist: { mbid: '', '#text': 'Ana' },
    streamable: '0',
    image: [{ size: 'small', '#text': 'https://images.example/1.png' }],
    mbid: '',
    album: { mbid: '', '#text': 'First' },
    name,
    url: 'https://www.last.fm/music/Ana/_/One',
    date: { uts: String(SECONDS + minutes * 60), '#text': '01 May 2024, 12:00' },
  });
  const playing = { ...track('Three', 0), date: undefined, '@attr': { nowplaying: 'true' } };
  const files: [string, UploadedFile][] = [
    [
      'pages of its API',
      [
        'lastfm.json',
        JSON.stringify([
          { track: [playing, track('Two, "really"', 5)], '@attr': { page: '1' } },
          { track: [track('One', 0)], '@attr': { page: '2' } },
        ]),
      ],
    ],
    [
      'one page as the API answers it',
      [
        'p.json',
        JSON.stringify({ recenttracks: { track: [track('Two, "really"', 5), track('One', 0)] } }, null, 2),
      ],
    ],
    [
      'lastfm.ghan.nl as CSV',
      [
        'scrobbles.csv',
        `uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid\r\n"${SECONDS + 300}","01 May 2024, 12:05","Ana","","First","","Two, ""really""",""\r\n"${SECONDS}","01 May 2024, 12:00","Ana","","First","","One",""\r\n`,
      ],
    ],
    [
      'lastfmstats.com as JSON',
      [
        'lastfmstats-ana.json',
        JSON.stringify({
          username: 'ana',
          scrobbles: [
            { track: 'Two, "really"', artist: 'Ana', album: 'First', albumId: '', date: T0 + 5 * MINUTE },
            { track: 'One', artist: 'Ana', album: 'First', albumId: '', date: T0 },
          ],
        }),
      ],
    ],
    [
      'lastfmstats.com as CSV',
      [
        'lastfmstats-ana.csv',
        `Artist;Album;AlbumId;Track;Date#ana\n"Ana";"First";"";"Two, ""really""";"${T0 + 5 * MINUTE}"\n"Ana";"First";"";"One";"${T0}"\n`,
      ],
    ],
    [
      'lastfm-to-csv, without a head line',
      ['ana.csv', 'Ana,First,"Two, ""really""",01 May 2024 12:05\nAna,First,One,01 May 2024 12:00\n'],
    ],
  ];

  it.each(files)('are read as %s', async (what, file) => {
    const { userId, view, plays } = await imported(what, file);
    expect(view.files[0]).toMatchObject({ format: 'lastfm', imported: 2, failed: 0 });
    expect(plays).toEqual(told());
    const names = (await tracksOf(userId)).map(({ name, album, artists }) => ({ name, album, artists }));
    expect(names).toContainEqual({ name: 'One', album: 'First', artists: ['Ana'] });
    const again = await rig.import(userId, file);
    expect(again.totals).toMatchObject({ imported: 0, duplicates: 2 });
  });

  it('of a known listen become one play with it, under the id that Spotify told', async () => {
    const userId = await rig.listener('known');
    const item = trackItem('k', 200_000);
    await rig.db.transaction(async (tx) => {
      const trackId = (await upsertTracks(tx, [item], new Date(NOW_MS))).get(item.spotifyId) ?? 0;
      await ingestPlays(tx, userId, [
        {
          trackId,
          source: 'recently-played',
          startedAt: T0,
          endedAt: T0 + 200_000,
          msPlayed: null,
          durationMs: 200_000,
        },
      ]);
    });
    const scrobbles = [
      { track: 'Track k', artist: 'Artist of k', album: 'Other', date: T0 + 2_000 },
      { track: 'Track k', artist: 'Artist of k feat. Somebody', album: '', date: T0 + 90 * MINUTE },
    ];
    const view = await rig.import(userId, ['l.json', JSON.stringify({ username: 'k', scrobbles })]);
    expect(view.totals).toMatchObject({ imported: 1, duplicates: 1 });
    const plays = await rig.plays(userId);
    expect(plays.map((play) => play.sources)).toEqual([['recently-played', 'lastfm'], ['lastfm']]);
    expect(await tracksOf(userId)).toHaveLength(1);
  });

  it('say which rows cannot be', async () => {
    const userId = await rig.listener('dates');
    const at = (date: unknown) => ({ track: 'One', artist: 'Ana', album: '', date });
    const view = await rig.import(userId, [
      'l.json',
      JSON.stringify({
        scrobbles: [at(T0), at(0), at('yesterday'), at(NOW_MS + 9 * 86_400_000), at('31 Foo 2023 13:05')],
      }),
    ]);
    expect(view.totals).toMatchObject({ read: 5, imported: 1, failed: 4 });
    expect(view.files[0]?.failures.map(({ row: place, message }) => `${place} ${message}`)).toEqual([
      '2 The time of the listen lies before scrobbling existed, or in the future.',
      '3 The time of the listen cannot be read.',
      '4 The time of the listen lies before scrobbling existed, or in the future.',
      '5 The time of the listen cannot be read.',
    ]);
  });
});

describe('exports of ListenBrainz', () => {
  const listen = (name: string, minutes: number, info: object = {}) => ({
    listened_at: SECONDS + minutes * 60,
    track_metadata: {
      artist_name: 'Lea, Bea',
      track_name: name,
      release_name: 'First',
      additional_info: { artist_names: ['Lea', 'Bea'], duration_ms: 200_000, ...info },
    },
  });
  const rows = [
    listen('One', 0),
    listen('Two', 10, {
      spotify_id: `https://open.spotify.com/track/${spotifyId('lb')}`,
      duration_played: 100,
      media_player: 'Kitchen',
    }),
  ];
  const lines = rows.map((one) => `${JSON.stringify(one)}\n`).join('');

  it.each([
    [
      'as its zip of JSON lines',
      () => zipOf({ 'user.json': '{"user_id": 1}', 'listens/2024/5.jsonl': lines }),
    ],
    ['as one list', () => JSON.stringify(rows)],
    [
      'with a byte order mark and empty lines',
      () => Buffer.from(`\ufeff${lines.replaceAll('\n', '\r\n\r\n')}`),
    ],
  ])('are read %s', async (what, content) => {
    const { userId, view, plays } = await imported(`lb ${what}`, ['listenbrainz.zip', await content()]);
    expect(view.files[0]).toMatchObject({ format: 'listenbrainz', imported: 2 });
    expect(plays).toMatchObject([
      { name: 'One', startedAt: T0, endedAt: T0 + 200_000, msPlayed: null },
      { name: 'Two', startedAt: T0 + 10 * MINUTE, endedAt: T0 + 10 * MINUTE + 100_000, msPlayed: 100_000 },
    ]);
    expect(await tracksOf(userId)).toEqual(
      expect.arrayContaining([
        { spotifyId: null, name: 'One', durationMs: 200_000, album: 'First', artists: ['Lea', 'Bea'] },
        {
          spotifyId: spotifyId('lb'),
          name: 'Two',
          durationMs: 200_000,
          album: 'First',
          artists: ['Lea', 'Bea'],
        },
      ]),
    );
  });

  it('with a broken line lose that line alone', async () => {
    const userId = await rig.listener('lb-broken');
    const [first = '', second = ''] = lines.split('\n');
    const view = await rig.import(userId, ['l.jsonl', `${first}\n{"listened_at": 17145648\n${second}\n`]);
    expect(view.totals).toMatchObject({ read: 3, imported: 2, failed: 1 });
    expect(view.files[0]?.failures).toEqual([
      { entry: 'l.jsonl', row: 2, message: 'The row is not valid JSON.' },
    ]);
  });
});

describe('exports of Maloja', () => {
  it.each([
    [
      'today',
      {
        time: SECONDS,
        track: {
          artists: ['Mia', 'Bea'],
          title: 'One',
          album: { artists: ['Mia'], albumtitle: 'First' },
          length: 200,
        },
        duration: 150,
        origin: 'client:web',
      },
      150_000,
    ],
    [
      'before 3',
      { time: SECONDS, artists: ['Mia', 'Bea'], title: 'One', album: 'First', duration: 200 },
      null,
    ],
  ])('are read as they are %s', async (what, scrobble, msPlayed) => {
    const { userId, view, plays } = await imported(`maloja ${what}`, [
      'maloja_export.json',
      JSON.stringify({ maloja: { export_time: SECONDS }, scrobbles: [scrobble] }, null, 4),
    ]);
    expect(view.files[0]).toMatchObject({ format: 'maloja', imported: 1 });
    expect(plays).toMatchObject([
      { name: 'One', startedAt: T0, endedAt: T0 + (msPlayed ?? 200_000), msPlayed, sources: ['maloja'] },
    ]);
    expect((await tracksOf(userId))[0]).toMatchObject({
      name: 'One',
      album: 'First',
      artists: ['Mia', 'Bea'],
    });
  });
});

describe('a track that was known by name', () => {
  it('is the one that Spotify tells later, with all its plays', async () => {
    const { userId } = await imported('adopted', [
      'l.json',
      JSON.stringify({
        scrobbles: [{ track: 'Track later', artist: 'Artist of later', album: '', date: T0 }],
      }),
    ]);
    expect((await tracksOf(userId))[0]?.spotifyId).toBeNull();
    const view = await rig.import(userId, ['e.json', [row('later', T0 + 60 * MINUTE)]]);
    expect(view.totals.imported).toBe(1);
    expect(await tracksOf(userId)).toHaveLength(1);
    const item = trackItem('later');
    await rig.db.transaction((tx) => upsertTracks(tx, [item], new Date(NOW_MS)));
    const [track, ...more] = await tracksOf(userId);
    expect(more).toEqual([]);
    expect(track).toMatchObject({ spotifyId: item.spotifyId, durationMs: 180_000, album: 'Album of later' });
    const { kept } = await rig.rollups(userId);
    expect(kept).toContainEqual(expect.objectContaining({ grain: 3, kind: 1, plays: 2 }));
  });
});

describe('several kinds in one upload', () => {
  it('are told apart by their rows, whatever they are called', async () => {
    const zip = await zipOf({
      'data.txt': JSON.stringify([row('m', T0)]),
      'data.bin': JSON.stringify([
        { endTime: '2024-05-02 12:00', artistName: 'Ana', trackName: 'One', msPlayed: 180_000 },
      ]),
      'Userdata.json': '{"username":"x"}',
      'Playlist1.json': '{"playlists":[{"name":"p","items":[]}]}',
    });
    const { view, plays } = await imported(
      'mixed',
      ['my_spotify_data.zip', zip],
      ['scrobbles.csv', `uts,artist,album,track\n${SECONDS + 90_000},Ana,,Three\n`],
    );
    expect(view.totals).toMatchObject({ imported: 3, failed: 0, skipped: 0 });
    expect(plays.map((play) => play.sources)).toEqual([
      ['spotify-extended'],
      ['spotify-account-data'],
      ['lastfm'],
    ]);
  });
});
