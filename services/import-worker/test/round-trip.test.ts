import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  changePlays,
  contextIds,
  type Database,
  deviceIds,
  type ExportedPlay,
  ensureTracksByName,
  exportPlays,
  ingestPlays,
  listenOfPlay,
  type PlayObservation,
  undoImport,
  upsertTracks,
} from '@spindle/db';
import { row, trackItem } from './support/export-rows.ts';
import { ImportRig, NOW_MS } from './support/import-rig.ts';
import { zipOf } from './support/zip.ts';

const T0 = Date.UTC(2024, 4, 1, 12);
const MINUTE = 60_000;
let here: ImportRig;
let there: ImportRig;

beforeAll(async () => {
  [here, there] = await Promise.all([ImportRig.start(), ImportRig.start()]);
  await Promise.all([here.work(), there.work()]);
});
afterAll(async () => {
  await Promise.all([here.stop(), there.stop()]);
});

async function exported(db: Database, userId: number): Promise<ExportedPlay[]> {
  const plays: ExportedPlay[] = [];
  for await (const page of exportPlays(db, userId)) plays.push(...page);
  return plays;
}

const linesOf = (rows: readonly unknown[]) => rows.map((one) => `${JSON.stringify(one)}\n`).join('');

/** A listener whose plays were told by everything that tells plays, some by several sources. */
async function variedListener(): Promise<number> {
  const userId = await here.listener('mover');
  await here.import(userId, [
    'a.json',
    [
      row('a', T0, { shuffle: true, platform: 'android' }),
      row('b', T0 + 10 * MINUTE, { skipped: true, ms_played: 31_000 }),
      row('short', T0 + 20 * MINUTE, { ms_played: 9_000, offline: true }),
    ],
  ]);
  await here.db.transaction(async (tx) => {
    const items = [trackItem('a'), trackItem('c', 200_000)];
    const ids = await upsertTracks(tx, items, new Date(NOW_MS));
    const [a = 0, c = 0] = items.map((item) => ids.get(item.spotifyId));
    const [named = 0] = await ensureTracksByName(tx, userId, [
      { name: 'By name', artist: 'Nobody', album: 'Nothing', durationMs: 100_000 },
    ]);
    const contextId = (await contextIds(tx, ['spotify:playlist:37i9dQZF1DXcBWIGoYBM5M']))
      .values()
      .next().value;
    const deviceId = (await deviceIds(tx, ['Kitchen'])).get('Kitchen');
    const told = (
      trackId: number,
      source: PlayObservation['source'],
      startedAt: number,
      lengthMs: number,
      more: Partial<PlayObservation> = {},
    ): PlayObservation => ({
      trackId,
      source,
      startedAt,
      endedAt: startedAt + lengthMs,
      msPlayed: null,
      durationMs: lengthMs,
      ...more,
    });
    await ingestPlays(tx, userId, [
      told(a, 'recently-played', T0 - 180_000 + 317, 180_000),
      told(c, 'live', T0 + 30 * MINUTE, 200_000, {
        msPlayed: 190_000,
        uncertaintyMs: 5_000,
        contextId: contextId ?? null,
        deviceId: deviceId ?? null,
      }),
      told(c, 'recently-played', T0 + 30 * MINUTE + 2_000, 200_000),
      told(c, 'recently-played', T0 + 34 * MINUTE, 200_000),
      told(named, 'lastfm', T0 + 60 * MINUTE, 100_000, { uncertaintyMs: 15_000 }),
    ]);
  });
  const hidden = (await exported(here.db, userId)).find((play) => play.track.name === 'By name');
  if (!hidden) throw new Error('the play to hide is not there');
  const { trackId, playedAt } = await here.db.prisma.play.findFirstOrThrow({
    where: { userId, track: { name: 'By name' } },
  });
  await changePlays(here.db, userId, 'hide', [{ trackId, playedAt }], here.clock.now());
  return userId;
}

describe('a history that moves to another instance', () => {
  it('is there as it was: plays, sources, devices, contexts, tracks, and what was hidden', async () => {
    const before = await exported(here.db, await variedListener());
    expect(before).toHaveLength(6);
    expect(new Set(before.flatMap((play) => play.seenBy)).size).toBe(4);
    expect(before.filter((play) => play.flags.hidden)).toHaveLength(1);

    const userId = await there.listener('moved');
    const zip = await zipOf({ 'profile.ndjson': '{"handle":"mover"}\n', 'plays.ndjson': linesOf(before) });
    const view = await there.import(userId, ['spindle.zip', zip]);
    expect(view.files[0]).toMatchObject({ format: 'spindle', imported: 6, failed: 0, failures: [] });
    expect(await exported(there.db, userId)).toEqual(before);

    const again = await there.import(userId, ['plays.ndjson', linesOf(before)]);
    expect(again.totals).toMatchObject({ imported: 0, duplicates: 6 });
    expect(await exported(there.db, userId)).toEqual(before);
    const { kept, recounted } = await there.rollups(userId);
    expect(kept).toEqual(recounted);

    await undoImport(there.db, userId, Number(view.id), there.clock.now());
    expect(await exported(there.db, userId)).toEqual([]);
  });

  it('meets what was captured there meanwhile, and no listen is there twice', async () => {
    const before = await exported(here.db, await variedListener());
    const userId = await there.listener('met');
    const [known] = before.filter((play) => play.seenBy.length === 2);
    if (!known) throw new Error('no play of two sources');
    const item = trackItem('a');
    await there.db.transaction(async (tx) => {
      const trackId = (await upsertTracks(tx, [item], new Date(NOW_MS))).get(item.spotifyId) ?? 0;
      const endedAt = Date.parse(known.endedAt);
      await ingestPlays(tx, userId, [
        {
          trackId,
          source: 'recently-played',
          startedAt: endedAt - 180_000,
          endedAt,
          msPlayed: null,
          durationMs: 180_000,
        },
      ]);
    });
    const view = await there.import(userId, ['plays.ndjson', linesOf(before)]);
    expect(view.totals).toMatchObject({ imported: 5, duplicates: 1 });
    const after = await exported(there.db, userId);
    expect(after).toHaveLength(6);
    expect(after.find((play) => play.endedAt === known.endedAt)).toMatchObject({
      msPlayed: known.msPlayed,
      seenBy: known.seenBy,
    });
    await undoImport(there.db, userId, Number(view.id), there.clock.now());
    expect(await exported(there.db, userId)).toMatchObject([{ seenBy: ['recently-played'], msPlayed: null }]);
  });

  it('goes to ListenBrainz and comes back with the same listens', async () => {
    const before = (await exported(here.db, await variedListener())).filter((play) => !play.flags.hidden);
    const userId = await there.listener('brainz');
    const view = await there.import(userId, ['listens.jsonl', linesOf(before.map(listenOfPlay))]);
    expect(view.files[0]).toMatchObject({ format: 'listenbrainz', imported: before.length, failed: 0 });
    const told = (plays: readonly ExportedPlay[]) =>
      plays.map((play) => [
        Math.floor(Date.parse(play.playedAt) / 1_000),
        play.track.spotifyId,
        play.track.name,
      ]);
    expect(told(await exported(there.db, userId))).toEqual(told(before));
  });
});
