import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NowPlayingView } from '@spindle/contracts';
import { changeUserSettings, loadFeed, startShare, stopShare, whileSharing } from '@spindle/db';
import { FEED_ROOM } from '@spindle/queues';
import type { ScriptStep } from '@spindle/spotify-sandbox';
import { waitFor } from '@spindle/testkit';
import { HOUR_MS, MINUTE_MS, Rig } from './support/rig.ts';

const SECOND_MS = 1_000;

let rig: Rig;
let ann: number;
beforeAll(async () => {
  rig = await Rig.start({ people: ['ann', 'bob', 'cal', 'dot', { id: 'free', product: 'free' }] });
  ann = await rig.signIn('ann');
  await startShare(rig.db, ann, null, rig.clock.now());
});
afterAll(() => rig?.close());

const tracks = () =>
  rig.sandbox.catalogue.tracks.filter((track) => track.playable && track.durationMs > 150_000);
const uris = (count: number) =>
  tracks()
    .slice(0, count)
    .map((track) => track.uri);
type Step = ScriptStep extends infer One ? (One extends unknown ? Omit<One, 'at'> : never) : never;
const act = (person: string, step: Step) =>
  rig.sandbox.control.script(person, [{ ...step, at: rig.clock.nowMs() } as ScriptStep]);

/** What went to the room of the feed, oldest first. */
async function told(): Promise<{ event: string; data: NowPlayingView & { handle: string } }[]> {
  return (await rig.liveMessages()).filter(({ rooms }) => rooms.includes(FEED_ROOM));
}

/** Reads the player; what the feed was told then, and what it answers. */
async function read(userId: number, seconds = 5) {
  rig.clock.advance(seconds * SECOND_MS);
  const before = (await told()).length;
  await rig.read('playback', userId);
  const news = (await told()).slice(before);
  const feed = await loadFeed(rig.db.pool, rig.clock.now());
  return { news, now: rig.clock.nowMs(), view: feed.find(({ user }) => user.handle === 'ann') };
}

describe('the feed, through an evening of Ann’s', () => {
  it('shows a track with the moment it began', async () => {
    act('ann', { action: 'play', uris: uris(6) });
    const { news, now, view } = await read(ann);
    expect(view).toMatchObject({
      user: { handle: 'ann', displayName: 'ann' },
      kind: 'track',
      isPlaying: true,
      track: { name: tracks()[0]?.name },
      lastPlayed: null,
    });
    expect(Date.parse(view?.startedAt ?? '')).toBe(now - 5 * SECOND_MS);
    expect(news).toEqual([{ event: 'feed-changed', rooms: [FEED_ROOM], data: view }]);
  });

  it('is told nothing while the track just goes on', async () => {
    expect((await read(ann, 20)).news).toEqual([]);
  });

  it('shows a jump forward and back', async () => {
    act('ann', { action: 'seek', positionMs: 90_000 });
    const forward = await read(ann, 4);
    expect(forward.news).toHaveLength(1);
    expect(Date.parse(forward.view?.startedAt ?? '')).toBe(forward.now - 94 * SECOND_MS);
    act('ann', { action: 'seek', positionMs: 10_000 });
    const back = await read(ann, 1);
    expect(back.news).toHaveLength(1);
    expect(Date.parse(back.view?.startedAt ?? '')).toBe(back.now - 11 * SECOND_MS);
  });

  it('shows a pause where it is, and the music going on from there', async () => {
    rig.clock.advance(9 * SECOND_MS);
    act('ann', { action: 'pause' });
    const paused = await read(ann, 60);
    expect(paused.view).toMatchObject({ kind: 'track', isPlaying: false, startedAt: null });
    expect(paused.view?.progressMs).toBe(20_000);
    expect(paused.news).toHaveLength(1);
    expect((await read(ann, 60)).news).toEqual([]);
    act('ann', { action: 'resume' });
    const resumed = await read(ann, 3);
    expect(Date.parse(resumed.view?.startedAt ?? '')).toBe(resumed.now - 23 * SECOND_MS);
    expect(resumed.news).toHaveLength(1);
  });

  it('shows the track skipped to', async () => {
    act('ann', { action: 'skip' });
    const { news, now, view } = await read(ann, 2);
    expect(view?.track?.name).toBe(tracks()[1]?.name);
    expect(Date.parse(view?.startedAt ?? '')).toBe(now - 2 * SECOND_MS);
    expect(news).toHaveLength(1);
  });

  it('shows another device', async () => {
    const [person] = rig.sandbox.control.people().filter(({ id }) => id === 'ann');
    const { view: before } = await read(ann, 1);
    const other = person?.devices.find(
      ({ name, restricted }) => name !== before?.device?.name && !restricted,
    );
    if (!other) throw new Error('this person has one device only: choose another');
    act('ann', { action: 'transfer', deviceId: other.id, play: true });
    const { news, view } = await read(ann, 1);
    expect(view?.device?.name).toBe(other.name);
    expect(news).toHaveLength(1);
  });

  it('shows an episode by its name and its show', async () => {
    const [show] = rig.sandbox.catalogue.shows;
    const [episode] = show?.episodes ?? [];
    act('ann', { action: 'play', uris: [episode?.uri ?? ''] });
    const { news, view } = await read(ann);
    expect(view).toMatchObject({
      kind: 'episode',
      track: null,
      title: episode?.name,
      subtitle: show?.name,
      durationMs: episode?.durationMs,
    });
    expect(news).toHaveLength(1);
  });

  it('shows a private session as nothing at all', async () => {
    act('ann', { action: 'play', uris: uris(2), privateSession: true });
    const { news, view } = await read(ann);
    expect(view).toMatchObject({
      kind: 'nothing',
      isPlaying: false,
      isPrivate: false,
      track: null,
      title: null,
      durationMs: null,
      progressMs: null,
      startedAt: null,
      device: null,
      lastPlayed: null,
    });
    expect(news.map(({ data }) => data)).toEqual([view]);
  });

  it('shows what was played last when nothing plays, and not where', async () => {
    act('ann', { action: 'play', uris: uris(2) });
    await read(ann);
    rig.clock.advance(3 * MINUTE_MS);
    act('ann', { action: 'stop' });
    rig.clock.advance(MINUTE_MS);
    await rig.read('history', ann);
    const { view } = await read(ann);
    expect(view).toMatchObject({ kind: 'nothing', isPlaying: false, track: null });
    expect(view?.lastPlayed).toMatchObject({ device: null, context: null });
    expect(view?.lastPlayed?.track.name).toBe(tracks()[0]?.name);
  });

  it('takes a track that must long be over for nothing', async () => {
    act('ann', { action: 'play', uris: uris(2) });
    await read(ann);
    rig.clock.advance(HOUR_MS);
    const [view] = await loadFeed(rig.db.pool, rig.clock.now());
    expect(view).toMatchObject({ kind: 'nothing', isPlaying: false, startedAt: null });
  });

  it('shows an advertisement without a name', async () => {
    const free = await rig.signIn('free');
    await startShare(rig.db, free, null, rig.clock.now());
    act('free', { action: 'play', uris: uris(20) });
    for (let turn = 0; turn < 200; turn++) {
      rig.clock.advance(10 * SECOND_MS);
      expect(await rig.read('playback', free)).toMatchObject({ state: 'succeeded' });
      const view = (await loadFeed(rig.db.pool, rig.clock.now())).find(({ user }) => user.handle === 'free');
      if (view?.kind !== 'ad') continue;
      expect(view).toMatchObject({ isPlaying: true, track: null, title: null, subtitle: null });
      return;
    }
    throw new Error('no advertisement came');
  });
});

