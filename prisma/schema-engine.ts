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

/**
 * Runs `work` with Prisma's schema engine as WebAssembly, on a connection of its own. The native
 * engine, which the ordinary CLI downloads, is not needed; format and history are the same.
 */
export async function withSchemaEngine<T>(
  databaseUrl: string,
  work: (engine: Engine.SchemaEngine) => Promise<T>,
): Promise<T> {
  loaded ??= instantiate();
  const { SchemaEngine } = await loaded;
  // The engine's own lock belongs to its connection, so the pool must end with the work.
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  try {
    const datamodel = await readFile(SCHEMA_PATH, 'utf8');
    const factory = bindMigrationAwareSqlAdapterFactory(new PrismaPg(pool));
    const engine = await SchemaEngine.new({ datamodels: [['schema.prisma', datamodel]] }, () => {}, factory);
    try {
      return await work(engine);
    } finally {
      engine.free();
    }
  } finally {
    await pool.end();
  }
}
