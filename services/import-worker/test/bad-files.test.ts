import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { row } from './support/export-rows.ts';
import { ImportRig, type UploadedFile } from './support/import-rig.ts';
import { zipOf, zipOfZeros } from './support/zip.ts';

const T0 = Date.UTC(2024, 4, 1, 12);
const MINUTE = 60_000;
const rows = (count: number, name = 'x') =>
  Array.from({ length: count }, (_, at) => row(name, T0 + at * 5 * MINUTE));
const exportText = (count: number, name?: string) => JSON.stringify(rows(count, name));
let rig: ImportRig;

beforeAll(async () => {
  rig = await ImportRig.start();
  await rig.work({ maxEntries: 100, maxUnpackedBytes: 64 * 2 ** 20 });
});
afterAll(() => rig.stop());

/** Imports what can be nothing; the listener's history stays empty. Answers what they are told. */
async function refused(name: string, ...files: UploadedFile[]): Promise<string | null> {
  const userId = await rig.listener(name);
  const { importId, jobId } = await rig.upload(userId, ...files);
  const view = await rig.ended(userId, importId);
  expect(view).toMatchObject({ status: 'failed', totals: { imported: 0 } });
  expect(await rig.plays(userId)).toEqual([]);
  expect(await rig.db.prisma.importChunk.count({ where: { file: { importId } } })).toBe(0);
  // The file will not get better by trying again.
  const job = await rig.producer.waitFor(jobId, 5_000);
  expect(job).toMatchObject({ state: 'failed', failure: { code: 'unusable_export', message: view.problem } });
  return view.problem;
}

describe('a file that is no export', () => {
  const texts: [what: string, content: string | Buffer, told: RegExp][] = [
    ['a picture', randomBytes(4_000).fill(0x89, 0, 1), /neither a zip nor JSON nor CSV/],
    ['a JSON object', '{"tracks": []}', /no export of a listening history/],
    ['a JSON object of many lines', '{\n"tracks": []\n}', /object without a list of plays/],
    ['a letter', 'Dear Spotify,\nplease send me "my data".\n', /no export of a listening history/],
    ['a broken list of something else', '[{"a":1},{"b"', /no export of a listening history/],
    ['an empty list', ' [ ] ', /empty list/],
    ['a list of something else', '[{"name": "a"}, 7, null]', /no export of a listening history/],
    [
      'a long list of something else',
      JSON.stringify(Array.from({ length: 5_000 }, (_, n) => n)),
      /no export/,
    ],
    ['UTF-16', Buffer.from(`\ufeff${exportText(3)}`, 'utf16le'), /UTF-16; exports are UTF-8/],
    ['UTF-16 without a mark', Buffer.from(exportText(3), 'utf16le'), /UTF-16/],
    ['gzip', gzipSync(exportText(3)), /gzip. Unpack it/],
    ['cut off inside its first row', exportText(3).slice(0, 100), /ends in the middle of row 1/],
  ];
  it.each(texts)('is refused with what it is: %s', async (what, content, told) => {
    expect(await refused(what, ['export.json', content])).toMatch(told);
  });

  it('does not keep the others from being imported', async () => {
    const userId = await rig.listener('others');
    const view = await rig.import(userId, ['holiday.json', '{}'], ['real.json', rows(3)]);
    expect(view).toMatchObject({ status: 'succeeded', problem: null, totals: { imported: 3 } });
    expect(view.files[0]).toMatchObject({
      format: null,
      done: true,
      failures: [{ entry: 'holiday.json', row: 0 }],
    });
  });
});

describe('a damaged file', () => {
  it('gives the rows before it breaks off, and says where', async () => {
    const userId = await rig.listener('cut');
    const text = exportText(5);
    const view = await rig.import(userId, ['cut.json', text.slice(0, -20)]);
    expect(view).toMatchObject({ status: 'succeeded', totals: { read: 5, imported: 4, failed: 1 } });
    expect(view.files[0]?.failures).toEqual([
      {
        entry: 'cut.json',
        row: 5,
        message: expect.stringMatching(/in the middle of row 5; it is not whole/),
      },
    ]);
  });

  it('may begin with a byte order mark, and have single rows that are broken', async () => {
    const userId = await rig.listener('mark');
    const [first = '', second = ''] = rows(2).map((one) => JSON.stringify(one));
    const broken = Buffer.from(JSON.stringify(row('y', T0)).replace('Track y', 'Track \u00ff'), 'latin1');
    const text = Buffer.concat([
      Buffer.from(`\ufeff[${first},{"ts":oops},`),
      broken,
      Buffer.from(`,${second}]`),
    ]);
    const view = await rig.import(userId, ['mark.json', text]);
    expect(view.totals).toMatchObject({ read: 4, imported: 2, failed: 2 });
    expect(view.files[0]?.failures.map((failure) => failure.message)).toEqual([
      'The row is not valid JSON.',
      'The row is not valid UTF-8.',
    ]);
  });

  it('may have one line of 100 MB, and the worker does not keep it in memory', async () => {
    const userId = await rig.listener('line');
    const [first = '', last = ''] = rows(2).map((one) => JSON.stringify(one));
    const text = Buffer.concat([
      Buffer.from(`[${first},{"ts":"`),
      Buffer.alloc(100 * 2 ** 20, 'x'),
      Buffer.from(`"},${last}]`),
    ]);
    const view = await rig.import(userId, ['line.json', text]);
    expect(view.totals).toMatchObject({ read: 3, imported: 2, failed: 1 });
    expect(view.files[0]?.failures[0]).toMatchObject({ row: 2, message: 'The row is longer than 256 KiB.' });
  });
});

