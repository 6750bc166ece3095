import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@spindle/testkit';
import type { Browser } from './support/browser.ts';
import { startGateway, type TestGateway } from './support/test-gateway.ts';

const MB = 1_048_576;
let gateway: TestGateway;
let ann: Browser;
let bob: Browser;

beforeAll(async () => {
  gateway = await startGateway({ IMPORT_MAX_FILE_MB: '3', IMPORT_MAX_FILES: '3' });
  ann = await gateway.signedIn('ann');
  bob = await gateway.signedIn('bob');
});
afterAll(() => gateway.stop());

function upload(...files: [name: string, content: string | Uint8Array<ArrayBuffer>][]): FormData {
  const form = new FormData();
  for (const [name, content] of files) form.append('file', new Blob([content]), name);
  return form;
}

const send = (browser: Browser, form: FormData, headers: Record<string, string> = {}) =>
  browser.ask('/api/imports', { method: 'POST', raw: form, headers });

async function storedBytes(importId: string): Promise<Buffer[]> {
  const files = await gateway.db.prisma.importFile.findMany({
    where: { importId: Number(importId) },
    orderBy: { position: 'asc' },
    include: { chunks: { orderBy: { seq: 'asc' } } },
  });
  return files.map((file) => Buffer.concat(file.chunks.map((chunk) => chunk.data)));
}

const leftovers = async () => gateway.db.prisma.import.count({ where: { status: 'uploading' } });

describe('an upload', () => {
  it('stands in the database byte for byte, in equal pieces, and is queued once', async () => {
    const json = `[${'{"ts":"2020-01-01T00:00:00Z"},'.repeat(90_000)}{}]`;
    const zip = Buffer.concat([Buffer.from('PK\u0003\u0004'), gzipSync('x')]);
    const answer = await send(
      ann,
      upload(['Streaming_History_Audio_2020.json', json], ['my_data.zip', new Uint8Array(zip)]),
    );
    expect(answer.status).toBe(202);
    const { import: made } = answer.json;
    expect(answer.headers.get('location')).toBe(`/api/imports/${made.id}`);
    expect(made).toMatchObject({ status: 'queued', jobId: expect.stringMatching(/^imports\./) });
    expect(made.files.map((file: { name: string; bytes: number }) => [file.name, file.bytes])).toEqual([
      ['Streaming_History_Audio_2020.json', json.length],
      ['my_data.zip', zip.length],
    ]);
    const [first, second] = await storedBytes(made.id);
    expect(first?.toString()).toBe(json);
    expect(second).toEqual(zip);
    const sizes = await gateway.db.pool.query(
      'SELECT length(data) AS size FROM import_chunks c JOIN import_files f ON f.id = c.file_id WHERE f.import_id = $1 AND f.position = 0 ORDER BY seq',
      [made.id],
    );
    expect(sizes.rows.slice(0, -1).every((row) => row.size === MB)).toBe(true);
    expect((await ann.ask(`/api/jobs/${made.jobId}`)).json).toMatchObject({
      queue: 'imports',
      state: 'queued',
    });
    expect((await ann.ask('/api/imports?limit=1')).json.items[0].id).toBe(made.id);
  });

  it('is one import however often it is sent with the same key', async () => {
    const key = { 'idempotency-key': 'my-upload' };
    const first = await send(ann, upload(['a.json', '[]']), key);
    const again = await send(ann, upload(['a.json', '[]']), key);
    expect(again.status).toBe(202);
    expect(again.json.import.id).toBe(first.json.import.id);
    expect((await send(bob, upload(['a.json', '[]']), key)).json.import.id).not.toBe(first.json.import.id);
  });

  it('is one import when it is sent twice at once with the same key', async () => {
    const before = await gateway.db.prisma.import.count();
    const twins = Array.from({ length: 4 }, () =>
      send(ann, upload(['a.json', '[]']), { 'idempotency-key': 'twins' }),
    );
    const answers = await Promise.all(twins);
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    const [id, ...others] = new Set(answers.map(({ json }) => json.import.id));
    expect(others).toEqual([]);
    expect((await ann.ask('/api/imports?limit=1')).json.items[0].id).toBe(id);
    expect(await gateway.db.prisma.import.count()).toBe(before + 1);
  });

  it('keeps a name harmless', async () => {
    const answer = await send(ann, upload(['../../etc/passwd.json', '[]']));
    expect(answer.json.import.files[0].name).toBe('passwd.json');
  });

  it('belongs to whoever sent it', async () => {
    const { json } = await send(ann, upload(['a.json', '[]']));
    expect((await bob.ask(`/api/imports/${json.import.id}`)).status).toBe(404);
    expect((await bob.ask('/api/imports')).json.items.map((one: { id: string }) => one.id)).not.toContain(
      json.import.id,
    );
  });

  it('can be undone by its owner, and its report stays', async () => {
    const { json } = await send(ann, upload(['a.json', '[]']));
    expect((await bob.ask(`/api/imports/${json.import.id}`, { method: 'DELETE' })).status).toBe(404);
    const undone = await ann.ask(`/api/imports/${json.import.id}`, { method: 'DELETE' });
    expect(undone.json).toMatchObject({ id: json.import.id, status: 'undone' });
    expect(await storedBytes(json.import.id)).toEqual([Buffer.alloc(0)]);
    expect((await ann.ask(`/api/imports/${json.import.id}`)).json.status).toBe('undone');
  });

  it('may be CSV, and its report is a table to download', async () => {
    const { json, status } = await send(
      ann,
      upload(['=scrobbles.csv', 'uts,artist,track\n1714564800,Ana,One\n']),
    );
    expect(status).toBe(202);
    const { id } = json.import;
    await gateway.db.prisma.importFile.updateMany({
      where: { importId: Number(id) },
      data: {
        format: 'lastfm',
        read: 70,
        imported: 3,
        duplicates: 2,
        skipped: 5,
        failed: 60,
        skippedReasons: { 'too-short': 4, 'no-track': 1 },
        failures: [
          { entry: 'a, "b".csv', row: 7, message: 'The row is not valid UTF-8.' },
          { entry: 'a, "b".csv', row: 0, message: 'damaged' },
        ],
      },
    });
    const report = await ann.ask(`/api/imports/${id}/report`);
    expect(report.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(report.headers.get('content-disposition')).toContain(`spindle-import-${id}.csv`);
    // Names that a spreadsheet would take for a formula come with a quote before them.
    expect(report.text.trim().split('\r\n')).toEqual([
      'file,format,outcome,reason,entry,row,rows',
      "'=scrobbles.csv,lastfm,new,,,,3",
      "'=scrobbles.csv,lastfm,already there,,,,2",
      "'=scrobbles.csv,lastfm,skipped,too-short,,,4",
      "'=scrobbles.csv,lastfm,skipped,no-track,,,1",
      `'=scrobbles.csv,lastfm,failed,The row is not valid UTF-8.,"a, ""b"".csv",7,1`,
      `'=scrobbles.csv,lastfm,failed,damaged,"a, ""b"".csv",0,0`,
      `'=scrobbles.csv,lastfm,failed,"more rows, which are not listed",,,59`,
    ]);
    expect((await bob.ask(`/api/imports/${id}/report`)).status).toBe(404);
  });

  it('is listed page by page', async () => {
    const ids: string[] = [];
    let next: string | null = '/api/imports?limit=2';
    while (next !== null) {
      const page = await ann.ask(next);
      ids.push(...page.json.items.map((one: { id: string }) => one.id));
      next = page.json.nextCursor === null ? null : `/api/imports?limit=2&cursor=${page.json.nextCursor}`;
    }
    expect(ids.length).toBeGreaterThan(2);
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => Number(b) - Number(a)));
    expect((await ann.ask('/api/imports?cursor=abc')).json.errors[0].path).toBe('query.cursor');
  });
});

