import { randomInt } from 'node:crypto';
import { Agent } from 'node:http';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ANNS, AnnsThings, PLAYLIST } from './support/anns-things.ts';
import { requestTo, type WireRequest } from './support/fuzz/requests.ts';
import { verdict } from './support/fuzz/verdict.ts';
import { send } from './support/fuzz/wire.ts';
import { allOperations } from './support/operations.ts';
import { joinAs, openRoom, spotifyId, uri } from './support/party.ts';
import { standInWorkers } from './support/stand-in-workers.ts';
import { CRON_SECRET, startGateway, type TestGateway } from './support/test-gateway.ts';

/**
 * Every operation is asked what nobody would ask. `npm run fuzz -- --seconds=600` asks for longer, from
 * another seed each time; `--seed=N` asks the same again.
 */

const SECONDS = Number(process.env.FUZZ_SECONDS ?? 0);
const SEED = Number(process.env.FUZZ_SEED ?? (SECONDS > 0 ? randomInt(2 ** 31) : 20_260));
/** Requests to each operation, unless it goes by time. */
const ROUNDS = 24;

const operations = allOperations();
let gateway: TestGateway;
let stopWorkers: (() => Promise<void>) | undefined;
const agent = new Agent({ keepAlive: true, maxSockets: 4 });

beforeAll(async () => {
  gateway = await startGateway({ RATE_LIMIT_SCALE: '0' }, { people: ['ada', 'ann'] });
  stopWorkers = await standInWorkers(gateway);
});
afterAll(async () => {
  agent.destroy();
  await stopWorkers?.();
  await gateway?.stop();
}, 60_000);

type Caller = () => Readonly<Record<string, string>>;

/** Signs everybody in (anew), and makes what addresses name. */
async function enter() {
  await gateway.db.prisma.user.updateMany({ data: { erasingAt: null, disabledAt: null } });
  await gateway.db.prisma.user.updateMany({ where: { handle: 'ada' }, data: { isAdmin: true } });
  const ada = await gateway.signedIn('ada');
  const ann = await gateway.signedIn('ann');
  const annId = Number((await ann.ask('/api/user')).json.id);
  await gateway.db.prisma.apiToken.deleteMany();
  const things = await AnnsThings.make({ gateway, ann, annId, ada });
  const scopes = ['read', 'write', 'scrobble'];
  const token = (await ann.ask('/api/tokens', { body: { name: 'fuzz', scopes } })).json.token;
  const room = await openRoom(ada);
  const guest = await joinAs(gateway.url, room.code, 'Gus');
  const own = await things.room();
  const asAnn = () => ({ cookie: ann.cookie, 'sec-fetch-site': 'same-origin' });
  const callers: Caller[] = [
    () => ({}),
    asAnn,
    asAnn,
    asAnn,
    asAnn,
    asAnn,
    () => ({ cookie: ada.cookie, 'sec-fetch-site': 'same-origin' }),
    () => ({ authorization: `Bearer ${token}` }),
    () => ({ authorization: `Bearer ${guest.token}` }),
    () => ({ authorization: `Bearer ${own.guestToken}` }),
    () => ({ authorization: `Bearer ${CRON_SECRET}` }),
  ];
  const key = await things.widgetKey();
  const known = {
    params: {
      ...{ code: own.code, handle: 'ann', key, kind: 'tracks', year: '2026', id: '1' },
      'kind of /api/widgets/{key}/{kind}.svg': 'now-playing',
      'kind of /api/users/{handle}/{kind}.svg': 'top-tracks',
      'kind of /embed/{key}/{kind}': 'grid',
      'id of /api/plays/{id}': await things.id('play'),
      'id of /api/jobs/{id}': await things.id('job'),
      'id of /api/imports/{id}': await things.id('import'),
      'id of /api/imports/{id}/report': await things.id('import'),
      'id of /api/playlist/schedules/{id}': await things.id('schedule'),
      'id of /api/playlist/schedules/{id}/run': await things.id('schedule'),
      ...{ queue: 'imports', 'id of /api/admin/users/{id}': String(annId) },
      'id of /api/admin/users/{id}/sign-out': String(annId),
      'id of /api/admin/invitations/{id}': await things.id('invitation'),
      'id of /rooms/{code}/tracks/{id}': own.trackId,
      'id of /rooms/{code}/participants/{id}': own.guest.id,
    },
    words: [
      PLAYLIST,
      'liked',
      'ann',
      ANNS,
      own.code,
      '1',
      '2',
      uri(1),
      spotifyId(1),
      'random',
      'Europe/Berlin',
    ],
  };
  return { callers, known };
}

