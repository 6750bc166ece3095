import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ensureNamedTracks, ingestPlays, undoImport } from '@spindle/db';
import { json, newRow, oldRow, plays, type Row, SECRETS, trackId } from './support/export-rows.ts';
import { ImportSystem, upload } from './support/import-system.ts';
import { zipOf } from './support/zips.ts';

const FROM = Date.UTC(2024, 2, 30, 12);
let system: ImportSystem;

beforeAll(async () => {
  system = await ImportSystem.start();
  await system.work();
});
afterAll(() => system.stop());

describe('an export', () => {
  it('is read in the form of today and of before 2023, from one upload, whatever the files are called', async () => {
    const userId = await system.listener('forms');
    const video = [
      newRow(3, FROM + 900_000, { ms_played: 40_000, shuffle: true, skipped: true, offline: true }),
    ];
    const view = await system.run(userId, {
      'my data.bin': await zipOf({
        'MyData/endsong_0.json': json([oldRow(1, FROM), oldRow(2, FROM + 300_000, { skipped: 1 })]),
        'Spotify Extended Streaming History/Streaming_History_Video_2018-2024.json': json(video),
        'Spotify Extended Streaming History/ReadMeFirst.pdf': Buffer.from('%PDF-1.4'),
        'MyData/Userdata.json': Buffer.from('{"email":"someone@example.org"}'),
        'MyData/empty.json': json([]),
      }),
      'one more.txt': Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), json([newRow(4, FROM + 1_200_000)])]),
    });
    expect(view).toMatchObject({
      status: 'succeeded',
      problem: null,
      totals: { read: 4, imported: 4, duplicates: 0, skipped: 0, failed: 0 },
      files: [
        { name: 'my data.bin', format: 'spotify-extended', read: 3, failures: [], done: true },
        { name: 'one more.txt', format: 'spotify-extended', read: 1, failures: [], done: true },
      ],
    });
    expect(await system.history(userId)).toMatchObject([
      {
        spotify_id: trackId(1),
        name: 'Song 1',
        ended_at: new Date(FROM),
        played_at: new Date(FROM - 180_000),
        flags: 0,
      },
      { spotify_id: trackId(2), ms_played: 180_000 },
      { spotify_id: trackId(3), ms_played: 40_000, flags: 1 + 2 + 4 },
      { spotify_id: trackId(4) },
    ]);
    expect(await system.chunks()).toBe(0);
  });

  it('says why a row is no play, and where a row is wrong', async () => {
    const userId = await system.listener('reasons');
    const episode = {
      spotify_track_uri: null,
      master_metadata_track_name: null,
      spotify_episode_uri: 'spotify:episode:x',
    };
    const rows: unknown[] = [
      newRow(1, FROM),
      newRow(2, FROM + 1e6, { ms_played: 29_999 }),
      newRow(3, FROM + 2e6, episode),
      newRow(3, FROM + 3e6, { ...episode, spotify_episode_uri: null, audiobook_uri: 'spotify:show:x' }),
      newRow(4, FROM + 4e6, { incognito_mode: true }),
      newRow(5, FROM + 5e6, { spotify_track_uri: null }),
      newRow(5, FROM + 6e6, { spotify_track_uri: 'spotify:local:a:b:c:1' }),
      newRow(6, FROM + 7e6, { ms_played: '180000' }),
      newRow(7, FROM, { ts: '0000-01-01T00:00:00Z' }),
      newRow(7, FROM, { ts: '9999-12-31T23:59:59Z' }),
      newRow(7, FROM, { ts: 'yesterday' }),
      newRow(7, FROM, { ms_played: -1 }),
      [1, 2],
      'text',
    ];
    const view = await system.run(userId, { 'history.json': json(rows) });
    expect(view.totals).toEqual({ read: 14, imported: 1, duplicates: 0, skipped: 6, failed: 7 });
    expect(view.files[0]?.skippedReasons).toEqual({
      'too-short': 1,
      'not-music': 2,
      'private-session': 1,
      'no-track': 2,
    });
    expect(view.files[0]?.failures.map(({ entry, row }) => [entry, row])).toEqual(
      [8, 9, 10, 11, 12, 13, 14].map((row) => ['history.json', row]),
    );
    expect(view.files[0]?.failures.map(({ message }) => message).join('\n')).toContain(
      'ms_played: must be a whole number',
    );
  });

  it('keeps the first 50 failures and counts all', async () => {
    const userId = await system.listener('failures');
    const bad = Array.from({ length: 120 }, (_, n) => newRow(n, FROM, { ts: 'no' }));
    const view = await system.run(userId, { 'history.json': json([newRow(1, FROM), ...bad]) });
    expect(view.totals).toMatchObject({ read: 121, imported: 1, failed: 120 });
    expect(view.files[0]?.failures).toHaveLength(50);
  });

  it('knows tracks that have lost their names', async () => {
    const userId = await system.listener('nameless');
    const lost = {
      master_metadata_track_name: null,
      master_metadata_album_artist_name: null,
      master_metadata_album_album_name: null,
    };
    await system.run(userId, {
      'a.json': json([
        newRow(9_001, FROM, lost),
        newRow(9_002, FROM + 1e6, lost),
        newRow(9_002, FROM + 2e6, { master_metadata_track_name: 'Nul\u0000l \ud800' }),
      ]),
    });
    expect((await system.history(userId)).map((row) => (row as Row).name)).toEqual([
      'Unknown track',
      'Null \ufffd',
      'Null \ufffd',
    ]);
  });

  it('stores nothing twice when it is sent twice, in other pieces, or by two uploads at once', async () => {
    const userId = await system.listener('twice');
    const rows = plays(9_000, { from: FROM - 9_000 * 210_000 });
    const first = await system.run(userId, { 'a.json': json(rows) });
    expect(first.totals).toMatchObject({ read: 9_000, imported: 9_000, duplicates: 0 });
    const before = await system.history(userId);
    const again = await system.run(userId, {
      'b.zip': await zipOf({
        'x.json': json(rows.slice(4_000)),
        'y.json': json(rows.slice(0, 4_500).reverse()),
      }),
    });
    expect(again.totals).toMatchObject({ read: 9_500, imported: 0, duplicates: 9_500 });
    expect(await system.history(userId)).toEqual(before);

    const other = await system.listener('at-once');
    const both = await Promise.all([
      system.run(other, { 'a.json': json(rows) }),
      system.run(other, { 'a.json': json(rows) }),
    ]);
    expect(both.reduce((sum, { totals }) => sum + totals.imported, 0)).toBe(9_000);
    expect(both.reduce((sum, { totals }) => sum + totals.duplicates, 0)).toBe(9_000);
    expect(await system.history(other)).toEqual(before);
    expect(await system.rollups(other)).toEqual(await system.recounted(other));
  });

  it('makes one play of what recently-played told and the export tells, and undoing gives back what was', async () => {
    const userId = await system.listener('overlap');
    const rows = plays(60, { from: FROM });
    const tracks = await system.db.transaction((tx) =>
      ensureNamedTracks(
        tx,
        rows.map((_, index) => ({
          spotifyId: trackId((index * 7) % 50),
          name: 'x',
          artist: 'y',
          album: null,
        })),
      ),
    );
    await system.db.pool.query('UPDATE tracks SET duration_ms = 185000');
    // Every second one was polled: stamped within the second, length assumed.
    const polled = rows.flatMap((row, index) => {
      const endedAt = Date.parse(String(row.ts)) + 437;
      const track = tracks.get(trackId((index * 7) % 50)) ?? 0;
      return index % 2 === 0
        ? [
            {
              trackId: track,
              source: 'recently-played' as const,
              startedAt: endedAt - 185_000,
              endedAt,
              msPlayed: null,
              durationMs: 185_000,
            },
          ]
        : [];
    });
    await system.db.transaction((tx) => ingestPlays(tx, userId, polled));
    const before = { plays: await system.history(userId), days: await system.rollups(userId) };
    const view = await system.run(userId, { 'a.json': json(rows) });
    expect(view.totals).toMatchObject({ read: 60, imported: 30, duplicates: 30 });
    const merged = (await system.history(userId)) as Row[];
    expect(merged).toHaveLength(60);
    expect(merged.every((row) => row.ms_played === 180_000)).toBe(true);
    expect(await system.rollups(userId)).toEqual(await system.recounted(userId));

    const undone = await undoImport(system.db, userId, Number(view.id), new Date());
    expect(undone).toMatchObject({ status: 'undone', totals: { imported: 30 } });
    expect({ plays: await system.history(userId), days: await system.rollups(userId) }).toEqual(before);
  });

  it('stops when it is undone while it runs', async () => {
    const userId = await system.listener('undone');
    const importId = await upload(system.db, userId, {
      'a.json': json(plays(30_000, { from: FROM - 30_000 * 210_000 })),
    });
    const jobId = await system.queue(userId, importId);
    while ((await system.history(userId)).length === 0) await new Promise((resolve) => setImmediate(resolve));
    await undoImport(system.db, userId, importId, new Date());
    await system.producer.waitFor(jobId, 20_000);
    expect(await system.history(userId)).toEqual([]);
    expect(await system.rollups(userId)).toEqual([]);
    expect(await system.chunks()).toBe(0);
  });

  it('leaves no address, agent, account name or country anywhere', async () => {
    const userId = await system.listener('private');
    await system.run(userId, {
      'a.json': json([oldRow(1, FROM), newRow(2, FROM + 1e6), oldRow(3, FROM, { ts: 'bad' })]),
    });
    const { rows: columns } = await system.db.pool.query<{ table_name: string; column_name: string }>(
      `SELECT table_name, column_name FROM information_schema.columns
        WHERE table_schema = 'public' AND data_type IN ('text', 'jsonb', 'json', 'bytea', 'ARRAY', 'character varying')`,
    );
    expect(columns.length).toBeGreaterThan(30);
    for (const { table_name: table, column_name: column } of columns) {
      for (const secret of Object.values(SECRETS)) {
        const { rows } = await system.db.pool.query(
          `SELECT count(*)::int AS found FROM "${table}" WHERE "${column}"::text LIKE '%' || $1 || '%' OR "${column}"::text LIKE '%' || encode($1::bytea, 'hex') || '%'`,
          [secret],
        );
        expect({ table, column, found: rows[0]?.found }).toEqual({ table, column, found: 0 });
      }
    }
  });
});
