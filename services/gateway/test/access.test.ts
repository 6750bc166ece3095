import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { API_TOKEN_SCOPES } from '@spindle/contracts';
import { ACCESS, CALLERS, type CallerName } from './support/access-table.ts';
import { ANNS, AnnsThings } from './support/anns-things.ts';
import { type Answer, type Asking, Browser } from './support/browser.ts';
import { addressOf, EXAMPLES } from './support/example-requests.ts';
import { allOperations, changesSomething, type Operation } from './support/operations.ts';
import { joinAs, openRoom } from './support/party.ts';
import { standInWorkers } from './support/stand-in-workers.ts';
import { changedTables, storedState } from './support/stored-state.ts';
import {
  ADMIN_PASSWORD,
  CRON_SECRET,
  SERVICE_SECRET,
  startGateway,
  type TestGateway,
} from './support/test-gateway.ts';

/**
 * Everybody walks through every operation of the OpenAPI document, and the answers are compared with
 * the table of access-table.ts. Where somebody is refused, nothing that is stored may have changed, and
 * nothing private of Ann's may be in an answer to anybody else.
 */

let gateway: TestGateway;
let things: AnnsThings;
let annId: number;
let stopWorkers: (() => Promise<void>) | undefined;
let callers: Record<CallerName, (path: string, asking: Asking) => Promise<Answer>>;
const count = { calls: 0, refused: 0, compared: 0 };

const rows = new Map(
  ACCESS.trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [method, path, ...statuses] = line.trim().split(/\s+/);
      return [`${method} ${path}` as string, statuses.map(Number)] as const;
    }),
);
const operations: readonly Operation[] = allOperations();
const answer = (name: CallerName, status: number | undefined) => `${name} ${status}`;

