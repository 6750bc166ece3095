import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ingestPlays, PLAY_FLAGS, upsertTracks } from '@spindle/db';
import { oldRow, row, SECRETS, spotifyId, stamp, trackItem } from './support/export-rows.ts';
import { ImportRig, NOW_MS } from './support/import-rig.ts';
import { zipOf } from './support/zip.ts';

const T0 = Date.UTC(2024, 4, 1, 12);
const MINUTE = 60_000;
let rig: ImportRig;

beforeAll(async () => {
  rig = await ImportRig.start();
  await rig.work();
});
afterAll(() => rig.stop());

describe('an extended streaming history', () => {
  it('stores plays with their start, measured time and flags, from files of today and of before 2023', async () => {
    const userId = await rig.listener('both-forms');
    const zip = await zipOf({
      'MyData/ReadMeFirst.pdf': '%PDF-1.4',
      'MyData/Streaming_History_Audio_2024_1.json': JSON.stringify([
        row('a', T0, { shuffle: true, skipped: true, offline: true }),
        row('b', T0 + 10 * MINUTE, { ms_played: 61_000 }),
      ]),
      'MyData/Streaming_History_Video_2024.json': JSON.stringify([row('video', T0 + 20 * MINUTE)]),
    });
    const view = await rig.import(
      userId,
      ['my_spotify_data.zip', zip],
      ['endsong_0.json', [oldRow('c', T0 - 10 * MINUTE), oldRow('a', T0 - 20 * MINUTE)]],
    );
    expect(view).toMatchObject({ status: 'succeeded', problem: null });
    expect(view.files.map((file) => [file.format, file.imported, file.failures, file.done])).toEqual([
      ['spotify-extended', 3, [], true],
      ['spotify-extended', 2, [], true],
    ]);
    expect(view.totals).toEqual({ read: 5, imported: 5, duplicates: 0, skipped: 0, failed: 0 });
    const { shuffle, skipped, offline } = PLAY_FLAGS;
    const told = (name: string, endedAt: number, msPlayed = 180_000, flags = 0) => ({
      name: `Track ${name}`,
      startedAt: endedAt - msPlayed,
      endedAt,
      msPlayed,
      flags,
      sources: ['spotify-extended'],
    });
    expect(await rig.plays(userId)).toEqual([
      told('a', T0 - 20 * MINUTE),
      told('c', T0 - 10 * MINUTE),
      told('a', T0, 180_000, shuffle | skipped | offline),
      told('b', T0 + 10 * MINUTE, 61_000),
      told('video', T0 + 20 * MINUTE),
    ]);
    const { kept, recounted } = await rig.rollups(userId);
    expect(kept).toContainEqual(expect.objectContaining({ grain: 3, kind: 0, plays: 5 }));
    expect(kept).toEqual(recounted);
  });

  it('says of every row that is no play why', async () => {
    const userId = await rig.listener('reasons');
    const podcast = { spotify_track_uri: null, master_metadata_track_name: null };
    const view = await rig.import(userId, [
      'Streaming_History_Audio_2024.json',
      [
        row('kept', T0, { ms_played: 5_000 }),
        row('short', T0 + MINUTE, { ms_played: 4_999 }),
        row('never', T0 + 2 * MINUTE, { ms_played: 0 }),
        row('hidden', T0 + 3 * MINUTE, { incognito_mode: true }),
        row('p', T0 + 4 * MINUTE, {
          ...podcast,
          spotify_episode_uri: 'spotify:episode:5AnFBV3NGDTpMs7VGfuG8l',
        }),
        row('b', T0 + 5 * MINUTE, {
          ...podcast,
          audiobook_chapter_uri: 'spotify:chapter:5AnFBV3NGDTpMs7VGfuG8l',
        }),
        row('l', T0 + 6 * MINUTE, podcast),
        row('f', T0 + 7 * MINUTE, { spotify_track_uri: 'spotify:local:::x:1' }),
      ],
    ]);
    expect(view.files[0]).toMatchObject({
      read: 8,
      imported: 1,
      skipped: 7,
      failed: 0,
      skippedReasons: { 'too-short': 2, 'private-session': 1, 'not-music': 2, 'no-track': 2 },
    });
    expect(await rig.plays(userId)).toHaveLength(1);
  });

  it('names rows that are not as they should be, and imports the others', async () => {
    const userId = await rig.listener('failures');
    const view = await rig.import(userId, [
      'x.json',
      [
        row('ok', T0),
        row('a', T0, { ts: 'yesterday' }),
        row('b', T0, { ms_played: -1 }),
        row('c', T0, { ms_played: '180000' }),
        row('d', T0, { ts: stamp(NOW_MS + 30 * 86_400_000) }),
        row('e', T0, { ts: '1999-01-01T00:00:00Z' }),
        row('f', T0, { master_metadata_track_name: 7 }),
      ],
    ]);
    expect(view).toMatchObject({
      status: 'succeeded',
      totals: { read: 7, imported: 1, failed: 6, skipped: 0 },
    });
    expect(
      view.files[0]?.failures.map(({ entry, row: number, message }) => `${entry}:${number} ${message}`),
    ).toEqual([
      expect.stringMatching(/^x\.json:2 ts: must be a time in UTC/),
      'x.json:3 ms_played: must not be negative',
      'x.json:4 ms_played: must be a whole number of milliseconds',
      expect.stringMatching(/^x\.json:5 ts: lies before Spotify existed, or in the future$/),
      expect.stringMatching(/^x\.json:6 ts: lies before/),
      expect.stringMatching(/^x\.json:7 master_metadata_track_name: /),
    ]);
  });

  it('keeps the first 50 failures and counts them all', async () => {
    const userId = await rig.listener('many-failures');
    const rows = Array.from({ length: 20_000 }, (_, at) =>
      row('x', T0 + at * MINUTE, at > 0 ? { ts: '' } : {}),
    );
    const view = await rig.import(userId, ['x.json', rows]);
    expect(view.files[0]).toMatchObject({ read: 20_000, imported: 1, failed: 19_999 });
    expect(view.files[0]?.failures.map((failure) => failure.row)).toEqual(
      Array.from({ length: 50 }, (_, at) => at + 2),
    );
  });

  it('takes tracks whose names are gone, and strange ones', async () => {
    const userId = await rig.listener('names');
    const gone = {
      master_metadata_track_name: null,
      master_metadata_album_artist_name: null,
      master_metadata_album_album_name: null,
    };
    await rig.import(userId, [
      'x.json',
      [
        row('gone', T0, gone),
        row('found', T0 + 5 * MINUTE, gone),
        row('found', T0 + 10 * MINUTE),
        row('odd', T0 + 15 * MINUTE, { master_metadata_track_name: 'Null\u0000 \ud83c\udf5e "q" \\ \ud800' }),
      ],
    ]);
    expect((await rig.plays(userId)).map((play) => play.name)).toEqual([
      'Unknown track',
      'Track found',
      'Track found',
      'Null \ud83c\udf5e "q" \\ \ufffd',
    ]);
  });

  it('adds nothing when it comes twice: in one upload, in a second one, or in files that overlap', async () => {
    const userId = await rig.listener('twice');
    const rows = Array.from({ length: 9_000 }, (_, at) => row(`t${at % 300}`, T0 + at * 4 * MINUTE));
    const first = await rig.import(userId, ['a.json', rows.slice(0, 6_000)], ['b.json', rows.slice(5_000)]);
    expect(first.totals).toEqual({ read: 10_000, imported: 9_000, duplicates: 1_000, skipped: 0, failed: 0 });
    const before = await rig.plays(userId);
    const second = await rig.import(userId, ['all.json', rows]);
    expect(second).toMatchObject({
      status: 'succeeded',
      totals: { read: 9_000, imported: 0, duplicates: 9_000 },
    });
    expect(await rig.plays(userId)).toEqual(before);
    expect(before).toHaveLength(9_000);
    const { kept, recounted } = await rig.rollups(userId);
    expect(kept).toEqual(recounted);
  });

  it('makes one play, measured, of what recently-played told before or tells afterwards', async () => {
    const userId = await rig.listener('overlap');
    const names = ['o1', 'o2', 'o3', 'o4'];
    const ids = await rig.db.transaction((tx) =>
      upsertTracks(
        tx,
        names.map((name) => trackItem(name)),
        rig.clock.now(),
      ),
    );
    // Recently-played stamps ms where the export rounds to seconds, and knows no listening time.
    const recent = (name: string, at: number) => ({
      trackId: ids.get(spotifyId(name)) ?? 0,
      source: 'recently-played' as const,
      startedAt: T0 + at * 5 * MINUTE + 1_234 - 180_000,
      endedAt: T0 + at * 5 * MINUTE + 1_234,
      msPlayed: null,
      durationMs: 180_000,
    });
    const page = names.map(recent);
    await rig.db.transaction((tx) => ingestPlays(tx, userId, page.slice(0, 2)));
    const rows = names.map((name, at) => row(name, T0 + at * 5 * MINUTE, { ms_played: 170_000 }));
    const view = await rig.import(userId, ['x.json', rows]);
    expect(view.totals).toMatchObject({ imported: 2, duplicates: 2 });
    await rig.db.transaction((tx) => ingestPlays(tx, userId, page));
    const plays = await rig.plays(userId);
    expect(plays.map((play) => [play.name, play.msPlayed, play.endedAt, play.sources])).toEqual(
      names.map((name, at) => [
        `Track ${name}`,
        170_000,
        T0 + at * 5 * MINUTE + 1_234,
        ['recently-played', 'spotify-extended'],
      ]),
    );
    const { kept, recounted } = await rig.rollups(userId);
    expect(kept).toEqual(recounted);
  });

  it('tells its listener how it gets on, and the job what it came to', async () => {
    const userId = await rig.listener('live');
    const rows = Array.from({ length: 9_000 }, (_, at) => row(`l${at % 50}`, T0 + at * 4 * MINUTE));
    const { importId, jobId } = await rig.upload(userId, ['x.json', rows]);
    const view = await rig.ended(userId, importId);
    const job = await rig.producer.waitFor(jobId, 5_000);
    expect(job).toMatchObject({ state: 'succeeded', result: view.totals });
    expect(job?.progress?.done).toBe(9_000);
    const events = (await rig.liveEvents('import')).filter(
      (one) => (one as { id: string }).id === String(importId),
    );
    expect(events.at(0)).toMatchObject({ status: 'running', totals: { read: 0 } });
    expect(events.at(-1)).toEqual(view);
    expect(await rig.liveEvents('plays-added')).toContainEqual({ count: 9_000 });
  });

  it('keeps nothing of addresses, agents, user names and countries, nor the upload', async () => {
    const userId = await rig.listener('private');
    await rig.import(
      userId,
      ['a.json', [row('s1', T0), row('s2', T0, { ts: 'bad' })]],
      ['b.json', [oldRow('s3', T0 + 5 * MINUTE), oldRow('s4', T0, { ms_played: 'bad' })]],
    );
    const { rows: tables } = await rig.db.pool.query<{ name: string }>(
      `SELECT quote_ident(table_name) AS name FROM information_schema.tables
        WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
    );
    expect(tables.map((table) => table.name)).toContain('import_files');
    for (const { name } of tables) {
      for (const secret of Object.values(SECRETS)) {
        const { rows } = await rig.db.pool.query(
          `SELECT t::text FROM ${name} t WHERE t::text LIKE $1 OR t::text LIKE $2 LIMIT 1`,
          [`%${secret}%`, `%${Buffer.from(secret).toString('hex')}%`],
        );
        expect({ name, rows }).toEqual({ name, rows: [] });
      }
    }
    expect(await rig.db.prisma.importChunk.count({ where: { file: { import: { userId } } } })).toBe(0);
  });
});
