import { startPostgres } from './postgres.ts';
import { startRedis } from './redis.ts';
import { prepareTemplate } from './test-database.ts';

/** Where the servers of a test run are; a caller may bring its own of either. */
export const TEST_DATABASE_URL = 'TEST_DATABASE_URL';
export const TEST_REDIS_URL = 'TEST_REDIS_URL';

/**
 * Starts what a test run lacks, names it in `environment`, and answers what stops it again. The schema
 * is brought into a template database, from which each test file copies its own.
 */
export async function startTestServers(environment: NodeJS.ProcessEnv): Promise<() => Promise<void>> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const one of stops.reverse()) await one();
  };
  try {
    if (!environment[TEST_DATABASE_URL]) {
      const postgres = await startPostgres();
      stops.push(postgres.stop);
      environment[TEST_DATABASE_URL] = postgres.url;
    }
    await prepareTemplate(environment[TEST_DATABASE_URL] ?? '');
    if (!environment[TEST_REDIS_URL]) {
      const redis = await startRedis();
      stops.push(redis.stop);
      environment[TEST_REDIS_URL] = redis.url;
    }
  } catch (error) {
    // What was started would outlive the run.
    await stop();
    throw error;
  }
  return stop;
}
