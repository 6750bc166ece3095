import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { claimWriter, releaseWriter } from '@spindle/db';
import type { FaultRule } from '@spindle/spotify-sandbox';
import { waitFor } from '@spindle/testkit';
import { Rig } from './support/rig.ts';

const CREATE = { method: 'POST', path: '/v1/me/playlists' };
const REPLACE = { method: 'PUT', path: '/v1/playlists/*/items' };
const ADD = { method: 'POST', path: '/v1/playlists/*/items' };

let rig: Rig;
let ann: number;
let name: string;
let made = 0;

beforeAll(async () => {
  rig = await Rig.start(['ann', 'bob', 'eve', 'zoe']);
  ann = await rig.signIn('ann');
});
afterEach(() => rig.sandbox.control.clearFaults());
afterAll(() => rig?.close());

/** An operation of a name and a source of its own. */
function operation(uris: readonly string[], more: Parameters<Rig['operation']>[2] = {}): Promise<number> {
  made += 1;
  name = `List ${made}`;
  return rig.operation(ann, uris, { name, sourceId: `top-tracks:${made}:plays`, ...more });
}

describe('a playlist of a top list', () => {
  it('is private, holds the list in its order, and says where it came from', async () => {
    const uris = rig.uris(30).reverse();
    const id = await operation(uris, { leftOut: { 'no-spotify-id': 2 } });
    const job = await rig.run(id);
    const [playlistId] = rig.named('ann', name);
    expect(job).toMatchObject({
      state: 'succeeded',
      progress: { done: 30, total: 30, phase: 'writing' },
      result: {
        playlistId,
        url: `https://open.spotify.com/playlist/${playlistId}`,
        name,
        tracks: 30,
        leftOut: { 'no-spotify-id': 2 },
      },
    });
    expect(rig.items(playlistId ?? null)).toEqual(uris);
    expect(rig.sandbox.groundTruth.playlist(playlistId ?? '')?.public).toBe(false);
    expect(await rig.row(id)).toMatchObject({
      playlistId,
      status: 'succeeded',
      trackCount: 30,
      checkpoint: null,
      failureCode: null,
      finishedAt: expect.any(Date),
    });
  });

  it('is not written again when its job is', async () => {
    const id = await operation(rig.uris(3));
    const first = await rig.run(id);
    const before = rig.sandbox.control.calls().length;
    expect((await rig.run(id)).result).toEqual(first.result);
    expect(rig.sandbox.control.calls().length).toBe(before);
  });

  it('refreshed, keeps its link and its name and holds the new list only', async () => {
    const first = await operation(rig.uris(120));
    const { result } = await rig.run(first);
    const next = rig.uris(40, 100);
    const second = await rig.operation(ann, next, {
      sourceId: `top-tracks:${made}:plays`,
      name: 'another name',
      target: 'refresh',
    });
    expect((await rig.run(second)).result).toEqual({ ...(result as object), tracks: 40 });
    expect(rig.items((await rig.row(first)).playlistId)).toEqual(next);
    expect(await rig.row(second)).toMatchObject({ name, playlistId: (await rig.row(first)).playlistId });
    expect(rig.named('ann', 'another name')).toEqual([]);
  });

  it('is a new one when the listener has removed the earlier one, and when it is not to be refreshed', async () => {
    const sourceId = `top-tracks:${made + 1}:plays`;
    const first = await operation(rig.uris(4));
    await rig.run(first);
    const beside = await rig.operation(ann, rig.uris(5), { sourceId, name });
    await rig.run(beside);
    expect(rig.named('ann', name)).toHaveLength(2);
    const earlier = await rig.row(beside);
    await rig.as(ann).removeFromLibrary([`spotify:playlist:${earlier.playlistId}`]);
    const again = await rig.operation(ann, rig.uris(6), { sourceId, name, target: 'refresh' });
    await rig.run(again);
    const row = await rig.row(again);
    expect(row.playlistId).not.toBe(earlier.playlistId);
    expect(rig.items(row.playlistId)).toEqual(rig.uris(6));
    expect(rig.items(earlier.playlistId)).toEqual(rig.uris(5));
  });

  it('of another listener or another list is left alone', async () => {
    const bob = await rig.signIn('bob');
    const first = await operation(rig.uris(4));
    await rig.run(first);
    const sourceId = `top-tracks:${made}:plays`;
    const other = await rig.operation(bob, rig.uris(2), { sourceId, name, target: 'refresh' });
    const time = await rig.operation(ann, rig.uris(3), {
      sourceId: `${sourceId}:time`,
      name,
      target: 'refresh',
    });
    await Promise.all([rig.run(other), rig.run(time)]);
    expect(rig.items((await rig.row(first)).playlistId)).toEqual(rig.uris(4));
    expect(rig.items((await rig.row(other)).playlistId)).toEqual(rig.uris(2));
    expect(rig.items((await rig.row(time)).playlistId)).toEqual(rig.uris(3));
  });
});

