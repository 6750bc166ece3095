import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from './free-port.ts';
import { endProcess, findRedisServer, spawnRedis, untilRedisAnswers } from './redis.ts';
import { waitFor } from './wait-for.ts';

/** Several Redis servers on this machine that stand in for one another. */
export interface RedisTopology {
  /** What `REDIS_URL` says of them. */
  readonly url: string;
  /**
   * Kills the master that holds a key, as a crash would but when its replica has all that it has acknowledged
   * (Redis promises no more), and answers when another has taken its place.
   */
  failOver(key: string): Promise<void>;
  stop(): Promise<void>;
}

interface Member {
  readonly port: number;
  readonly child: ChildProcess;
  readonly client: Redis;
}

const SLOTS = 16_384;
const HIGHEST_PORT = 55_000;
/** A member that does not answer for so long is replaced. */
const AWAY_MS = 1_500;
const SETTLE_MS = 30_000;
const MASTER = 'spindle-master';

class Members {
  readonly all: Member[] = [];
  readonly others: ChildProcess[] = [];
  readonly folder: string;
  readonly binary: string;

  private constructor(binary: string, folder: string) {
    this.binary = binary;
    this.folder = folder;
  }

  static async create(): Promise<Members> {
    const binary = findRedisServer();
    if (!binary) throw new Error('There is no redis-server or valkey-server on the PATH.');
    return new Members(binary, await mkdtemp(join(tmpdir(), 'spindle-redis-')));
  }

  async add(more: readonly string[]): Promise<Member> {
    let port = await freePort();
    // Members of a Cluster talk to one another on a port 10,000 above.
    while (port > HIGHEST_PORT) port = await freePort();
    const folder = join(this.folder, String(port));
    mkdirSync(folder);
    const child = spawnRedis(this.binary, port, folder, more);
    await untilRedisAnswers(`redis://127.0.0.1:${port}`);
    const client = new Redis(port, '127.0.0.1', { maxRetriesPerRequest: 0, retryStrategy: () => 200 });
    client.on('error', () => {});
    const member = { port, child, client };
    this.all.push(member);
    return member;
  }

  at(port: number): Member {
    const member = this.all.find((one) => one.port === port);
    if (!member) throw new Error(`No Redis of ours listens on ${port}.`);
    return member;
  }

