import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { undoImport } from '@spindle/db';
import { waitFor } from '@spindle/testkit';
import { row } from './support/export-rows.ts';
import { ImportRig } from './support/import-rig.ts';
import { zipOf } from './support/zip.ts';

const T0 = Date.UTC(2022, 4, 1, 12);
const STEP = 210_000;
const rows = (count: number) =>
  Array.from({ length: count }, (_, at) => row(`t${(at * 7) % 50}`, T0 + at * STEP));
let rig: ImportRig;

beforeAll(async () => {
  rig = await ImportRig.start();
  await rig.work();
});
afterAll(() => rig.stop());

describe('much at once', () => {
  it('takes ten thousand files of one row each, and refuses one more', async () => {
    const userId = await rig.listener('tiny');
    const zipped = (contents: readonly string[]) =>
      zipOf(Object.fromEntries(contents.map((content, at) => [`${at}.json`, content])));
    const view = await rig.import(userId, [
      'tiny.zip',
      await zipped(rows(10_000).map((one) => JSON.stringify([one]))),
    ]);
    expect(view).toMatchObject({ status: 'succeeded', totals: { read: 10_000, imported: 10_000 } });

    const more = await zipped(Array<string>(10_001).fill('[]'));
    expect(await rig.import(userId, ['more.zip', more])).toMatchObject({
      status: 'failed',
      problem: expect.stringMatching(/more than 10,000 files/),
    });
  }, 60_000);

  it('stores each play once when one listener sends the same history twice at the same time', async () => {
    const userId = await rig.listener('both');
    const history = rows(9_000);
    const half = JSON.stringify([...history].reverse().slice(0, 5_000));
    const both = await Promise.all([
      rig.import(userId, ['a.json', history]),
      rig.import(userId, ['b.json', half], ['c.json', history]),
    ]);
    expect(both.map(({ totals }) => totals.imported + totals.duplicates)).toEqual([9_000, 14_000]);
    expect(both.reduce((sum, { totals }) => sum + totals.imported, 0)).toBe(9_000);
    const plays = await rig.plays(userId);
    expect(plays.map((play) => play.endedAt)).toEqual(history.map((_, at) => T0 + at * STEP));
    const { kept, recounted } = await rig.rollups(userId);
    expect(kept).toEqual(recounted);
  });

  it('leaves nothing of an import that is undone while it runs', async () => {
    const userId = await rig.listener('undone');
    const { importId, jobId } = await rig.upload(userId, ['a.json', rows(40_000)]);
    await waitFor(async () => (await rig.db.prisma.play.count({ where: { userId } })) > 0, {
      what: 'the first plays',
      everyMs: 2,
    });
    expect(await undoImport(rig.db, userId, importId, rig.clock.now())).toMatchObject({ status: 'undone' });
    expect(await rig.producer.waitFor(jobId, 15_000)).toMatchObject({ state: 'succeeded' });
    expect(await rig.plays(userId)).toEqual([]);
    expect(await rig.db.prisma.playPeriod.count({ where: { userId } })).toBe(0);
    expect(await rig.db.prisma.importChunk.count({ where: { file: { importId } } })).toBe(0);
  });
});