/** Operations after which a caller is nobody any more. */
const LEAVES = new Set([
  ...['logout', 'operatorPassword', 'deleteUser', 'eraseListener', 'signOutUser', 'changeUser'],
]);

const wordsOf = ({ method, target, headers, body }: WireRequest): string =>
  [
    `${method} ${target.slice(0, 300)}`,
    JSON.stringify(headers).slice(0, 300),
    body?.toString('utf8').slice(0, 500) ?? '',
  ].join('\n    ');

it(
  'nothing that is asked is answered with a failure, or with what no contract promises',
  async () => {
    process.stdout.write(`fuzz: seed ${SEED} (FUZZ_SEED)\n`);
    const until = SECONDS > 0 ? Date.now() + SECONDS * 1_000 : Number.POSITIVE_INFINITY;
    const wrong = new Map<string, string>();
    const statuses = new Map<string, number>();
    let count = 0;
    let { callers, known } = await enter();
    let arbitraries = operations.map((operation) => requestTo(operation, known));
    for (let round = 0; Date.now() < until && (SECONDS > 0 || round < ROUNDS); round += 1) {
      for (const [index, operation] of operations.entries()) {
        const leaves = LEAVES.has(operation.contract.id);
        const arbitrary = arbitraries[index];
        const seed = (SEED + round * 100_003 + index * 7) | 0;
        const [wire] = arbitrary ? fc.sample(arbitrary, { seed, numRuns: 1 }) : [];
        // Most as Ann, who owns what is named.
        const caller = callers[fc.sample(fc.nat(callers.length - 1), { seed: seed ^ 1, numRuns: 1 })[0] ?? 0];
        if (!wire || !caller) continue;
        const asked = { ...wire, headers: { ...caller(), ...wire.headers } };
        count += 1;
        let fault: string | null;
        let status = 0;
        try {
          const answer = await send(gateway.url, agent, asked);
          status = answer.status;
          const kind = `${Math.floor(answer.status / 100)}xx`;
          statuses.set(kind, (statuses.get(kind) ?? 0) + 1);
          fault = verdict(operation, answer);
        } catch (error) {
          fault = `no answer: ${error instanceof Error ? error.message : String(error)}`;
        }
        const place = `${operation.name} ${fault?.slice(0, 60)}`;
        if (fault !== null && !wrong.has(place))
          wrong.set(place, `${operation.name}: ${fault}\n    ${wordsOf(asked)}`);
        if (leaves && status < 400) ({ callers, known } = await enter());
      }
      // Rooms are closed, tokens revoked: every now and then everything is made anew.
      if (round % 8 === 7) {
        ({ callers, known } = await enter());
        arbitraries = operations.map((operation) => requestTo(operation, known));
      }
    }
    const spread = [...statuses].toSorted().map(([kind, n]) => `${n} ${kind}`);
    process.stdout.write(
      `fuzz: ${count} requests to ${operations.length} operations: ${spread.join(', ')}\n`,
    );
    expect([...wrong.values()]).toEqual([]);
    expect(count).toBeGreaterThan(operations.length);
    expect(statuses.get('2xx') ?? 0).toBeGreaterThan(count / 20);
  },
  (SECONDS + 300) * 1_000,
);