  async stop(): Promise<void> {
    for (const { client } of this.all) client.disconnect();
    await Promise.all(
      [...this.others, ...this.all.map((one) => one.child)].map((one) => endProcess(one, 'SIGKILL')),
    );
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A Redis Cluster of three masters with a replica each. */
export async function startRedisCluster(): Promise<RedisTopology> {
  const members = await Members.create();
  try {
    for (let index = 0; index < 6; index += 1)
      await members.add(['--cluster-enabled', 'yes', '--cluster-node-timeout', String(AWAY_MS)]);
    await joinTogether(members);
  } catch (error) {
    await members.stop();
    throw error;
  }
  const masterOf = async (key: string, asked: readonly Member[]) => {
    for (const { client } of asked) {
      const slot = await client.cluster('KEYSLOT', key).catch(() => null);
      const ranges = slot === null ? null : await client.cluster('SLOTS').catch(() => null);
      const range = (ranges as [number, number, [string, number]][] | null)?.find(
        ([from, to]) => from <= Number(slot) && Number(slot) <= to,
      );
      if (range) return range[2][1];
    }
    return null;
  };
  return {
    url: `redis+cluster://${members.all.map((one) => `127.0.0.1:${one.port}`).join(',')}`,
    async failOver(key) {
      const old = members.at((await masterOf(key, members.all)) ?? 0);
      await old.client.wait(1, SETTLE_MS);
      await endProcess(old.child, 'SIGKILL');
      const left = members.all.filter((one) => one !== old);
      await waitFor(
        async () => {
          const port = await masterOf(key, left);
          const info = String(await left[0]?.client.cluster('INFO'));
          return port !== null && port !== old.port && info.includes('cluster_state:ok');
        },
        { what: 'a replica to be the master', timeoutMs: SETTLE_MS, everyMs: 100 },
      );
    },
    stop: () => members.stop(),
  };
}

async function joinTogether(members: Members): Promise<void> {
  const [first, ...rest] = members.all;
  if (!first) throw new Error('The cluster has no members.');
  for (const { port } of rest) await first.client.cluster('MEET', '127.0.0.1', port);
  const masters = members.all.slice(0, 3);
  for (const [index, { client }] of masters.entries()) {
    const from = Math.ceil((SLOTS / 3) * index);
    const to = Math.ceil((SLOTS / 3) * (index + 1));
    await client.cluster('ADDSLOTS', ...Array.from({ length: to - from }, (_, slot) => from + slot));
  }
  const all = (state: string) =>
    waitFor(
      async () => {
        for (const { client } of members.all) {
          const info = String(await client.cluster('INFO'));
          if (!info.includes('cluster_known_nodes:6') || !info.includes(state)) return false;
        }
        return true;
      },
      { what: 'the cluster to stand', timeoutMs: SETTLE_MS, everyMs: 100 },
    );
  await all('cluster_state:ok');
  for (const [index, { client }] of members.all.slice(3).entries()) {
    const id = String(await masters[index]?.client.cluster('MYID'));
    await waitFor(async () => (await client.cluster('REPLICATE', id)) === 'OK', {
      what: 'a replica to know its master',
    });
  }
  await Promise.all(members.all.slice(3).map(({ client }) => untilInStep(client)));
}

/** Until a replica has what its master has, and may take its place. */
function untilInStep(replica: Redis): Promise<unknown> {
  return waitFor(async () => (await replica.info('replication')).includes('master_link_status:up'), {
    what: 'a replica to be in step',
    timeoutMs: SETTLE_MS,
    everyMs: 100,
  });
}

/** A master with a replica, and three Sentinels that watch over them. */
export async function startRedisSentinels(): Promise<RedisTopology> {
  const members = await Members.create();
  const sentinels: number[] = [];
  try {
    const master = await members.add([]);
    const replica = await members.add(['--replicaof', `127.0.0.1 ${master.port}`]);
    await untilInStep(replica.client);
    for (let index = 0; index < 3; index += 1) {
      const port = await freePort();
      const file = join(members.folder, `sentinel-${port}.conf`);
      writeFileSync(
        file,
        [
          `port ${port}`,
          'bind 127.0.0.1',
          `sentinel monitor ${MASTER} 127.0.0.1 ${master.port} 2`,
          `sentinel down-after-milliseconds ${MASTER} ${AWAY_MS}`,
          `sentinel failover-timeout ${MASTER} 5000`,
        ].join('\n'),
      );
      members.others.push(spawn(members.binary, [file, '--sentinel'], { stdio: 'ignore', detached: true }));
      await untilRedisAnswers(`redis://127.0.0.1:${port}`);
      sentinels.push(port);
    }
    await waitFor(
      async () => (await whatSentinelsKnow(sentinels)).every((one) => one.others === 2 && one.replicas === 1),
      {
        what: 'the Sentinels to know of one another',
        timeoutMs: SETTLE_MS,
        everyMs: 100,
      },
    );
  } catch (error) {
    await members.stop();
    throw error;
  }
  return {
    url: `redis+sentinel://${sentinels.map((port) => `127.0.0.1:${port}`).join(',')}/${MASTER}`,
    async failOver() {
      const [{ master = 0 } = {}] = await whatSentinelsKnow(sentinels);
      await members.at(master).client.wait(1, SETTLE_MS);
      await endProcess(members.at(master).child, 'SIGKILL');
      await waitFor(async () => (await whatSentinelsKnow(sentinels)).every((one) => one.master !== master), {
        what: 'another master',
        timeoutMs: SETTLE_MS,
        everyMs: 100,
      });
    },
    stop: () => members.stop(),
  };
}

function whatSentinelsKnow(ports: readonly number[]) {
  return Promise.all(
    ports.map(async (port) => {
      const client = new Redis(port, '127.0.0.1', { maxRetriesPerRequest: 1 });
      client.on('error', () => {});
      try {
        const [facts] = (await client.call('SENTINEL', 'MASTERS')) as string[][];
        const of = (name: string) => Number(facts?.[facts.indexOf(name) + 1]);
        return { master: of('port'), others: of('num-other-sentinels'), replicas: of('num-slaves') };
      } finally {
        client.disconnect();
      }
    }),
  );
}
