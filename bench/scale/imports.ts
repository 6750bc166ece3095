import { join } from 'node:path';
import { createDatabase, getImport } from '@spindle/db';
import { createProducer } from '@spindle/queues';
import { seededRandom, systemClock } from '@spindle/service-kit';
import { createTestDatabase } from '@spindle/testkit';
import { addListener, addToken, startGateway } from '../gateway.ts';
import { bareInsert } from '../import/bare-insert.ts';
import { writeExportZip } from '../import/export-zip.ts';
import { upload } from '../import/upload.ts';
import { type ServiceProcess, startWorkers } from '../service-process.ts';
import { measureUse, type Use } from './machine.ts';

export interface ExportFile {
  readonly path: string;
  readonly plays: number;
}

/** One export for each of some listeners, all with music of their own. */
export async function writeExports(folder: string, count: number, rows: number): Promise<ExportFile[]> {
  const files: ExportFile[] = [];
  for (let n = 0; n < count; n += 1) {
    const path = join(folder, `export-${n}.zip`);
    const { plays } = await writeExportZip(path, rows, seededRandom(`listener ${n}`));
    files.push({ path, plays });
  }
  return files;
}

export interface ImportRun extends Use {
  readonly plays: number;
  /** Plays that were in the files. */
  readonly wanted: number;
}

/**
 * Everybody's export, uploaded while the queue rests, then imported by so many workers into an empty
 * database. `bare` is what PostgreSQL alone takes for the same plays over as many connections.
 */
export async function importAll(options: {
  readonly redisUrl: string;
  readonly workers: number;
  readonly files: readonly ExportFile[];
}): Promise<ImportRun & { readonly bareRate: number }> {
  const store = await createTestDatabase();
  const prefix = `{bench-imports-${process.pid}-${options.workers}}`;
  const shared = { DATABASE_URL: store.url, REDIS_URL: options.redisUrl, QUEUE_PREFIX: prefix };
  const db = createDatabase({ url: store.url, poolSize: 4 });
  const producer = createProducer({ redisUrl: options.redisUrl, prefix, clock: systemClock });
  const queue = (await producer.bullQueues()).find(({ name }) => name === 'imports');
  const running: ServiceProcess[] = [];
  try {
    await queue?.pause();
    const { origin, process: gateway } = await startGateway(shared);
    running.push(gateway);
    const begun: { userId: number; importId: number }[] = [];
    for (const [n, file] of options.files.entries()) {
      const userId = await addListener(db, `importer-${n}`);
      begun.push({ userId, importId: await upload(origin, await addToken(db, userId), file.path) });
    }
    const workers = await startWorkers('import-worker', options.workers, shared);
    running.push(...workers);
    let plays = 0;
    const use = await measureUse(workers, async () => {
      await queue?.resume();
      for (const { userId, importId } of begun) {
        let view = await getImport(db, userId, importId);
        while (!view?.finishedAt) {
          await new Promise((resolve) => setTimeout(resolve, 50));
          view = await getImport(db, userId, importId);
        }
        plays += view.totals.imported;
      }
    });
    const bare = await bareInsert(store.url, options.workers);
    return {
      ...use,
      plays,
      wanted: options.files.reduce((sum, file) => sum + file.plays, 0),
      bareRate: bare.rows / (bare.ms / 1_000),
    };
  } finally {
    for (const one of running.reverse()) await one.stop();
    await producer.close();
    await db.close();
    await store.drop();
  }
}
