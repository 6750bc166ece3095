import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { migrateDeploy, partitionPlays } from '@spindle/prisma';
import pg from 'pg';

/** When it is set, test databases have their plays partitioned. */
export const TEST_PARTITIONED = 'SPINDLE_TEST_PARTITIONED';
/** The port of a {@link startPgBouncer}: when it is set, test databases are reached through it. */
export const TEST_POOLER = 'SPINDLE_TEST_POOLER';
const MIGRATIONS = new URL('../../../prisma/migrations/', import.meta.url);

export interface TestDatabase {
  readonly url: string;
  readonly name: string;
  drop(): Promise<void>;
}

/** Names the template by what is in it, so that a changed migration never meets an old template. */
function templateName(): string {
  const hash = createHash('sha256');
  for (const entry of readdirSync(MIGRATIONS, { withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    if (entry.isDirectory()) hash.update(readFileSync(new URL(`${entry.name}/migration.sql`, MIGRATIONS)));
  }
  const shape = process.env[TEST_PARTITIONED] ? '_partitioned' : '';
  return `spindle_template_${hash.digest('hex').slice(0, 12)}${shape}`;
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

async function onServer<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Makes the template database on a server unless it is there; safe to be called by several at once. */
export async function prepareTemplate(serverUrl: string): Promise<string> {
  const name = templateName();
  await onServer(serverUrl, async (client) => {
    await client.query("SELECT pg_advisory_lock(hashtext('spindle-template'))");
    const known = await client.query('SELECT datistemplate FROM pg_database WHERE datname = $1', [name]);
    if (known.rows[0]?.datistemplate === true) return;
    await client.query(`DROP DATABASE IF EXISTS ${name}`);
    await client.query(`CREATE DATABASE ${name}`);
    await migrateDeploy(withDatabase(serverUrl, name));
    if (process.env[TEST_PARTITIONED]) await partitionPlays(withDatabase(serverUrl, name), new Date());
    await client.query(`ALTER DATABASE ${name} IS_TEMPLATE true`);
  });
  return name;
}

/**
 * A database of its own for a test file, copied from the migrated template in milliseconds.
 *
 * @throws when the run has no server: the package's Jest configuration must use the integration preset.
 */
export async function createTestDatabase(serverUrl = process.env.TEST_DATABASE_URL): Promise<TestDatabase> {
  // The run itself has prepared only the ordinary one.
  if (serverUrl && process.env[TEST_PARTITIONED]) await prepareTemplate(serverUrl);
  return copyDatabase(serverUrl, templateName());
}

/** A database of its own without any table, for tests of migrations and of what makes a database. */
export function createEmptyDatabase(serverUrl = process.env.TEST_DATABASE_URL): Promise<TestDatabase> {
  return copyDatabase(serverUrl, 'template1');
}

async function copyDatabase(serverUrl: string | undefined, template: string): Promise<TestDatabase> {
  if (!serverUrl) throw new Error('TEST_DATABASE_URL is not set: use integrationPreset in jest.config.mjs.');
  const name = `test_${randomBytes(8).toString('hex')}`;
  await onServer(serverUrl, async (client) => {
    // One copy at a time: PostgreSQL refuses to copy a template that somebody else is copying.
    await client.query("SELECT pg_advisory_lock(hashtext('spindle-copy'))");
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  });
  const url = new URL(withDatabase(serverUrl, name));
  const pooler = process.env[TEST_POOLER];
  if (pooler) {
    url.port = pooler;
    url.searchParams.set('pgbouncer', 'true');
  }
  return {
    name,
    url: url.href,
    drop: () =>
      onServer(serverUrl, async (client) => {
        await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      }),
  };
}