describe('a bad upload', () => {
  it.each([
    [
      'something that is no export',
      upload(['photo.jpg', new Uint8Array([0xff, 0xd8, 0xff, 0xe0])]),
      415,
      'not-an-export',
    ],
    ['text that is no JSON', upload(['history.json', 'hello']), 415, 'not-an-export'],
    [
      'UTF-16',
      upload(['h.csv', new Uint8Array(Buffer.from('uts,artist,track', 'utf16le'))]),
      415,
      'not-an-export',
    ],
    ['an empty file', upload(['history.json', '']), 400, 'validation'],
    ['no file at all', new FormData(), 400, 'validation'],
    ['too long a file', upload(['big.json', `[${' '.repeat(3 * MB)}]`]), 413, 'file-too-large'],
    [
      'too many files',
      upload(...['a', 'b', 'c', 'd'].map((name): [string, string] => [name, '[]'])),
      413,
      'too-many-files',
    ],
    ['a good file before a bad one', upload(['a.json', '[]'], ['b.json', 'oops']), 415, 'not-an-export'],
  ])('with %s is a clear problem and leaves nothing', async (_what, form, status, code) => {
    const before = await gateway.db.prisma.import.count();
    const answer = await send(ann, form);
    expect(answer.json).toMatchObject({ status, type: `/problems/${code}` });
    expect(await gateway.db.prisma.import.count()).toBe(before);
    expect(
      await gateway.db.prisma.importChunk.count({ where: { file: { import: { status: 'uploading' } } } }),
    ).toBe(0);
  });

  it('of another type, or cut off, is refused', async () => {
    const asJson = await ann.ask('/api/imports', { body: [] });
    expect(asJson.json).toMatchObject({ status: 415 });
    const noBoundary = await ann.ask('/api/imports', {
      method: 'POST',
      raw: 'x',
      headers: { 'content-type': 'multipart/form-data' },
    });
    expect(noBoundary.json).toMatchObject({ status: 400, type: '/problems/malformed-upload' });
    const cut = await ann.ask('/api/imports', {
      method: 'POST',
      raw: '--b\r\nContent-Disposition: form-data; name="file"; filename="a.json"\r\n\r\n[1,2',
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
    });
    expect(cut.json).toMatchObject({ status: 400, type: '/problems/malformed-upload' });
    expect(await leftovers()).toBe(0);
  });

  it('leaves nothing when the sender goes away in the middle', async () => {
    const request = httpRequest(`${gateway.url}/api/imports`, {
      method: 'POST',
      headers: {
        cookie: ann.cookie,
        'sec-fetch-site': 'same-origin',
        'content-type': 'multipart/form-data; boundary=b',
      },
    });
    request.on('error', () => {});
    request.write('--b\r\nContent-Disposition: form-data; name="file"; filename="a.json"\r\n\r\n[');
    request.write(' '.repeat(2 * MB));
    await waitFor(async () => (await leftovers()) === 1, { what: 'the upload to begin' });
    request.destroy();
    await waitFor(async () => (await leftovers()) === 0, { what: 'the upload to be forgotten' });
  });

  it('needs somebody who is signed in, from our own pages', async () => {
    expect((await send(gateway.browser(), upload(['a.json', '[]']))).status).toBe(401);
    const crossSite = await send(ann, upload(['a.json', '[]']), { 'sec-fetch-site': 'cross-site' });
    expect(crossSite.json).toMatchObject({ status: 403, type: '/problems/cross-site' });
  });
});
