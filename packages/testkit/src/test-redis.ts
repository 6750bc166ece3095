import { randomBytes } from 'node:crypto';

export interface TestRedis {
  readonly url: string;
  /** A queue prefix that no other test has, hash-tagged as production's. */
  readonly prefix: string;
}

/**
 * The run's Redis and a prefix of one's own, so that test files share it without meeting.
 *
 * @throws when the run has no Redis: the package's Jest configuration must use the integration preset.
 */
export function testRedis(): TestRedis {
  const url = process.env.TEST_REDIS_URL;
  if (!url) throw new Error('TEST_REDIS_URL is not set: use integrationPreset in jest.config.mjs.');
  return { url, prefix: `{test-${randomBytes(6).toString('hex')}}` };
}
