import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Rig } from './support/rig.ts';

const MORTAL = fileURLToPath(new URL('support/mortal-worker.ts', import.meta.url));
/** Items of the source: the playlist comes with the first 100, so that two pages are read and two batches written. */
const ITEMS = 170;

let rig: Rig;
let ann: number;
const children: ChildProcess[] = [];

beforeAll(async () => {
  rig = await Rig.start(['ann']);
  ann = await rig.signIn('ann');
  await rig.stopWorker();
});
afterEach(async () => {
  rig.sandbox.control.clearFaults();
  await rig.stopWorker();
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rig?.close());

/** A worker in a process of its own. */
function startMortal(): ChildProcess {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MORTAL], {
    stdio: 'inherit',
    env: { PATH: process.env.PATH, MORTAL_SETTINGS: JSON.stringify(rig.mortal) },
  });
  children.push(child);
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

const sorted = (uris: readonly (string | null)[]) => [...uris].sort();

/** What an undisturbed shuffle of such a list asks of Spotify. */
async function undisturbedCalls(): Promise<string[]> {
  await rig.startWorker();
  const playlistId = rig.sandbox.control.givePlaylist('ann', { name: 'Undisturbed', uris: rig.uris(ITEMS) });
  await rig.untilSettled();
  rig.calls();
  await rig.made(ann, { kind: 'shuffle', playlistId });
  await rig.stopWorker();
  return rig.calls();
}

describe('a worker that is killed at any call to Spotify', () => {
  it('leaves a shuffle that the next one ends with each track as often as in the source', async () => {
    const calls = await undisturbedCalls();
    expect(calls.length).toBeGreaterThanOrEqual(7);
    const deaths = calls.flatMap((_call, at) => [
      // Spotify carries the call out after the worker has gone …
      { at, fault: { kind: 'slow', delayMs: 60 } as const },
      // … or never.
      { at, fault: { kind: 'drop', when: 'before' } as const },
    ]);
    for (const { at, fault } of deaths) {
      const what = `killed at call ${at + 1} of ${calls.length} (${calls[at]}), ${fault.kind}`;
      const uris = [...rig.uris(ITEMS - 2, at), ...rig.uris(2, at)];
      const name = `At ${at} ${fault.kind}`;
      const playlistId = rig.sandbox.control.givePlaylist('ann', { name, uris });
      await rig.untilSettled();
      rig.sandbox.control.clearCalls();
      rig.sandbox.control.addFault({ path: '/v1/**', skip: at, count: 1, fault });
      const operationId = await rig.asked(ann, { kind: 'shuffle', playlistId });
      await rig.add(operationId, 'shuffle');
      const worker = startMortal();
      await rig.until(() => rig.sandbox.control.faults()[0]?.struck === 1, what);
      await kill(worker);
      // The successor waits two seconds for what is still under way, which are 20 ms here.
      await rig.until(
        () => rig.sandbox.control.callCount({ pathPrefix: '/v1' }) > at,
        `the end of the call, ${what}`,
      );
      rig.sandbox.control.clearFaults();
      // Redis has lost everything, too: the row is the truth, whoever is asked to take it up.
      await rig.forgetQueue();
      await rig.startWorker();
      const job = await rig.ended(await rig.add(operationId, 'shuffle'));
      expect({ what, state: job.state, failure: job.failure }).toEqual({
        what,
        state: 'succeeded',
        failure: null,
      });
      const row = await rig.row(operationId);
      expect({ what, items: sorted(rig.items(row.playlistId)) }).toEqual({ what, items: sorted(uris) });
      expect({ what, made: rig.named('ann', `${name} (shuffled)`) }).toEqual({
        what,
        made: [row.playlistId],
      });
      expect(rig.items(playlistId)).toEqual(uris);
      await rig.stopWorker();
    }
  }, 180_000);
});
