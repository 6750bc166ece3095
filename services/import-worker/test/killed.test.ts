import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { getImport } from '@spindle/db';
import { waitFor } from '@spindle/testkit';
import fc from 'fast-check';
import { row } from './support/export-rows.ts';
import { ImportRig, type UploadedFile } from './support/import-rig.ts';
import { zipOf } from './support/zip.ts';

const T0 = Date.UTC(2020, 4, 1, 12);
const MINUTE = 60_000;
const KILLS = 10;
/** How long the lock of a worker lasts that is not to be killed, ms. */
const PATIENT = 8_000;
const ROWS = 80_000;
/** Rows that are told twice: the entries of the zip overlap. */
const OVERLAP = 500;
const MORTAL = fileURLToPath(new URL('support/mortal-worker.ts', import.meta.url));
let rig: ImportRig;
const children: ChildProcess[] = [];

beforeEach(async () => {
  rig = await ImportRig.start();
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rig.stop();
});

/**
 * A worker in a process of its own. Its jobs are taken over soon after it is killed; who is to get to the
 * end has the patience for it, as on a busy machine a lock of one second is lost now and again.
 */
function startMortal(lockDurationMs = 1_000): ChildProcess {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MORTAL], {
    stdio: 'inherit',
    env: { PATH: process.env.PATH, LOCK_DURATION_MS: String(lockDurationMs), ...rig.environment },
  });
  children.push(child);
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

async function upload(count: number): Promise<UploadedFile[]> {
  const rows = Array.from({ length: count }, (_, at) =>
    row(`k${at % 500}`, T0 + at * 4 * MINUTE, at % 7 === 0 ? { ms_played: 4_000 } : {}),
  );
  const part = (from: number, to: number) => JSON.stringify(rows.slice(from, to));
  return [
    [
      'my.zip',
      await zipOf({ 'a.json': part(0, count * 0.3 + OVERLAP), 'b.json': part(count * 0.3, count * 0.7) }),
    ],
    ['c.json', part(count * 0.7, count)],
  ];
}

const withoutIds = (view: Awaited<ReturnType<ImportRig['ended']>>) => ({
  status: view.status,
  totals: view.totals,
  files: view.files,
});

describe('a worker that is killed ten times in the middle of an import', () => {
  it('comes, with whoever goes on, to what an undisturbed one comes to', async () => {
    const files = await upload(ROWS);
    const userId = await rig.listener('disturbed');
    const { importId } = await rig.upload(userId, ...files);
    const read = async () => (await getImport(rig.db, userId, importId))?.totals.read ?? 0;

    const seed = Number(process.env.KILL_SEED ?? Date.now() % 1_000_000);
    const moments = fc.sample(fc.record({ ms: fc.nat(120), waits: fc.nat(9) }), { seed, numRuns: KILLS });
    const story: string[] = [];
    for (const { ms, waits } of moments) {
      const from = await read();
      const worker = startMortal();
      // Most are killed some way into a batch, the others while they start or look for the job.
      if (waits < 7)
        await waitFor(async () => (await read()) > from, {
          what: 'a batch to be stored',
          timeoutMs: 20_000,
          everyMs: 2,
        });
      await setTimeout(waits < 7 ? ms : ms * 10);
      await kill(worker);
      story.push(`${await read()}`);
    }
    // Printed with a failure, to run the same again.
    const where = `KILL_SEED=${seed}, rows at each kill: ${story.join(', ')}`;
    expect({ where, status: (await getImport(rig.db, userId, importId))?.status }).toEqual({
      where,
      status: 'running',
    });
    startMortal(PATIENT);
    const view = await rig.ended(userId, importId, 90_000);
    expect(view.totals).toMatchObject({ read: ROWS + OVERLAP, failed: 0 });

    const other = await rig.listener('undisturbed');
    const undisturbed = await rig.upload(other, ...files);
    expect(withoutIds(view)).toEqual(withoutIds(await rig.ended(other, undisturbed.importId, 90_000)));
    const plays = await rig.plays(userId);
    expect(plays).toHaveLength(view.totals.imported);
    expect({ where, plays }).toEqual({ where, plays: await rig.plays(other) });
    const { kept, recounted } = await rig.rollups(userId);
    expect(kept).toEqual(recounted);
    expect(kept).toEqual((await rig.rollups(other)).kept);
  }, 240_000);

  it('leaves an import that the next worker takes up although Redis has forgotten the job', async () => {
    const userId = await rig.listener('forgotten');
    const { importId } = await rig.upload(userId, ...(await upload(20_000)));
    const worker = startMortal();
    await waitFor(async () => ((await getImport(rig.db, userId, importId))?.totals.read ?? 0) > 0, {
      what: 'a batch to be stored',
      timeoutMs: 20_000,
      everyMs: 2,
    });
    await kill(worker);
    const keys = await rig.redis.keys(`${rig.environment.QUEUE_PREFIX}*`);
    await rig.redis.del(...keys);
    startMortal(PATIENT);
    const view = await rig.ended(userId, importId, 50_000);
    expect(view).toMatchObject({ status: 'succeeded', totals: { read: 20_000 + OVERLAP } });
  }, 60_000);
});