/** Signs Ann, Bob and the admin in (anew) and gives Ann new tokens. */
async function enter(): Promise<void> {
  const admin = await gateway.signedIn('ada');
  const ann = await gateway.signedIn('ann');
  const bob = await gateway.signedIn('bob');
  annId = Number((await ann.ask('/api/user')).json.id);
  // There may be only so many tokens.
  await gateway.db.prisma.apiToken.deleteMany();
  things = await AnnsThings.make({ gateway, ann, annId, ada: admin });

  // Some refusals take a lock on a listener's history, which is a row.
  for (const browser of [admin, bob])
    await browser.ask('/api/user', { method: 'PATCH', body: { minPlayMs: 25_000 } });

  const nobody = new Browser(gateway.url);
  const bearing =
    (credential: () => string | Promise<string>, header = 'authorization') =>
    async (path: string, asking: Asking) =>
      // A browser of its own: what one answer plants must not help the next.
      new Browser(gateway.url).ask(path, {
        ...asking,
        headers: { ...asking.headers, [header]: await credential() },
      });
  const tokens = await Promise.all(
    API_TOKEN_SCOPES.map(async (scope) => {
      const { json } = await ann.ask('/api/tokens', { body: { name: `${ANNS} ${scope}`, scopes: [scope] } });
      return [scope, bearing(() => `Bearer ${json.token}`)] as const;
    }),
  );
  const jwt = async (fields: Record<string, string>) => {
    const { json } = await nobody.ask('/token', {
      raw: new URLSearchParams(fields).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    return bearing(() => `Bearer ${json.access_token}`);
  };
  const elsewhere = await openRoom(bob, {});
  const stranger = await joinAs(gateway.url, elsewhere.code, 'Stranger');
  callers = {
    nobody: (path, asking) => new Browser(gateway.url).ask(path, asking),
    other: (path, asking) => bob.ask(path, asking),
    owner: (path, asking) => ann.ask(path, asking),
    admin: (path, asking) => admin.ask(path, asking),
    ...(Object.fromEntries(tokens) as Record<
      (typeof API_TOKEN_SCOPES)[number],
      Awaited<ReturnType<typeof jwt>>
    >),
    guest: bearing(async () => `Bearer ${(await things.room()).guestToken}`),
    stranger: bearing(() => `Bearer ${stranger.token}`),
    operator: await jwt({ grant_type: 'password', password: ADMIN_PASSWORD }),
    service: await jwt({
      grant_type: 'client_credentials',
      client_id: 'backup',
      client_secret: SERVICE_SECRET,
    }),
    cron: bearing(() => CRON_SECRET, 'x-cron-secret'),
  };
}

beforeAll(async () => {
  gateway = await startGateway({ RATE_LIMIT_SCALE: '0' }, { people: ['ada', 'ann', 'bob'] });
  stopWorkers = await standInWorkers(gateway);
  await enter();
});
afterAll(async () => {
  process.stdout.write(
    `access: ${operations.length} operations, ${count.calls} calls, ${count.refused} refused; ` +
      `the whole database compared ${count.compared} times\n`,
  );
  await stopWorkers?.();
  await gateway?.stop();
}, 60_000);

async function call(operation: Operation, caller: CallerName): Promise<Answer> {
  count.calls += 1;
  const example = (await EXAMPLES[operation.name]?.(things)) ?? {};
  const { method } = operation;
  return callers[caller](addressOf(operation.path, example), { ...example.asking, method });
}

const ERASES = new Set(['deleteUser', 'eraseListener']);
const ENDS_SESSIONS = new Set(['logout', 'operatorPassword', 'signOutUser']);

/** Puts right what a call that was carried out may have used up. */
async function recover(operation: Operation): Promise<void> {
  if (!changesSomething(operation)) return;
  await things.forget();
  const { id } = operation.contract;
  if (ERASES.has(id)) await gateway.db.prisma.user.updateMany({ data: { erasingAt: null } });
  if (ERASES.has(id) || ENDS_SESSIONS.has(id)) await enter();
}

const anns = new Set<CallerName>(['owner', ...API_TOKEN_SCOPES]);
/** Whoever knows the key of an address that Ann gave out sees what it shows. */
const BY_KEY = /\{key\}/;

describe('every operation', () => {
  it('has its row in the table, and no row is without an operation', () => {
    expect([...rows.keys()].toSorted()).toEqual(operations.map(({ name }) => name).toSorted());
    expect([...rows.values()].every((statuses) => statuses.length === CALLERS.length)).toBe(true);
  });

  it.each(operations)('$name', async (operation) => {
    const expected = new Map(CALLERS.map((name, index) => [name, rows.get(operation.name)?.[index] ?? 0]));
    const isRefused = (name: CallerName) => (expected.get(name) ?? 0) >= 400;
    const got = new Map<CallerName, number>();
    const askAs = async (name: CallerName) => {
      const given = await call(operation, name);
      got.set(name, given.status);
      if (given.status >= 400) {
        count.refused += 1;
        expect(given.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      }
      if (!anns.has(name) && !BY_KEY.test(operation.path)) expect(given.text).not.toContain(ANNS);
    };
    // What the address names is made before it is looked at what is stored.
    await EXAMPLES[operation.name]?.(things);
    await things.room();
    const changes = changesSomething(operation);
    const before = changes ? await storedState(gateway.db) : null;
    const annsBefore = changes ? await storedState(gateway.db, annId) : null;
    for (const name of CALLERS.filter(isRefused)) await askAs(name);
    if (before) {
      count.compared += 1;
      expect(changedTables(before, await storedState(gateway.db))).toEqual([]);
    }
    // Guests and strangers change a room, and admins do to Ann what is named; all else of hers stays as it is.
    const touchesAnn = /^\/rooms\/|^\/api\/admin\//.test(operation.path);
    for (const name of CALLERS.filter((one) => !isRefused(one) && !anns.has(one))) {
      await askAs(name);
      if (touchesAnn && changes) await recover(operation);
    }
    if (annsBefore && !touchesAnn) {
      count.compared += 1;
      expect(changedTables(annsBefore, await storedState(gateway.db, annId))).toEqual([]);
    }
    for (const name of CALLERS.filter((one) => !isRefused(one) && anns.has(one))) {
      await askAs(name);
      await recover(operation);
    }
    expect(CALLERS.map((name) => answer(name, got.get(name)))).toEqual(
      CALLERS.map((name) => answer(name, expected.get(name))),
    );
    if (changes) await recover(operation);
  });
});

describe('what the document does not name', () => {
  const others: readonly (readonly [path: string, open: readonly CallerName[]])[] = [
    ['/openapi.json', CALLERS],
    ['/docs', CALLERS],
    ['/problems/not-found', CALLERS],
    // Everybody here calls from the same machine.
    ['/metrics', CALLERS],
    ['/admin/queues', ['admin', 'operator']],
    ['/admin/queues/api/queues', ['admin', 'operator']],
  ];

  it.each(others)('GET %s is for whom it is meant', async (path, open) => {
    const served: CallerName[] = [];
    for (const name of CALLERS) {
      const { status, headers } = await callers[name](path, { method: 'GET' });
      if (status < 400) served.push(name);
      else expect([401, 403]).toContain(status);
      if (status >= 400) expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
    }
    expect(served).toEqual(open);
  });

  it('the dashboard of the queues takes orders of admins alone', async () => {
    const path = '/admin/queues/api/queues/sync/clean/completed';
    const statuses = [];
    for (const name of CALLERS) {
      if (name === 'admin' || name === 'operator') continue;
      statuses.push((await callers[name](path, { method: 'PUT' })).status);
    }
    expect(statuses.every((status) => status === 401 || status === 403)).toBe(true);
    const fromElsewhere = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
    expect((await callers.admin(path, { method: 'PUT', headers: fromElsewhere })).status).toBe(403);
  });
});
