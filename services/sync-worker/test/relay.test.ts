import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ensureTracksByName,
  ingestPlays,
  listDueRelays,
  loadRelay,
  type PlayObservation,
  RELAY_BATCH,
  relayTokenContext,
  saveRelay,
} from '@spindle/db';
import type { RunningJob } from '@spindle/queues';
import { createTokenBox } from '@spindle/service-kit';
import { createSyncContext, type SyncContext } from '../src/context.ts';
import { relay } from '../src/relay/relay.ts';
import { ListensServer } from './support/listens-server.ts';
import { HOUR_MS, MINUTE_MS, Rig } from './support/rig.ts';

let rig: Rig;
let server: ListensServer;
let listeners = 0;

beforeAll(async () => {
  rig = await Rig.start({ people: [], relayAllowPrivate: true });
});
afterAll(() => rig?.close());
beforeEach(async () => {
  server = new ListensServer();
  await server.start();
});
afterEach(() => server.stop());

async function listener(): Promise<number> {
  listeners += 1;
  const name = `listener-${listeners}`;
  const { id } = await rig.db.prisma.user.create({
    data: { accountId: name, spotifyId: name, handle: name, displayName: name, timeZone: 'UTC' },
  });
  return id;
}

async function aim(
  userId: number,
  settings: { url?: string; token?: string; enabled?: boolean } = {},
): Promise<void> {
  const box = createTokenBox(rig.parts.tokenKeys);
  await saveRelay(rig.db, userId, {
    url: settings.url ?? server.url,
    token: box.seal(settings.token ?? server.token, relayTokenContext(userId)),
    enabled: settings.enabled ?? true,
    now: rig.clock.now(),
  });
}

const LENGTH_MS = 3 * MINUTE_MS;

/** Has somebody hear tracks one after another from now on, and lets the time pass that they take. */
async function hear(userId: number, names: readonly string[], from: Partial<PlayObservation> = {}) {
  const startedAt = rig.clock.nowMs() + 1_000;
  await rig.db.transaction(async (tx) => {
    const items = names.map((name) => ({ name, artist: 'Low', album: 'HEY WHAT', durationMs: LENGTH_MS }));
    const ids = await ensureTracksByName(tx, userId, items);
    const plays = ids.map((trackId, index) => ({
      trackId,
      source: 'recently-played' as const,
      startedAt: startedAt + index * LENGTH_MS,
      endedAt: startedAt + (index + 1) * LENGTH_MS,
      msPlayed: LENGTH_MS,
      durationMs: LENGTH_MS,
      ...from,
    }));
    await ingestPlays(tx, userId, plays);
  });
  rig.clock.advance(1_000 + names.length * LENGTH_MS + 3 * MINUTE_MS);
}

const songs = (count: number, from = 1) =>
  Array.from({ length: count }, (_, index) => `Song ${from + index}`);
/** Runs the job beside the queue, which forgets the results of jobs that nobody asked for. */
function pass(userId: number, context: SyncContext = rig.context) {
  const job = { signal: new AbortController().signal, log: rig.parts.logger };
  return relay(context, { userId }, job as RunningJob<'sync'>);
}
const stateOf = async (userId: number) => {
  const found = await loadRelay(rig.db.pool, userId);
  if (!found) throw new Error('there is no relay');
  return found;
};
const rowOf = (userId: number) => rig.db.prisma.relay.findUniqueOrThrow({ where: { userId } });

/** What the schedule does every minute, and all that comes of it. */
async function look(): Promise<void> {
  await rig.producer.add('sync', 'relay-due', {}, { requestId: 'look' });
  await rig.idle();
}

