import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ensureNamedTracks, ingestPlays, type PlayObservation, recountIfStale } from '@spindle/db';
import type { QueueWorker } from '@spindle/queues';
import { GiveUp } from '@spindle/service-kit';
import type { Browser } from './support/browser.ts';
import { startGateway, type TestGateway } from './support/test-gateway.ts';
import { startTestWorker } from './support/test-worker.ts';

const PATH = '/api/stats/top/tracks/playlist';
const LENGTH_MS = 100_000;
const RESULT = {
  playlistId: '3cEYpjA9oz9GiPac4AsH4n',
  url: 'https://open.spotify.com/playlist/3cEYpjA9oz9GiPac4AsH4n',
  name: 'Top tracks',
  tracks: 2,
  leftOut: {},
};

let gateway: TestGateway;
let ann: Browser;
let bob: Browser;
let annId: number;
let worker: QueueWorker;
/** What the worker in this test was asked to do. */
const asked: number[] = [];
let failing = false;

beforeAll(async () => {
  gateway = await startGateway();
  ann = await gateway.signedIn('ann');
  bob = await gateway.signedIn('bob');
  annId = Number((await ann.ask('/api/user')).json.id);
  await recountIfStale(gateway.db, annId, new Date());
  const ids = await gateway.db.transaction((tx) =>
    ensureNamedTracks(
      tx,
      ['a', 'b', 'c'].map((spotifyId) => ({ spotifyId, name: spotifyId, artist: 'Artist', album: 'Album' })),
    ),
  );
  const named = await gateway.db.prisma.track.create({
    data: { name: 'Bootleg', nameKey: 'bootleg', artistKey: 'artist' },
  });
  const [a = 0, b = 0, c = 0] = ['a', 'b', 'c'].map((id) => ids.get(id));
  // In May 2024: b three times, the bootleg twice, a once, for longer than all others; in 2023 c once.
  await listen([b, b, b, named.id, named.id], '2024-05-06T12:00:00Z');
  await listen([a], '2024-05-07T12:00:00Z', 10);
  await listen([c], '2023-05-08T12:00:00Z');
  await listen([named.id], '2022-05-08T12:00:00Z');
  worker = await startTestWorker(
    gateway.environment,
    'shuffle-playlist',
    {
      'top-playlist': async (_context, { operationId }) => {
        asked.push(operationId);
        if (failing) throw new GiveUp({ code: 'forbidden', message: 'Not for your account.' });
        return RESULT;
      },
    },
    { concurrency: 1 },
  );
});
afterAll(async () => {
  await worker?.close();
  await gateway?.stop();
});

async function listen(tracks: readonly number[], from: string, times = 1): Promise<void> {
  const length = LENGTH_MS * times;
  const observations = tracks.map((trackId, index): PlayObservation => {
    const startedAt = Date.parse(from) + index * 3_600_000;
    return {
      trackId,
      source: 'recently-played',
      startedAt,
      endedAt: startedAt + length,
      msPlayed: length,
      durationMs: length,
    };
  });
  await gateway.db.transaction((tx) => ingestPlays(tx, annId, observations));
}

const waiting = { prefer: 'wait=10' };
const lastRow = () => gateway.db.prisma.shuffledPlaylist.findFirst({ orderBy: { id: 'desc' } });
const rows = () => gateway.db.prisma.shuffledPlaylist.count();

