import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type RedisTopology, startRedisCluster, startRedisSentinels, waitFor } from '@spindle/testkit';
import { Redis } from 'ioredis';
import { connect } from 'socket.io-client';
import { type System, signIn, startSystem } from '../system.ts';

// The whole system on Redis as larger installations have it: sessions, limits, queues, the governor's ledger and
// live events on servers that stand in for one another, one of which dies.

const PREFIX = '{spindle-topology}';
const PLAYLISTS = 3;
const releases: (() => unknown)[] = [];
afterEach(async () => {
  for (const release of releases.splice(0).reverse()) await release();
}, 40_000);

interface Listener {
  readonly id: string;
  readonly cookie: string;
  readonly playlists: readonly string[];
}

async function beginOn(topology: RedisTopology): Promise<{ system: System; listeners: Listener[] }> {
  releases.push(() => topology.stop());
  const system = await startSystem({
    services: ['gateway', 'playlist-worker'],
    environment: {
      REDIS_URL: topology.url,
      QUEUE_PREFIX: PREFIX,
      LOG_LEVEL: 'warn',
      RATE_LIMIT_SCALE: '100',
    },
  });
  releases.push(() => system.stop());
  const { control, catalogue } = system.sandbox;
  const uris = catalogue.tracks.filter((track) => track.playable).map(({ uri }) => uri);
  const listeners: Listener[] = [];
  for (const { id } of control.people().slice(0, 2)) {
    const playlists = Array.from({ length: PLAYLISTS }, (_, index) =>
      control.givePlaylist(id, { name: `Number ${index}`, uris: uris.slice(index * 20, index * 20 + 20) }),
    );
    listeners.push({ id, cookie: await signIn(system, id), playlists });
  }
  return { system, listeners };
}

function ask(system: System, { cookie }: Listener, path: string, body?: object, headers: object = {}) {
  return fetch(system.url + path, {
    headers: { cookie, origin: system.url, 'content-type': 'application/json', ...headers },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  });
}

/** Asks for a shuffle of each playlist. Answers the jobs that were acknowledged. */
async function shuffleAll(system: System, listeners: readonly Listener[]): Promise<string[]> {
  const jobs: string[] = [];
  for (const listener of listeners)
    for (const playlistId of listener.playlists) {
      const headers = { 'idempotency-key': randomUUID() };
      const accepted = await waitFor(
        async () => {
          const answer = await ask(system, listener, '/api/playlist/shuffle', { playlistId }, headers);
          // As a browser does that is told to try again in a moment.
          if (answer.status === 503) return null;
          expect([answer.status, await answer.clone().text()]).toEqual([202, expect.anything()]);
          return (await answer.json()) as { job: { id: string } };
        },
        { what: 'a shuffle to be accepted', timeoutMs: 20_000, everyMs: 200 },
      );
      jobs.push(accepted.job.id);
    }
  return jobs;
}

/** What the pages of a listener are told of jobs, by their ids. */
function watchJobs(system: System, { cookie }: Listener): Map<string, string> {
  const states = new Map<string, string>();
  const socket = connect(system.url, { transports: ['websocket'], extraHeaders: { cookie }, forceNew: true });
  socket.on('job', ({ id, state }: { id: string; state: string }) => states.set(id, state));
  releases.push(() => void socket.disconnect());
  return states;
}

async function untilSucceeded(system: System, listeners: readonly Listener[], jobs: readonly string[]) {
  await waitFor(
    async () => {
      for (const [index, id] of jobs.entries()) {
        const listener = listeners[Math.floor(index / PLAYLISTS) % listeners.length];
        const answer = listener && (await ask(system, listener, `/api/jobs/${encodeURIComponent(id)}`));
        if (!answer?.ok) return false;
        const { state, failure } = (await answer.json()) as { state: string; failure?: unknown };
        if (state === 'failed') throw new Error(`${id} failed: ${JSON.stringify(failure)}`);
        if (state !== 'succeeded') return false;
      }
      return true;
    },
    { what: 'every acknowledged job to be done', timeoutMs: 90_000, everyMs: 300 },
  ).catch(async (error: unknown) => {
    for (const { name, log } of system.processes)
      process.stderr.write(`── ${name}\n${log().slice(-4_000)}\n`);
    const views = await Promise.all(
      jobs.map(async (id) => {
        const answers = await Promise.all(
          listeners.map((one) => ask(system, one, `/api/jobs/${encodeURIComponent(id)}`)),
        );
        return (await Promise.all(answers.map((one) => one.text()))).join(' | ');
      }),
    );
    throw new Error(`not all were done:\n${views.join('\n')}`, { cause: error });
  });
}