describe('the feed and those who do not share', () => {
  it('is told nothing of them', async () => {
    const bob = await rig.signIn('bob');
    act('bob', { action: 'play', uris: uris(3) });
    const { news } = await read(bob);
    expect(news).toEqual([]);
    expect(await rig.liveMessages('now-playing')).toContainEqual(
      expect.objectContaining({ rooms: [`user:${bob}`] }),
    );
    expect((await loadFeed(rig.db.pool, rig.clock.now())).map(({ user }) => user.handle)).not.toContain(
      'bob',
    );
  });

  it('is told nothing of somebody who stopped while their player was read', async () => {
    const cal = await rig.signIn('cal');
    await startShare(rig.db, cal, null, rig.clock.now());
    act('cal', { action: 'play', uris: uris(3) });
    const before = (await told()).length;
    const calls = () => rig.sandbox.control.callCount({ personId: 'cal' });
    const asked = calls();
    rig.sandbox.control.addFault({ fault: { kind: 'slow', delayMs: 300 }, personId: 'cal', count: 1 });
    const reading = rig.read('playback', cal);
    await waitFor(() => calls() > asked, { what: 'the worker’s question', everyMs: 1 });
    await stopShare(rig.db.pool, cal, rig.clock.now());
    expect(await reading).toMatchObject({ result: { isPlaying: true } });
    expect((await told()).slice(before)).toEqual([]);
  });

  it('lets nobody stop while something is being told, so that the end is told last', async () => {
    const cal = (await rig.db.prisma.user.findFirstOrThrow({ where: { handle: 'cal' } })).id;
    await startShare(rig.db, cal, null, rig.clock.now());
    const order: string[] = [];
    let stopping: Promise<unknown> = Promise.resolve();
    await whileSharing(
      rig.db,
      cal,
      () => rig.clock.now(),
      async () => {
        stopping = stopShare(rig.db.pool, cal, rig.clock.now()).then(() => order.push('stopped'));
        // As long as it takes the database to answer others twice.
        await rig.db.pool.query('SELECT pg_sleep(0.05)');
        await rig.db.pool.query('SELECT 1');
        order.push('told');
      },
    );
    await stopping;
    expect(order).toEqual(['told', 'stopped']);
    expect(
      await whileSharing(
        rig.db,
        cal,
        () => rig.clock.now(),
        async () => void order.push('too late'),
      ),
    ).toBe(false);
    expect(order).toHaveLength(2);
  });

  it('loses somebody whose time is over, at the next tick', async () => {
    const dot = await rig.signIn('dot');
    await startShare(rig.db, dot, new Date(rig.clock.nowMs() + 10 * MINUTE_MS), rig.clock.now());
    await rig.tick();
    const before = (await told()).length;
    rig.clock.advance(9 * MINUTE_MS);
    await rig.tick();
    expect((await told()).slice(before).filter(({ event }) => event === 'feed-left')).toEqual([]);
    rig.clock.advance(MINUTE_MS + 1);
    expect((await loadFeed(rig.db.pool, rig.clock.now())).map(({ user }) => user.handle)).not.toContain(
      'dot',
    );
    await rig.tick();
    const left = (await told()).filter(({ event }) => event === 'feed-left');
    expect(left.map(({ data }) => data)).toEqual([{ handle: 'dot' }]);
    await rig.tick();
    expect((await told()).filter(({ event }) => event === 'feed-left')).toHaveLength(1);
  });

  it('hears a new name when Spotify has one', async () => {
    await changeUserSettings(rig.db, ann, { displayName: 'Somebody else' });
    const before = (await told()).length;
    await rig.run('profile', { userId: ann });
    const news = (await told()).slice(before);
    expect(news.map(({ event, data }) => [event, data.user.displayName])).toEqual([
      ['feed-changed', expect.not.stringMatching('Somebody else')],
    ]);
  });
});