describe('an interrupted writing', () => {
  const faults: [string, FaultRule][] = [
    ['the making is lost before it is done', { ...CREATE, fault: { kind: 'drop', when: 'before' } }],
    ['the making is done and its answer lost', { ...CREATE, fault: { kind: 'drop', when: 'after' } }],
    ['the making is done and its answer garbled', { ...CREATE, fault: { kind: 'not-json' } }],
    ['the making is answered by 502', { ...CREATE, fault: { kind: 'server-error', html: true } }],
    ['the first items are lost', { ...REPLACE, fault: { kind: 'drop', when: 'before' } }],
    ['the first items are done, the answer lost', { ...REPLACE, fault: { kind: 'drop', when: 'after' } }],
    ['further items are lost', { ...ADD, fault: { kind: 'drop', when: 'before' } }],
    ['further items are done, the answer lost', { ...ADD, fault: { kind: 'drop', when: 'after' } }],
    ['further items are done, the answer garbled', { ...ADD, skip: 1, fault: { kind: 'not-json' } }],
    ['further items are answered by 503', { ...ADD, fault: { kind: 'server-error', status: 503 } }],
  ];

  it.each(faults)('makes one playlist with each item once: %s', async (_what, rule) => {
    const uris = rig.uris(250);
    const id = await operation(uris);
    rig.sandbox.control.addFault({ count: 1, ...rule });
    const job = await rig.run(id);
    expect(rig.sandbox.control.faults().map((fault) => fault.struck)).toEqual([1]);
    expect(job).toMatchObject({ state: 'succeeded', result: { tracks: 250 } });
    expect(rig.named('ann', name)).toHaveLength(1);
    expect(rig.items((await rig.row(id)).playlistId)).toEqual(uris);
  });

  it('holds each item once also when a third of all answers is lost', async () => {
    const uris = rig.uris(230);
    const id = await operation(uris);
    rig.sandbox.control.addFault({ fault: { kind: 'drop', when: 'after' }, probability: 0.35, count: 5 });
    expect(await rig.run(id)).toMatchObject({ state: 'succeeded' });
    expect(rig.named('ann', name)).toHaveLength(1);
    expect(rig.items((await rig.row(id)).playlistId)).toEqual(uris);
  });

  it.each([
    ['while the playlist is made', CREATE],
    ['while the first items are written', REPLACE],
    ['while further items are written', ADD],
  ])('goes on after the worker was stopped %s', async (_what, call) => {
    const uris = rig.uris(250);
    const id = await operation(uris);
    // The call is carried out after the worker has gone.
    rig.sandbox.control.addFault({ ...call, count: 1, fault: { kind: 'slow', delayMs: 15 } });
    const jobId = await rig.add(id);
    await waitFor(async () => rig.sandbox.control.faults()[0]?.struck === 1, {
      what: 'the slow call',
      everyMs: 1,
    });
    await rig.stopWorker();
    expect(await rig.producer.get(jobId)).toMatchObject({ state: 'queued' });
    await rig.startWorker();
    expect(await rig.ended(jobId)).toMatchObject({ state: 'succeeded' });
    expect(rig.named('ann', name)).toHaveLength(1);
    expect(rig.items((await rig.row(id)).playlistId)).toEqual(uris);
  });

  it('begins anew when the playlist was changed by somebody else meanwhile', async () => {
    const uris = rig.uris(150);
    const id = await operation(uris);
    await rig.run(id);
    const { playlistId } = await rig.row(id);
    // As it is left by a run that was killed after its last addition: one item is there too many.
    await rig.db.prisma.shuffledPlaylist.update({
      where: { id },
      data: {
        status: 'running',
        uris: uris.slice(0, 149),
        checkpoint: { sent: 'items', doubtful: false, written: 100 },
      },
    });
    expect(await rig.run(id)).toMatchObject({ state: 'succeeded', result: { tracks: 149 } });
    expect(rig.items(playlistId)).toEqual(uris.slice(0, 149));
  });

  it('waits while another of the same listener is under way', async () => {
    const id = await operation(rig.uris(2));
    const lease = await claimWriter(rig.db.pool, ann, 'somebody else');
    const jobId = await rig.add(id);
    await waitFor(
      async () =>
        (await rig.producer.get(jobId))?.waitingFor === 'Another playlist of yours is being written.',
      { what: 'the job to wait', everyMs: 1 },
    );
    if (lease) await releaseWriter(rig.db.pool, lease);
    expect(await rig.ended(jobId)).toMatchObject({ state: 'succeeded' });
  });
});

