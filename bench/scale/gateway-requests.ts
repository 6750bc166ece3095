import { createDatabase } from '@spindle/db';
import { createTestDatabase } from '@spindle/testkit';
import autocannon from 'autocannon';
import { addListener, addToken, startGateway } from '../gateway.ts';
import { type Front, startFront } from '../rooms/front.ts';
import type { ServiceProcess } from '../service-process.ts';
import { measureUse, type Use } from './machine.ts';

/** So many people: nginx limits what comes from one address. */
const PEOPLE = 500;

/** What an open page asks for. */
const PATHS = ['/api/user', '/api/plays?limit=20', '/api/stats/summary?range=month', '/api/widgets'];

export interface RequestRun extends Use {
  readonly kind: Front['kind'];
  readonly perSecond: number;
  /** ms */
  readonly p99: number;
  /** Answers other than 200, and connections that broke. */
  readonly wrong: number;
}

/** Requests a second of so many gateways behind one front, signed in. */
export async function requests(options: {
  readonly redisUrl: string;
  readonly gateways: number;
  readonly connections: number;
  readonly seconds: number;
}): Promise<RequestRun> {
  const store = await createTestDatabase();
  const db = createDatabase({ url: store.url, poolSize: 2 });
  const running: ServiceProcess[] = [];
  let front: Front | undefined;
  try {
    const ports: number[] = [];
    for (let n = 0; n < options.gateways; n += 1) {
      const { origin, process: one } = await startGateway({
        DATABASE_URL: store.url,
        REDIS_URL: options.redisUrl,
        QUEUE_PREFIX: `{bench-requests-${process.pid}}`,
      });
      running.push(one);
      ports.push(Number(new URL(origin).port));
    }
    front = await startFront(ports, undefined, { TRUSTED_PROXIES: '127.0.0.1' });
    const token = await addToken(db, await addListener(db, 'reader'));
    const authorization = `Bearer ${token}`;
    const fire = (duration: number) =>
      autocannon({
        url: front?.origin ?? '',
        requests: Array.from({ length: PEOPLE * PATHS.length }, (_, n) => ({
          path: PATHS[n % PATHS.length] ?? '/',
          headers: { authorization, 'x-forwarded-for': `10.0.${Math.trunc((n % PEOPLE) / 250)}.${n % 250}` },
        })),
        connections: options.connections,
        duration,
      });
    await fire(2);
    let result: Awaited<ReturnType<typeof fire>> | undefined;
    const use = await measureUse(running, async () => {
      result = await fire(options.seconds);
    });
    return {
      ...use,
      kind: front.kind,
      perSecond: result?.requests.average ?? 0,
      p99: result?.latency.p99 ?? 0,
      wrong: (result?.non2xx ?? 0) + (result?.errors ?? 0),
    };
  } finally {
    // The load was broken off: what was in hand then is answered before the gateways go.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await front?.stop();
    for (const one of running) await one.stop();
    await db.close();
    await store.drop();
  }
}