describe('new plays are passed on', () => {
  it('as listens, in batches, and only those since it was switched on', async () => {
    const userId = await listener();
    await hear(userId, ['Before']);
    await aim(userId);
    await hear(userId, songs(RELAY_BATCH + 30));
    expect(await pass(userId)).toEqual({ relayed: RELAY_BATCH + 30, leftOut: 0, failed: false });
    expect(server.submissions).toEqual([RELAY_BATCH, 30]);
    expect(server.tracks()).toEqual(songs(RELAY_BATCH + 30));
    expect([...server.kept.values()][0]).toMatchObject({
      track_metadata: {
        artist_name: 'Low',
        track_name: 'Song 1',
        release_name: 'HEY WHAT',
        additional_info: { duration_ms: LENGTH_MS, submission_client: 'Spindle' },
      },
    });
    expect(await stateOf(userId)).toMatchObject({ relayed: RELAY_BATCH + 30, lastError: null });
    expect(await pass(userId)).toMatchObject({ relayed: 0 });
    expect(server.submissions).toHaveLength(2);
  });

  it('by themselves, once they are due', async () => {
    const [due, idle, off] = [await listener(), await listener(), await listener()];
    await aim(due);
    await aim(idle);
    await aim(off, { enabled: false });
    await hear(due, ['Due']);
    await hear(off, ['Off']);
    await look();
    expect(await stateOf(due)).toMatchObject({ relayed: 1 });
    expect(server.tracks()).toEqual(['Due']);
    expect(await listDueRelays(rig.db, rig.clock.now())).toEqual([]);
    await look();
    expect(server.submissions).toEqual([1]);
    expect(await stateOf(idle)).toMatchObject({ relayed: 0 });
    expect(await stateOf(off)).toMatchObject({ relayed: 0, enabled: false });
  });

  it('but neither what ListenBrainz told nor what does not count', async () => {
    const userId = await listener();
    await aim(userId);
    await hear(userId, ['Theirs'], { source: 'listenbrainz' });
    await hear(userId, ['Too short'], { msPlayed: 4_000 });
    await hear(userId, ['Mine']);
    expect(await pass(userId)).toMatchObject({ relayed: 1 });
    expect(server.tracks()).toEqual(['Mine']);
  });
});

describe('a server that fails', () => {
  it('is asked again later each time, and gets everything once it is back', async () => {
    const userId = await listener();
    await aim(userId);
    await hear(userId, songs(3));
    server.instead = () => ({ status: 503, body: 'away' });
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      expect(await pass(userId)).toMatchObject({ relayed: 0, failed: true });
      const nextAtMs = (await rowOf(userId)).nextAt?.getTime() ?? 0;
      waits.push(nextAtMs - rig.clock.nowMs());
      rig.clock.set(nextAtMs - 1);
      expect(await listDueRelays(rig.db, rig.clock.now())).not.toContain(userId);
      expect(await pass(userId)).toEqual({ relayed: 0, leftOut: 0, failed: false });
      expect(server.submissions).toHaveLength(attempt);
      rig.clock.advance(1);
      expect(await listDueRelays(rig.db, rig.clock.now())).toContain(userId);
    }
    expect(waits).toEqual([1, 2, 4, 8].map((minutes) => minutes * MINUTE_MS));
    expect((await stateOf(userId)).lastError?.message).toContain('503');
    server.instead = () => null;
    rig.clock.advance(HOUR_MS);
    expect(await pass(userId)).toMatchObject({ relayed: 3, failed: false });
    expect(await stateOf(userId)).toMatchObject({ relayed: 3, lastError: null, enabled: true });
  });

  it.each([
    ['Retry-After', { 'retry-after': '7' }, 7_000],
    ['X-RateLimit-Reset-In', { 'x-ratelimit-reset-in': '42' }, 42_000],
    ['nothing', {}, MINUTE_MS],
  ])('asks us to wait by %s, and we do', async (_what, headers, waitMs) => {
    const userId = await listener();
    await aim(userId);
    await hear(userId, songs(1));
    server.instead = () => ({ status: 429, headers });
    await pass(userId);
    const { nextAt } = await rowOf(userId);
    expect((nextAt?.getTime() ?? 0) - rig.clock.nowMs()).toBe(waitMs);
  });

  it('and starts again has each listen once, though it was told some twice', async () => {
    const userId = await listener();
    await aim(userId);
    await hear(userId, songs(RELAY_BATCH + 5));
    // The first batch is kept and its answer lost; then the server is gone altogether.
    server.dropAnswers = true;
    expect(await pass(userId)).toMatchObject({ relayed: 0, failed: true });
    expect(server.kept.size).toBe(RELAY_BATCH);
    await server.stop();
    rig.clock.advance(HOUR_MS);
    expect(await pass(userId)).toMatchObject({ failed: true });
    expect((await stateOf(userId)).lastError?.message).toMatch(/reached \(ECONNREFUSED\)/);
    server.dropAnswers = false;
    await server.start();
    rig.clock.advance(HOUR_MS);
    expect(await pass(userId)).toMatchObject({ relayed: RELAY_BATCH + 5 });
    expect(server.tracks()).toEqual(songs(RELAY_BATCH + 5));
    expect(server.submissions).toEqual([RELAY_BATCH, RELAY_BATCH, 5]);
  });

  it.each([
    ['redirects', { status: 302, headers: { location: '/1/submit-listens?elsewhere' } }, /elsewhere/],
    ['answers a page', { status: 200, body: '<html>Welcome</html>' }, /does not answer as ListenBrainz/],
    ['has nothing there', { status: 404 }, /nothing to submit/],
  ])('or %s keeps nothing back for good', async (_what, answer, words) => {
    const userId = await listener();
    await aim(userId);
    await hear(userId, songs(1));
    server.instead = () => answer;
    expect(await pass(userId)).toMatchObject({ relayed: 0, failed: true });
    expect(server.submissions).toHaveLength(1);
    expect(await stateOf(userId)).toMatchObject({
      enabled: true,
      relayed: 0,
      lastError: { message: expect.stringMatching(words) },
    });
  });
});

