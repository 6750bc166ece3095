import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createImport, getImport } from '@spindle/db';
import { createQueueMetrics, createWorker } from '@spindle/queues';
import { createMetrics, GiveUp, silentLogger } from '@spindle/service-kit';
import { takeUpImports } from '../src/take-up.ts';
import { row } from './support/export-rows.ts';
import { ImportRig } from './support/import-rig.ts';

const DAY_MS = 86_400_000;
let rig: ImportRig;

beforeAll(async () => {
  rig = await ImportRig.start();
});
afterAll(() => rig.stop());

const takeUp = () =>
  takeUpImports({ db: rig.db, producer: rig.producer, clock: rig.clock, logger: silentLogger() });

describe('taking up imports', () => {
  it('ends an import whose job has failed for good, in words for its listener', async () => {
    const userId = await rig.listener('failed');
    const { importId, jobId } = await rig.upload(userId, ['a.json', [row('a', rig.clock.nowMs() - DAY_MS)]]);
    const fatal = async () => {
      throw new GiveUp({ code: 'broken', message: 'The worker could not go on.' });
    };
    const { REDIS_URL: redisUrl, QUEUE_PREFIX: prefix } = rig.environment;
    const logger = silentLogger();
    const metrics = createQueueMetrics(createMetrics('failing'));
    const options = { redisUrl, prefix, concurrency: 1, logger, clock: rig.clock, metrics };
    const worker = createWorker('imports', { import: fatal }, {}, options);
    expect(await rig.producer.waitFor(jobId, 10_000)).toMatchObject({ state: 'failed' });
    await worker.close();
    expect(await getImport(rig.db, userId, importId)).toMatchObject({ status: 'queued' });
    await takeUp();
    expect(await getImport(rig.db, userId, importId)).toMatchObject({
      status: 'failed',
      problem: 'The worker could not go on.',
    });
    expect(await rig.db.prisma.importChunk.count()).toBe(0);
  });

  it('leaves an import with its job, gives one to those without, and forgets uploads of yesterday', async () => {
    const userId = await rig.listener('lost');
    const stale = await createImport(rig.db, userId, new Date(rig.clock.nowMs() - DAY_MS - 1));
    const fresh = await createImport(rig.db, userId, rig.clock.now());
    const kept = await rig.upload(userId, ['a.json', '[]']);
    await takeUp();
    expect(await getImport(rig.db, userId, kept.importId)).toMatchObject({ jobId: kept.jobId });
    expect(await getImport(rig.db, userId, stale)).toBeNull();
    expect(await getImport(rig.db, userId, fresh)).toMatchObject({ status: 'uploading' });

    await rig.redis.del(...(await rig.redis.keys(`${rig.environment.QUEUE_PREFIX}*`)));
    await takeUp();
    await takeUp();
    const depth = (await rig.producer.counts()).find((one) => one.queue === 'imports');
    expect(depth?.counts.queued).toBe(1);
    const taken = await getImport(rig.db, userId, kept.importId);
    expect(await rig.producer.get(taken?.jobId ?? '')).toMatchObject({ state: 'queued', ownerId: userId });
  });
});