describe('a playlist of my top tracks', () => {
  it('is put down as it is to be, and enqueued', async () => {
    const answer = await ann.ask(PATH, { body: { range: 'month', at: '2024-05-20' } });
    expect(answer.status).toBe(202);
    expect(answer.json.job).toMatchObject({ queue: 'shuffle-playlist', name: 'top-playlist' });
    expect(answer.headers.get('location')).toBe(`/api/jobs/${answer.json.job.id}`);
    expect(await lastRow()).toMatchObject({
      userId: annId,
      sourceId: 'top-tracks:month@2024-05-01:plays',
      sourceName: 'Top tracks, May 2024',
      name: 'Top tracks, May 2024',
      mode: 'tops',
      status: 'queued',
      playlistId: null,
      leftOut: { 'no-spotify-id': 1 },
      uris: ['spotify:track:b', 'spotify:track:a'],
      target: 'new',
      checkpoint: { written: 0 },
    });
  });

  it('goes by time, as far down and under the name that I want, into the earlier one', async () => {
    const body = {
      from: '2023-01-01',
      to: '2024-12-31',
      by: 'time',
      limit: 1,
      name: ' Mine ',
      refresh: true,
    };
    const answer = await ann.ask(PATH, { body, headers: waiting });
    expect({ status: answer.status, json: answer.json }).toEqual({ status: 200, json: RESULT });
    const row = await lastRow();
    expect(row).toMatchObject({
      sourceId: 'top-tracks:2023-01-01..2024-12-31:time',
      sourceName: 'Top tracks by time, 1 January 2023 to 31 December 2024',
      name: 'Mine',
      leftOut: {},
      uris: ['spotify:track:a'],
      target: 'refresh',
    });
    expect(asked).toContain(row?.id);
  });

  it('is the same list whatever day of its period was named', async () => {
    const sources = [];
    for (const body of [
      { range: 'year', at: '2024-01-01' },
      { range: 'year', at: '2024-12-31' },
      { range: 'all' },
      {},
    ]) {
      await ann.ask(PATH, { body, headers: waiting });
      sources.push((await lastRow())?.sourceId);
    }
    expect(sources).toEqual([
      'top-tracks:year@2024-01-01:plays',
      'top-tracks:year@2024-01-01:plays',
      'top-tracks:all:plays',
      'top-tracks:all:plays',
    ]);
  });

  it('is made once for one Idempotency-Key, also when it comes twice at once', async () => {
    const before = await rows();
    const asking = { body: { range: 'all' }, headers: { 'idempotency-key': 'press-1' } };
    const [one, two] = await Promise.all([ann.ask(PATH, asking), ann.ask(PATH, asking)]);
    const three = await ann.ask(PATH, asking);
    expect([two?.json.job.id, three.json.job.id]).toEqual([one?.json.job.id, one?.json.job.id]);
    expect(await rows()).toBe(before + 1);
    const other = await ann.ask(PATH, { ...asking, body: { range: 'all', limit: 3 } });
    expect(other.json).toMatchObject({ status: 422, type: '/problems/idempotency-key-reused' });
    expect(await rows()).toBe(before + 1);
  });

  it('that fails says why', async () => {
    failing = true;
    const answer = await ann.ask(PATH, { body: {}, headers: waiting });
    failing = false;
    expect(answer.json).toMatchObject({ status: 422, detail: 'Not for your account.' });
  });

  it.each([
    [{ limit: 0 }, 'body.limit'],
    [{ limit: 101 }, 'body.limit'],
    [{ by: 'luck' }, 'body.by'],
    [{ name: '  ' }, 'body.name'],
    [{ name: 'x'.repeat(101) }, 'body.name'],
    [{ refresh: 'yes' }, 'body.refresh'],
    [{ kind: 'tracks' }, 'body.kind'],
    [{ range: 'all', from: '2024-01-01' }, 'body.range'],
    [{ from: '2024-02-01', to: '2024-01-01' }, 'body.from'],
  ])('is refused for %j', async (body, path) => {
    const before = await rows();
    const answer = await ann.ask(PATH, { body });
    expect(answer.json).toMatchObject({ status: 400, errors: [{ path }] });
    expect(await rows()).toBe(before);
  });

  it.each([
    ['without plays', { from: '2021-01-01', to: '2021-12-31' }, 'No play of yours counts'],
    ['of tracks that Spotify has no id for', { range: 'year', at: '2022-05-01' }, 'known by name only'],
  ])('of a period %s is refused', async (_what, body, words) => {
    const answer = await ann.ask(PATH, { body });
    expect(answer.json).toMatchObject({ status: 422, type: '/problems/empty-list' });
    expect(answer.json.detail).toContain(words);
    expect((await ann.ask('/problems/empty-list')).status).toBe(200);
  });

  it('is for listeners whom Spotify lets, with a scope to write', async () => {
    expect((await gateway.browser().ask(PATH, { body: {} })).status).toBe(401);
    const token = await ann.ask('/api/tokens', { body: { name: 'reader', scopes: ['read'] } });
    const authorization = `Bearer ${token.json.token}`;
    const reading = await gateway.browser().ask(PATH, { body: {}, headers: { authorization } });
    expect(reading.json).toMatchObject({ status: 403, type: '/problems/missing-scope' });
    await gateway.db.prisma.spotifyCredential.updateMany({
      where: { userId: { not: annId } },
      data: { reauthNeededAt: new Date() },
    });
    expect((await bob.ask(PATH, { body: {} })).json).toMatchObject({
      status: 422,
      type: '/problems/reauth-needed',
    });
  });
});
