import { afterAll } from '@jest/globals';
import { findPgBouncer, startPgBouncer, TEST_POOLER } from '@spindle/testkit';

// Imported before anything that makes a database: from here on they are reached through PgBouncer. Without one
// the tests run as they do elsewhere, and `hasPooler` says so.
export const hasPooler = findPgBouncer();
if (hasPooler) {
  const pooler = await startPgBouncer(process.env.TEST_DATABASE_URL ?? '');
  process.env[TEST_POOLER] = String(pooler.port);
  // The hooks of the tests, which come later, run before it.
  afterAll(() => pooler.stop());
}
