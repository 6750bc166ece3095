import { fileURLToPath } from 'node:url';

/** What every package's Jest run shares: ESM TypeScript through SWC, nothing else in between. */
const preset = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: {
    '^.+\\.tsx?$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', tsx: true },
          target: 'es2024',
          transform: { react: { runtime: 'automatic' } },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  testMatch: ['<rootDir>/{src,test}/**/*.test.{ts,tsx}'],
  testTimeout: 30_000,
  maxWorkers: 2,
};
export default preset;

/** For suites that need PostgreSQL and Redis: real servers, started once a run unless TEST_DATABASE_URL and TEST_REDIS_URL name some. */
export const integrationPreset = {
  ...preset,
  globalSetup: fileURLToPath(new URL('packages/testkit/src/global-setup.ts', import.meta.url)),
  globalTeardown: fileURLToPath(new URL('packages/testkit/src/global-teardown.ts', import.meta.url)),
};
