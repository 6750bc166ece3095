import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { row } from './support/export-rows.ts';
import { ImportRig, type UploadedFile } from './support/import-rig.ts';
import { zipOf, zipOfZeros } from './support/zip.ts';

const T0 = Date.UTC(2024, 4, 1, 12);
const MINUTE = 60_000;
const MB = 2 ** 20;
/** Node with the modules of the service is at some 150 MB; each of the attacks is 100 MB or 2 GB. */
const MOST_MEMORY_MB = 400;
const WORKER = fileURLToPath(new URL('support/mortal-worker.ts', import.meta.url));
let rig: ImportRig;
let worker: ChildProcess;

beforeAll(async () => {
  rig = await ImportRig.start();
  worker = spawn(
    process.execPath,
    // As the service is started.
    ['--max-semi-space-size=8', '--max-old-space-size=160', '--disable-warning=ExperimentalWarning', WORKER],
    { stdio: 'inherit', env: { PATH: process.env['PATH'], ...rig.environment } },
  );
});
afterAll(async () => {
  worker.kill('SIGKILL');
  await rig.stop();
});

/** The most memory that the worker ever had, MB; null where the system does not tell. */
function peakMegabytes(): number | null {
  const path = `/proc/${worker.pid}/status`;
  if (!existsSync(path)) return null;
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(path, 'utf8'))?.[1]) / 1_024;
}

const rows = (count: number, name: string) =>
  Array.from({ length: count }, (_, at) => row(`${name}${at % 50}`, T0 + at * 5 * MINUTE));

async function tinyFiles(count: number): Promise<Buffer> {
  const name = (at: number) => `history/${at}.json`;
  return zipOf(
    Object.fromEntries(
      Array.from({ length: count }, (_, at) => [
        name(at),
        JSON.stringify([row('tiny', T0 + at * 5 * MINUTE)]),
      ]),
    ),
  );
}

/** Texts that never end a row: one string, one number, brackets without end, one line of CSV. */
const ENDLESS: readonly (readonly [name: string, content: Buffer, told: RegExp])[] = [
  ['string', Buffer.concat([Buffer.from('[{"ts":"'), Buffer.alloc(100 * MB, 'x')]), /no export|not whole/],
  ['brackets', Buffer.alloc(100 * MB, '['), /no export|not whole/],
  ['object', Buffer.concat([Buffer.from('{"a":"'), Buffer.alloc(100 * MB, 'x')]), /not whole|no export/],
  [
    'csv',
    Buffer.concat([Buffer.from('uts,artist,track\n1,"'), Buffer.alloc(100 * MB, 'x')]),
    /longer than 256 KiB|no export/,
  ],
];

describe('uploads that mean harm', () => {
  it('end in words, in little memory, and others are served meanwhile', async () => {
    const [attacker, victim] = [await rig.listener('attacker'), await rig.listener('victim')];
    const latin1 = Buffer.from(`uts,artist,track\n${T0 / 1_000},Bj\u00f6rk,J\u00f3ga\n`, 'latin1');
    const attacks: readonly (readonly [UploadedFile, RegExp])[] = [
      [['bomb.zip', zipOfZeros('a.json', 2_047)], /would unpack to/],
      [['too-many.zip', await tinyFiles(10_001)], /more than 10,000 files/],
      [['latin1.csv', latin1], /not UTF-8/],
      ...ENDLESS.map(([name, content, told]) => [[name, content] as const, told] as const),
    ];
    const started: { importId: number; told: RegExp; name: string }[] = [];
    for (const [file, told] of attacks)
      started.push({ importId: (await rig.upload(attacker, file)).importId, told, name: file[0] });
    const good = await rig.upload(victim, ['good.json', rows(2_000, 'good')]);

    for (const { importId, told, name } of started) {
      const view = await rig.ended(attacker, importId, 60_000);
      expect({ name, status: view.status, problem: view.problem }).toEqual({
        name,
        status: 'failed',
        problem: expect.stringMatching(told),
      });
    }
    const view = await rig.ended(victim, good.importId, 60_000);
    expect(view).toMatchObject({ status: 'succeeded', totals: { imported: 2_000 } });
    expect(await rig.plays(attacker)).toEqual([]);
    expect(worker.exitCode).toBeNull();
    expect(peakMegabytes() ?? 0).toBeLessThan(MOST_MEMORY_MB);
  }, 120_000);

  it('may be ten thousand tiny files, if each is fine', async () => {
    const userId = await rig.listener('tiny');
    const { importId } = await rig.upload(userId, ['tiny.zip', await tinyFiles(10_000)]);
    const view = await rig.ended(userId, importId, 60_000);
    expect(view.totals).toEqual({ read: 10_000, imported: 10_000, duplicates: 0, skipped: 0, failed: 0 });
    expect(peakMegabytes() ?? 0).toBeLessThan(MOST_MEMORY_MB);
  }, 90_000);

  it('with years that cannot be are told row by row, in every format', async () => {
    const userId = await rig.listener('years');
    const lines = (values: readonly object[]) => values.map((value) => JSON.stringify(value)).join('\n');
    const seconds = [-62_167_219_200, 253_402_300_799, 9e15];
    const listens = seconds.map((listened_at) => ({
      listened_at,
      track_metadata: { artist_name: 'Ana', track_name: 'One' },
    }));
    const scrobbles = seconds.map((time) => ({ time, track: { artists: ['Ana'], title: 'One' } }));
    const years = ['0000-01-01', '9999-12-31', '+275760-09-13'];
    const view = await rig.import(
      userId,
      ['extended.json', years.map((day) => row('year', T0, { ts: `${day}T00:00:00Z` }))],
      [
        'account.json',
        years.map((day) => ({
          endTime: `${day} 00:00`,
          artistName: 'Ana',
          trackName: 'One',
          msPlayed: 60_000,
        })),
      ],
      ['listens.jsonl', lines(listens)],
      ['maloja.json', JSON.stringify({ scrobbles })],
      ['lastfm.csv', `uts,artist,track\n${seconds.map((uts) => `${uts},Ana,One`).join('\n')}\n`],
    );
    expect(view.totals).toEqual({ read: 15, imported: 0, duplicates: 0, skipped: 0, failed: 15 });
    expect(view.files.map((file) => file.format)).toEqual([
      'spotify-extended',
      'spotify-account-data',
      'listenbrainz',
      'maloja',
      'lastfm',
    ]);
    expect(await rig.plays(userId)).toEqual([]);
  });
});