describe('a token that is refused', () => {
  it('switches the relay off with words, and a new one goes on where it stopped', async () => {
    const userId = await listener();
    await aim(userId, { token: 'not-the-token' });
    await hear(userId, songs(2));
    expect(await pass(userId)).toMatchObject({ failed: true });
    expect(await stateOf(userId)).toMatchObject({
      enabled: false,
      lastError: { message: 'The server refuses the token. Enter a new one to go on.' },
    });
    rig.clock.advance(HOUR_MS);
    await pass(userId);
    expect(server.submissions).toEqual([2]);
    await aim(userId);
    await pass(userId);
    expect(server.tracks()).toEqual(songs(2));
    expect(await stateOf(userId)).toMatchObject({ enabled: true, relayed: 2, lastError: null });
  });

  it('or cannot be opened is told, and goes nowhere', async () => {
    const [ann, bob] = [await listener(), await listener()];
    await aim(ann);
    await aim(bob);
    await hear(bob, songs(1));
    // A row that was given to somebody else does not open.
    await rig.db.prisma.relay.update({ where: { userId: bob }, data: { token: (await rowOf(ann)).token } });
    expect(await pass(bob)).toMatchObject({ failed: true });
    expect(await stateOf(bob)).toMatchObject({
      enabled: false,
      lastError: { message: expect.stringContaining('no longer be read') },
    });
    expect(server.submissions).toEqual([]);
  });
});

describe('listens that a server refuses', () => {
  const bad = (...names: string[]) => {
    server.instead = (listens) =>
      listens.some((listen) => names.includes(listen.track_metadata.track_name))
        ? { status: 400, body: '{"code":400,"error":"bad"}' }
        : null;
  };

  it('are left out, and all others arrive', async () => {
    const userId = await listener();
    await aim(userId);
    await hear(userId, songs(40));
    bad('Song 3', 'Song 31');
    expect(await pass(userId)).toEqual({ relayed: 38, leftOut: 2, failed: false });
    expect(server.tracks()).toEqual(songs(40).filter((name) => name !== 'Song 3' && name !== 'Song 31'));
    expect(await stateOf(userId)).toMatchObject({ relayed: 38, lastError: null });
    await hear(userId, ['Later']);
    expect(await pass(userId)).toEqual({ relayed: 1, leftOut: 0, failed: false });
  });

  it('are none of them left out when it refuses everything', async () => {
    const userId = await listener();
    await aim(userId);
    await hear(userId, songs(40));
    bad(...songs(40));
    expect(await pass(userId)).toEqual({ relayed: 0, leftOut: 0, failed: true });
    expect((await stateOf(userId)).lastError?.message).toContain('refuses every listen');
    bad();
    rig.clock.advance(HOUR_MS);
    expect(await pass(userId)).toEqual({ relayed: 40, leftOut: 0, failed: false });
  });
});

describe('a relay that changes while plays are on their way', () => {
  it('goes by what it is now', async () => {
    const userId = await listener();
    const other = new ListensServer();
    await other.start();
    try {
      await aim(userId);
      await hear(userId, songs(2));
      const context = createSyncContext(rig.parts);
      const { submitListens } = context;
      const changing = {
        ...context,
        submitListens: async (submission: Parameters<typeof submitListens>[0]) => {
          const outcome = await submitListens(submission);
          if (submission.url === server.url) await aim(userId, { url: other.url });
          return outcome;
        },
      };
      const result = await pass(userId, changing);
      // The new server gets what is played from now on, and nothing is noted of the old one.
      expect(result).toEqual({ relayed: 0, leftOut: 0, failed: false });
      expect(await stateOf(userId)).toMatchObject({ url: other.url, relayed: 0 });
      expect(server.kept.size).toBe(2);
      expect(other.kept.size).toBe(0);
    } finally {
      await other.stop();
    }
  });
});

describe('a server in a private network', () => {
  it('is not called unless the operator allows it, and the listener is told', async () => {
    const userId = await listener();
    await aim(userId);
    await hear(userId, songs(1));
    const context = createSyncContext({ ...rig.parts, relayAllowPrivate: false });
    const result = await pass(userId, context);
    expect(result).toEqual({ relayed: 0, leftOut: 0, failed: true });
    expect(server.submissions).toEqual([]);
    expect(await stateOf(userId)).toMatchObject({
      enabled: false,
      lastError: { message: expect.stringContaining('RELAY_ALLOW_PRIVATE') },
    });
  });
});