describe('a zip', () => {
  it('that is cut off is refused as a whole', async () => {
    const zip = await zipOf({ 'a.json': exportText(2_000), 'b.json': exportText(2_000, 'y') });
    const told = await refused('cut-zip', ['my.zip', zip.subarray(0, zip.length * 0.7)]);
    expect(told).toMatch(/not whole: its list of contents is missing/);
  });

  it('with one damaged entry gives the others', async () => {
    const userId = await rig.listener('damaged-entry');
    const zip = await zipOf({ 'a.json': exportText(2_000, 'a'), 'b.json': exportText(300, 'b') });
    // Into the data of the first entry, behind its header.
    zip.fill(0xff, 200, 400);
    const view = await rig.import(userId, ['my.zip', zip]);
    expect(view.status).toBe('succeeded');
    expect(view.files[0]?.failures).toContainEqual({
      entry: 'a.json',
      row: expect.any(Number),
      message: expect.stringMatching(/damaged/),
    });
    expect((await rig.plays(userId)).filter((play) => play.name === 'Track b')).toHaveLength(300);
  });

  it('of 2 GB of nothing is refused before a byte of it is unpacked', async () => {
    const bomb = zipOfZeros('Streaming_History_Audio_2024.json', 2_047);
    expect(bomb.length).toBeLessThan(3 * 2 ** 20);
    const startedAt = performance.now();
    const told = await refused('bomb', ['my.zip', bomb]);
    expect(told).toMatch(
      /"Streaming_History_Audio_2024.json" would unpack to 2,146 MB, more than 200 times its size/,
    );
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  it('that lies about its sizes is stopped where it has lied', async () => {
    const honest = await zipOf({
      'a.json': Buffer.concat([Buffer.from('['), Buffer.alloc(20 * 2 ** 20, ' ')]),
    });
    // The uncompressed size in the central directory: 24 bytes behind its signature.
    const directory = honest.lastIndexOf(Buffer.from('PK\u0001\u0002', 'latin1'));
    honest.writeUInt32LE(1_000, directory + 24);
    expect(await refused('liar', ['my.zip', honest])).toMatch(/damaged/);
  });

  it('of many small bombs, too many files or too much in all is refused', async () => {
    const nothing = Buffer.alloc(2 * 2 ** 20);
    const mixed = Buffer.concat([randomBytes(2 ** 16), nothing]);
    const many = (count: number, content: Buffer) =>
      zipOf(Object.fromEntries(Array.from({ length: count }, (_, at) => [`${at}.json`, content])));
    expect(await refused('small-bombs', ['z.zip', await many(20, nothing)])).toMatch(
      /more than 200 times its size/,
    );
    expect(await refused('too-many', ['z.zip', await many(101, Buffer.from('[]'))])).toMatch(
      /more than 100 files/,
    );
    expect(await refused('too-much', ['z.zip', await many(33, mixed)])).toMatch(/more than 67 MB/);
  });

  it('inside a zip is not opened', async () => {
    const inner = await zipOf({ 'a.json': exportText(3) });
    expect(await refused('nested', ['my.zip', await zipOf({ 'inner.zip': inner })])).toMatch(
      /zip inside the zip/,
    );
  });

  it('without a history says so', async () => {
    const told = await refused('no-history', [
      'my.zip',
      await zipOf({ 'a.pdf': '%PDF', 'Userdata.json': '{"a":1}' }),
    ]);
    expect(told).toMatch(/holds no listening history that is known here/);
  });

  it('may name its entries as it likes: names are only shown', async () => {
    const userId = await rig.listener('names');
    const zip = await zipOf({ 'AAAAAAAAAAAAA.json': '[{"ts":1,"ms_played":1,"spotify_track_uri":null}]' });
    const name = Buffer.from('AAAAAAAAAAAAA.json');
    for (let at = zip.indexOf(name); at >= 0; at = zip.indexOf(name, at + 1))
      zip.write('../../../../\u0000.json', at, 'latin1');
    const view = await rig.import(userId, ['../../etc/passwd', zip]);
    expect(view.files[0]).toMatchObject({
      name: 'passwd',
      failed: 1,
      failures: [{ entry: '.json', row: 1 }],
    });
  });
});