describe('what Spotify refuses', () => {
  it('of single tracks is left out and counted', async () => {
    const uris = rig.uris(60);
    const unknown = ['spotify:track:0000000000000000000000', 'spotify:track:1111111111111111111111'];
    const id = await operation([...uris.slice(0, 20), ...unknown, ...uris.slice(20)], {
      leftOut: { 'no-spotify-id': 1 },
    });
    const leftOut = { 'no-spotify-id': 1, refused: 2 };
    expect(await rig.run(id)).toMatchObject({ state: 'succeeded', result: { tracks: 60, leftOut } });
    const row = await rig.row(id);
    expect(rig.items(row.playlistId)).toEqual(uris);
    expect(row.leftOut).toEqual(leftOut);
  });

  it('for good ends the job with words for the listener, and is noted', async () => {
    const eve = await rig.signIn('eve', ['playlist-read-private', 'user-read-recently-played']);
    const id = await rig.operation(eve, rig.uris(2));
    expect(await rig.run(id)).toMatchObject({
      state: 'failed',
      failure: { code: 'missing_scope', message: expect.stringContaining('Sign in again') },
    });
    expect(await rig.row(id)).toMatchObject({
      status: 'failed',
      failureCode: 'missing_scope',
      playlistId: null,
      finishedAt: expect.any(Date),
    });
  });

  it('because the consent has ended asks to sign in again', async () => {
    const zoe = await rig.signIn('zoe');
    rig.sandbox.control.revokeConsent('zoe');
    const id = await rig.operation(zoe, rig.uris(2));
    expect(await rig.run(id)).toMatchObject({
      state: 'failed',
      failure: { code: 'reauth_needed', message: expect.stringContaining('Sign in again') },
    });
    expect(await rig.row(id)).toMatchObject({ status: 'failed', failureCode: 'reauth_needed' });
  });

  it('as not the listener’s own says so', async () => {
    const id = await operation(rig.uris(2));
    const [bobs] = rig.sandbox.groundTruth.playlists('bob').filter((one) => one.ownerId === 'bob');
    await rig.db.prisma.shuffledPlaylist.update({ where: { id }, data: { playlistId: bobs?.id ?? '' } });
    expect(await rig.run(id)).toMatchObject({
      state: 'failed',
      failure: {
        code: 'forbidden',
        message: 'Spotify does not let this playlist be made or changed for your account.',
      },
    });
    expect((await rig.row(id)).failureCode).toBe('forbidden');
  });

  it('because of its quota is waited for, and told', async () => {
    const id = await operation(rig.uris(2));
    rig.sandbox.control.addFault({
      ...CREATE,
      count: 1,
      fault: { kind: 'rate-limit', quota: true, retryAfterSeconds: 60 },
    });
    const jobId = await rig.add(id);
    await waitFor(async () => (await rig.producer.get(jobId))?.state === 'waiting', {
      what: 'the job to wait',
      everyMs: 5,
    });
    expect((await rig.producer.get(jobId))?.waitingFor).toContain('quota');
    expect((await rig.row(id)).status).toBe('running');
    expect(await rig.ended(jobId)).toMatchObject({ state: 'succeeded' });
    expect(rig.named('ann', name)).toHaveLength(1);
  });

  it('by not answering at all ends in words, too, and another run goes on', async () => {
    const uris = rig.uris(130);
    const id = await operation(uris);
    rig.sandbox.control.addFault({ ...ADD, fault: { kind: 'server-error' } });
    const failed = await rig.run(id);
    expect(failed).toMatchObject({
      state: 'failed',
      failure: { code: 'upstream', message: expect.stringContaining('Try again later') },
    });
    expect((await rig.row(id)).status).toBe('failed');
    rig.sandbox.control.clearFaults();
    expect(await rig.run(id)).toMatchObject({ state: 'succeeded' });
    expect(rig.named('ann', name)).toHaveLength(1);
    expect(rig.items((await rig.row(id)).playlistId)).toEqual(uris);
  });
});