describe.each([
  ['a Cluster', startRedisCluster],
  ['Sentinels', startRedisSentinels],
])('the whole system on Redis with %s', (_, startTopology) => {
  it('works, goes on when a master dies, and loses nothing that it acknowledged', async () => {
    const topology = await startTopology();
    const { system, listeners } = await beginOn(topology);
    const [first] = listeners;
    if (!first) throw new Error('nobody listens');
    const told = watchJobs(system, first);

    const before = await shuffleAll(system, listeners);
    await untilSucceeded(system, listeners, before);
    await waitFor(() => told.get(before[0] ?? '') === 'succeeded', {
      what: 'the page to be told of its job',
    });
    // The limits are counted in Redis, whichever gateway counts.
    const left = async () => {
      const answer = await ask(system, first, '/api/user');
      expect(answer.status).toBe(200);
      return Number(answer.headers.get('ratelimit-remaining'));
    };
    const [one, two] = [await left(), await left()];
    expect(two).toBeLessThan(one);

    const inHand = await shuffleAll(system, listeners);
    await topology.failOver(`${PREFIX}:any`);
    await untilSucceeded(system, listeners, inHand);
    const after = await shuffleAll(system, listeners);
    await untilSucceeded(system, listeners, after);
    await waitFor(() => told.get(after[0] ?? '') === 'succeeded', {
      what: 'the page to be told after the change of masters',
      timeoutMs: 15_000,
    });
    // Each shuffle wrote one playlist, or refreshed the one of the shuffle before; none was written twice.
    for (const { id, playlists } of listeners) {
      const made = system.sandbox.groundTruth.playlists(id).filter(({ name }) => name.endsWith('(shuffled)'));
      expect(made.length).toBeGreaterThanOrEqual(playlists.length);
      for (const { items } of made) expect(new Set(items.map(({ uri }) => uri)).size).toBe(20);
    }
  }, 180_000);
});

describe('a Redis that lost everything', () => {
  it('costs the sessions: people sign in again and find all that they had', async () => {
    const system = await startSystem({
      services: ['gateway', 'playlist-worker'],
      environment: { LOG_LEVEL: 'warn', RATE_LIMIT_SCALE: '100' },
    });
    releases.push(() => system.stop());
    const { control, catalogue } = system.sandbox;
    const [{ id } = { id: '' }] = control.people();
    const uris = catalogue.tracks.filter((track) => track.playable).map(({ uri }) => uri);
    const playlists = Array.from({ length: PLAYLISTS }, (_, index) =>
      control.givePlaylist(id, { name: `Number ${index}`, uris: uris.slice(index * 20, index * 20 + 20) }),
    );
    const before = { id, cookie: await signIn(system, id), playlists };
    await untilSucceeded(system, [before], await shuffleAll(system, [before]));
    const read = async (listener: Listener, path: string) => {
      const answer = await ask(system, listener, path);
      return answer.status === 200 ? await answer.json() : answer.status;
    };
    const recent = await read(before, '/api/user/shuffle/recent');
    expect(JSON.stringify(recent)).toContain('Number 0');

    const redis = new Redis(system.redis.url);
    await redis.flushall();
    redis.disconnect();
    expect(await read(before, '/api/user')).toBe(401);
    const after = { ...before, cookie: await signIn(system, id) };
    expect(await read(after, '/api/user/shuffle/recent')).toEqual(recent);
    await untilSucceeded(system, [after], await shuffleAll(system, [after]));
  }, 120_000);
});
