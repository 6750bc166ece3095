import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import type * as Engine from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';

export const SCHEMA_PATH = new URL('./schema.prisma', import.meta.url);

// Node has it; its types come with the DOM's, which are no business of a server's.
declare const WebAssembly: {
  instantiate(bytes: Uint8Array, imports: Record<string, object>): Promise<{ instance: { exports: object } }>;
};

type Bindings = typeof Engine & { __wbg_set_wasm(exports: object): void };

/** The engine never clears the timer of its lock, which would hold every process for ten seconds. */
function withIdleTimers(imports: object): object {
  return Object.fromEntries(
    Object.entries(imports).map(([name, value]) => [
      name,
      name.startsWith('__wbg_setTimeout_')
        ? (callback: () => void, delayMs: number) => setTimeout(callback, delayMs >>> 0).unref()
        : value,
    ]),
  );
}

async function instantiate(): Promise<Bindings> {
  const bindings = (await import('@prisma/schema-engine-wasm/schema_engine_bg')) as Bindings;
  const binary = createRequire(import.meta.url)
    .resolve('@prisma/schema-engine-wasm/schema_engine_bg')
    .replace(/\.js$/, '.wasm');
  const { instance } = await WebAssembly.instantiate(await readFile(binary), {
    './schema_engine_bg.js': withIdleTimers(bindings),
  });
  bindings.__wbg_set_wasm(instance.exports);
  (instance.exports as { __wbindgen_start?: () => void }).__wbindgen_start?.();
  return bindings;
}

// The bindings keep their instance in module state, so a process can only ever have one.
let loaded: Promise<Bindings> | undefined;

/** What our own connections are called, so that nobody takes them for a service's. */
export const MIGRATOR_NAME = 'spindle-migrate';
const LOCK_NOT_AVAILABLE = '55P03';

/** A table that a migration changes was in use for too long: nothing happened, and it may be tried again. */
export class TablesInUse extends Error {
  override readonly name = 'TablesInUse';
}

/**
 * Prisma's adapter cuts a script into statements, each a transaction of its own, so that a migration that ended in
 * the middle would leave half of itself behind. Here a script is one transaction: all of it or nothing.
 */
class WholeScripts extends PrismaPg {
  tablesWereInUse = false;

  override async connect(): Promise<Awaited<ReturnType<PrismaPg['connect']>>> {
    const adapter = await super.connect();
    adapter.executeScript = async (sql) => {
      try {
        await adapter.executeRaw({ sql, args: [], argTypes: [] });
      } catch (error) {
        const { cause } = error as { cause?: { originalCode?: string } };
        this.tablesWereInUse = cause?.originalCode === LOCK_NOT_AVAILABLE;
        throw error;
      }
    };
    return adapter;
  }
}

/**
 * Runs `work` with Prisma's schema engine as WebAssembly, on a connection of its own. The native
 * engine, which the ordinary CLI downloads, is not needed; format and history are the same.
 *
 * @param lockTimeoutMs how long a statement waits for a table, during which everybody else waits for it too; 0: on
 * and on.
 * @throws TablesInUse
 */
export async function withSchemaEngine<T>(
  databaseUrl: string,
  work: (engine: Engine.SchemaEngine) => Promise<T>,
  lockTimeoutMs = 0,
): Promise<T> {
  loaded ??= instantiate();
  const { SchemaEngine } = await loaded;
  // The engine's own lock belongs to its connection, so the pool must end with the work.
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: 2,
    application_name: MIGRATOR_NAME,
    options: `-c lock_timeout=${lockTimeoutMs}`,
  });
  const adapters = new WholeScripts(pool);
  try {
    const datamodel = await readFile(SCHEMA_PATH, 'utf8');
    const factory = bindMigrationAwareSqlAdapterFactory(adapters);
    const engine = await SchemaEngine.new({ datamodels: [['schema.prisma', datamodel]] }, () => {}, factory);
    try {
      return await work(engine);
    } catch (error) {
      if (!adapters.tablesWereInUse) throw error;
      throw new TablesInUse('A table that a migration changes was in use for too long.', { cause: error });
    } finally {
      engine.free();
    }
  } finally {
    await pool.end();
  }
}
