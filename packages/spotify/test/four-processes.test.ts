import { type ChildProcess, fork } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { approveConsent, createSandbox, DEFAULT_APP, type Sandbox } from '@spindle/spotify-sandbox';
import { testRedis } from '@spindle/testkit';

const WORKER = new URL('./calling-process.ts', import.meta.url);

interface Report {
  readonly granted: number;
  readonly refusedBySpotify: number;
}

/**
 * Runs the same greedy caller in four processes that know nothing of one another. All begin at the same
 * word: a machine that starts one of them sooner must not let it take everything.
 */
async function fourProcesses(environment: Record<string, string>): Promise<Report[]> {
  const children = Array.from({ length: 4 }, () =>
    fork(WORKER, {
      env: { ...process.env, ...environment, NODE_OPTIONS: '--disable-warning=ExperimentalWarning' },
      execArgv: [],
    }),
  );
  const message = (child: ChildProcess) =>
    new Promise<unknown>((resolve, reject) => {
      child.once('message', resolve);
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`the caller ended with ${code}`)));
    });
  await Promise.all(children.map(message));
  const reports = children.map(message);
  for (const child of children) child.send('go');
  return (await Promise.all(reports)) as Report[];
}
const sum = (reports: readonly Report[], key: keyof Report) =>
  reports.reduce((total, report) => total + report[key], 0);

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await createSandbox({ people: 2, quota: null, rateLimit: { windowMs: 30_000, limit: 40 } });
});
afterAll(() => sandbox.close());

async function accessToken(): Promise<string> {
  const person = sandbox.control.people()[0]?.id ?? '';
  const code = await approveConsent(sandbox.accountsUrl, {
    clientId: DEFAULT_APP.clientId,
    redirectUri: DEFAULT_APP.redirectUris[0],
    scopes: ['user-read-playback-state'],
    personId: person,
  });
  const answer = await fetch(`${sandbox.accountsUrl}/api/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${DEFAULT_APP.clientId}:${DEFAULT_APP.clientSecret}`).toString('base64')}`,
    },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: DEFAULT_APP.redirectUris[0],
    }),
  });
  return ((await answer.json()) as { access_token: string }).access_token;
}

describe('four processes together', () => {
  it("keep the day's allowance that each of them would use up alone", async () => {
    const { url, prefix } = testRedis();
    const reports = await fourProcesses({
      CALLER_REDIS: url,
      CALLER_PREFIX: prefix,
      CALLER_ALLOWANCE: '100',
      CALLER_WISH: '100',
    });
    // The lane that asks may use all but what is kept for clicks.
    expect(sum(reports, 'granted')).toBe(96);
    expect(Math.max(...reports.map((report) => report.granted))).toBeLessThan(96);
  });

  it("find Spotify's unpublished limit together, at the cost of a handful of refusals", async () => {
    const { url, prefix } = testRedis();
    sandbox.control.clearCalls();
    const reports = await fourProcesses({
      CALLER_REDIS: url,
      CALLER_PREFIX: prefix,
      CALLER_ALLOWANCE: '0',
      CALLER_WISH: '60',
      CALLER_API: sandbox.apiUrl,
      CALLER_TOKEN: await accessToken(),
    });
    const calls = sandbox.control.callCount({ pathPrefix: '/v1/' });
    const refused = sandbox.control.callCount({ pathPrefix: '/v1/', status: 429 });
    expect(calls).toBe(sum(reports, 'granted'));
    expect(refused).toBe(sum(reports, 'refusedBySpotify'));
    expect(calls - refused).toBeGreaterThanOrEqual(30);
    // Only what was under way when the first refusal came; each process alone would have gone on to 60.
    expect(refused).toBeLessThanOrEqual(8);
  });
});
