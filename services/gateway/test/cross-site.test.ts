import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AnnsThings } from './support/anns-things.ts';
import type { Browser } from './support/browser.ts';
import { addressOf, EXAMPLES } from './support/example-requests.ts';
import { allOperations, changesSomething } from './support/operations.ts';
import { standInWorkers } from './support/stand-in-workers.ts';
import { changedTables, storedState } from './support/stored-state.ts';
import { ADMIN_PASSWORD, startGateway, type TestGateway } from './support/test-gateway.ts';

/** What pages of other sites can do with the cookies of a browser, at every operation that changes something. */

let gateway: TestGateway;
let things: AnnsThings;
let stopWorkers: (() => Promise<void>) | undefined;
/** Ann, who is the admin: she may do most. */
let ann: Browser;
/** The operator, by a session. */
let operator: Browser;

beforeAll(async () => {
  gateway = await startGateway({ RATE_LIMIT_SCALE: '0' });
  stopWorkers = await standInWorkers(gateway);
  ann = await gateway.signedIn('ann');
  const annId = Number((await ann.ask('/api/user')).json.id);
  things = await AnnsThings.make({ gateway, ann, annId, ada: ann });
  operator = gateway.browser();
  await operator.ask('/auth/operator/password', { body: { password: ADMIN_PASSWORD } });
});
afterAll(async () => {
  await stopWorkers?.();
  await gateway?.stop();
}, 60_000);

/** What a browser says of a request that a page of another site has made it send; older ones name the origin only. */
const ELSEWHERE: readonly Record<string, string>[] = [
  { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
  { 'sec-fetch-site': 'same-site', origin: 'https://sibling.example.org' },
  { 'sec-fetch-site': '', origin: 'https://evil.example' },
  { 'sec-fetch-site': '', origin: 'null' },
  { 'sec-fetch-site': '' },
];
/** It uses no cookie: whoever has the password or secret may ask from anywhere. */
const WITHOUT_COOKIE = new Set(['issueToken']);
/** Programs that have no cookie yet say nothing of where they come from, and may join a room. */
const OPEN_TO_PROGRAMS = new Set(['joinRoom']);

const changing = allOperations().filter(
  (operation) => changesSomething(operation) && !WITHOUT_COOKIE.has(operation.contract.id),
);

const reading = allOperations().filter(
  ({ method, contract }) => method === 'GET' && contract.auth !== 'public' && contract.auth !== 'cron',
);

describe('a page of another site', () => {
  it.each(changing)('cannot have a browser ask $name', async ({ name, method, path, contract }) => {
    const example = (await EXAMPLES[name]?.(things)) ?? {};
    await things.room();
    const before = await storedState(gateway.db);
    const who = contract.auth === 'cron' || contract.auth === 'service' ? operator : ann;
    for (const headers of ELSEWHERE) {
      if (OPEN_TO_PROGRAMS.has(contract.id) && headers.origin === undefined) continue;
      const asking = { ...example.asking, method, headers: { ...example.asking?.headers, ...headers } };
      const answer = await who.ask(addressOf(path, example), asking);
      expect({ headers, status: answer.status }).toEqual({ headers, status: 403 });
    }
    expect(changedTables(before, await storedState(gateway.db))).toEqual([]);
  });

  it('cannot send a browser to what changes something by GET either, but its owner can', async () => {
    const paths = [
      ['/api/user/save', ann],
      ['/api/trackers/update', operator],
    ] as const;
    for (const [path, browser] of paths) {
      const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
      expect((await browser.ask(path, { headers })).json).toMatchObject({ type: '/problems/cross-site' });
      expect((await browser.ask(path, { headers: { 'sec-fetch-site': 'none' } })).status).toBe(202);
    }
  });

  it.each(reading)('may not read $name by the cookie', async ({ method, path, name }) => {
    const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
    const example = (await EXAMPLES[name]?.(things)) ?? {};
    const answer = await ann.ask(addressOf(path, example), { method, headers });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    expect(answer.headers.get('cross-origin-resource-policy')).toBe('same-origin');
  });
});
