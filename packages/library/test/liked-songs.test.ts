import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { loadLikes } from '@spindle/db';
import { Rig } from './support/rig.ts';

const DAY_MS = 86_400_000;
let rig: Rig;
let count = 0;
let me: string;
let userId: number;

beforeAll(async () => {
  const people = Array.from({ length: 20 }, (_, index) => `person-${index}`);
  rig = await Rig.start({ people, sandbox: { mode: 'extended', catalogue: { artists: 400 } } });
});
afterAll(() => rig.close());
beforeEach(async () => {
  me = `person-${count}`;
  count += 1;
  userId = await rig.signIn(me);
  rig.calls();
});

const control = () => rig.sandbox.control;

/** Somebody with so many liked songs, all read. */
async function withLiked(total: number): Promise<string[]> {
  const ids = rig.ids(total);
  rig.likeEach(me, ids);
  await rig.readLiked(userId);
  rig.calls();
  return ids;
}

async function expectInStep(): Promise<void> {
  expect(await rig.stored(userId)).toEqual(rig.liked(me));
}

describe('the first reading', () => {
  it('reads every page once and stores Spotify’s order', async () => {
    rig.likeEach(me, rig.ids(230));
    // An album saved at once: the same second for all.
    control().like(me, rig.ids(12, 1000));
    const pages: [number, number][] = [];
    const reading = await rig.readLiked(userId, { onPage: (done, total) => void pages.push([done, total]) });
    expect(reading).toEqual({ total: 242, added: 242, removed: 0, pages: 5, full: true });
    expect(rig.calls()).toBe(5);
    expect(pages).toEqual([50, 100, 150, 200, 242].map((done) => [done, 242]));
    await expectInStep();
  });

  it('of an empty list is one call, and so are all after it', async () => {
    for (let time = 0; time < 2; time += 1) {
      expect(await rig.readLiked(userId)).toMatchObject({ total: 0, added: 0, pages: 1 });
      await expectInStep();
    }
    rig.likeEach(me, rig.ids(1));
    expect(await rig.readLiked(userId)).toMatchObject({ total: 1, added: 1, pages: 1 });
    await expectInStep();
  });
});

describe('bringing into step', () => {
  it('costs one call when nothing has changed, and when a few are new', async () => {
    await withLiked(1000);
    expect(await rig.readLiked(userId)).toEqual({
      total: 1000,
      added: 0,
      removed: 0,
      pages: 1,
      full: false,
    });
    rig.likeEach(me, rig.ids(3, 2000));
    expect(await rig.readLiked(userId)).toEqual({
      total: 1003,
      added: 3,
      removed: 0,
      pages: 1,
      full: false,
    });
    expect(rig.calls()).toBe(2);
    await expectInStep();
  });

  it('finds one removed song wherever it stood, by halving', async () => {
    const ids = await withLiked(1000);
    for (const place of [999, 980, 951, 950, 949, 500, 333, 50, 49, 0]) {
      control().unlike(me, [ids[place] ?? '']);
      const reading = await rig.readLiked(userId);
      expect(reading).toMatchObject({ added: 0, removed: 1 });
      // 20 pages: the first, and of the others log2 at most.
      expect(reading.pages).toBeLessThanOrEqual(1 + Math.ceil(Math.log2(20)));
      expect(rig.calls()).toBe(reading.pages);
      await expectInStep();
    }
  });

  it('finds many that stood together for the price of one or two', async () => {
    const ids = await withLiked(1000);
    control().unlike(me, ids.slice(300, 420));
    const reading = await rig.readLiked(userId);
    expect(reading).toMatchObject({ removed: 120, full: false });
    expect(reading.pages).toBeLessThanOrEqual(8);
    await expectInStep();
  });

  it('never costs more than all pages, however many are gone', async () => {
    const ids = await withLiked(1000);
    control().unlike(
      me,
      ids.filter((_, place) => place % 30 === 0),
    );
    const reading = await rig.readLiked(userId);
    expect(reading).toMatchObject({ removed: 34, total: 966 });
    expect(reading.pages).toBeLessThanOrEqual(20);
    await expectInStep();
  });

  it('sees a song that was un-liked and liked again', async () => {
    const ids = await withLiked(300);
    control().unlike(me, [ids[10] ?? '']);
    rig.likeEach(me, [ids[10] ?? '']);
    expect(await rig.readLiked(userId)).toEqual({ total: 300, added: 0, removed: 0, pages: 1, full: false });
    await expectInStep();
  });

  it('reads all pages when a song was put between older ones and the total shows it', async () => {
    await withLiked(300);
    const [late = ''] = rig.ids(1, 2500);
    control().like(me, [late], rig.clock.nowMs() - 100 * 60_000);
    expect(await rig.readLiked(userId)).toMatchObject({ added: 1, full: true, pages: 7 });
    await expectInStep();
  });

  it('reads all pages after thirty days and when asked to', async () => {
    const ids = await withLiked(120);
    // One out, one in between older ones: the total is silent.
    control().unlike(me, [ids[3] ?? '']);
    control().like(me, rig.ids(1, 2500), rig.clock.nowMs() - 100 * 60_000);
    expect(await rig.readLiked(userId)).toMatchObject({ pages: 1, full: false });
    expect(await rig.readLiked(userId, { full: true })).toMatchObject({ pages: 3, full: true, added: 1 });
    await expectInStep();
    expect(await rig.readLiked(userId)).toMatchObject({ pages: 1, full: false });
    rig.clock.advance(31 * DAY_MS);
    expect(await rig.readLiked(userId)).toMatchObject({ pages: 3, full: true });
  });

  it('is exact after anything, at the price of all pages at most', async () => {
    const ids = rig.ids(3000);
    // A generator of its own, so that a failure comes again.
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((seed / 2_147_483_648) * below);
    };
    let fullReadings = 0;
    for (let round = 0; round < 60; round += 1) {
      rig.clock.advance(3_600_000);
      const liked = rig.liked(me);
      const adding = random(4) === 0 ? random(140) : random(4);
      const added = Array.from({ length: adding }, () => ids[random(3000)] ?? '');
      if (random(3) === 0) control().like(me, added);
      else rig.likeEach(me, added);
      const removing = random(6) === 0 ? random(60) : random(3);
      const removed = Array.from({ length: removing }, () => liked[random(liked.length)]?.id ?? '');
      control().unlike(me, removed);
      if (random(4) === 0 && removed.length > 0) rig.likeEach(me, removed.slice(0, 1));
      const reading = await rig.readLiked(userId);
      expect(reading.pages).toBeLessThanOrEqual(Math.max(1, Math.ceil(reading.total / 50)));
      fullReadings += reading.full && reading.pages > 1 ? 1 : 0;
      await expectInStep();
    }
    expect(fullReadings).toBeLessThan(20);
  });
});

describe('music that was taken off Spotify', () => {
  it('keeps what was known of it, and its place', async () => {
    const ids = await withLiked(120);
    control().takeOff(ids[119] ?? '');
    control().takeOff(ids[5] ?? '');
    expect(await rig.readLiked(userId)).toMatchObject({ added: 0, removed: 0, pages: 1 });
    expect(await rig.readLiked(userId, { full: true })).toMatchObject({ added: 0, removed: 0 });
    const likes = await loadLikes(rig.db, userId);
    const unplayable = likes.filter((like) => like.unplayable).map((like) => like.itemKey);
    expect(unplayable).toEqual(expect.arrayContaining([ids[119], ids[5]]));
    await expectInStep();
    for (const id of ids) control().putBack(id);
    expect(await rig.readLiked(userId, { full: true })).toMatchObject({ added: 0, removed: 0 });
    await expectInStep();
  });

  it('that was never seen has a key of its time, each its own, and is removed like any other', async () => {
    const ids = rig.ids(6, 2900);
    rig.clock.advance(60_000);
    control().like(me, ids);
    for (const id of ids) control().takeOff(id);
    await rig.readLiked(userId);
    const at = rig.clock.now().toISOString();
    const keys = (await loadLikes(rig.db, userId)).map((like) => like.itemKey);
    expect(keys).toEqual([`removed:${at}`, ...[2, 3, 4, 5, 6].map((number) => `removed:${at}#${number}`)]);
    expect(await rig.readLiked(userId)).toMatchObject({ added: 0, removed: 0, pages: 1 });
    control().unlike(me, ids.slice(0, 1));
    await rig.readLiked(userId);
    expect(await loadLikes(rig.db, userId)).toHaveLength(5);
    for (const id of ids) control().putBack(id);
  });
});

describe('a reading that is disturbed', () => {
  it('begins anew when something is liked between two pages', async () => {
    rig.likeEach(me, rig.ids(300));
    let disturbed = 0;
    const reading = await rig.readLiked(userId, {
      onPage: (done) => {
        if (done === 50 && disturbed === 0) {
          disturbed += 1;
          rig.likeEach(me, rig.ids(1, 2000));
        }
      },
    });
    expect(reading.total).toBe(301);
    await expectInStep();
  });

  it('begins anew when one is liked and another un-liked at once', async () => {
    const ids = rig.ids(300);
    rig.likeEach(me, ids);
    let disturbed = false;
    await rig.readLiked(userId, {
      onPage: () => {
        if (disturbed) return;
        disturbed = true;
        control().unlike(me, [ids[0] ?? '']);
        rig.likeEach(me, rig.ids(1, 2000));
      },
    });
    await expectInStep();
  });

  it('says so when the list never stands still, and stores nothing', async () => {
    await withLiked(120);
    let next = 2000;
    const reading = rig.readLiked(userId, {
      full: true,
      onPage: () => {
        rig.likeEach(me, rig.ids(1, next));
        next += 1;
      },
    });
    await expect(reading).rejects.toThrow('kept changing');
    expect(await rig.stored(userId)).toHaveLength(120);
    await rig.readLiked(userId);
    await expectInStep();
  });

  it('leaves what was stored when it is aborted, and the next one is right', async () => {
    await withLiked(300);
    control().unlike(me, [rig.ids(1)[0] ?? '']);
    const abort = new AbortController();
    const reading = rig.readLiked(userId, { signal: abort.signal, full: true, onPage: () => abort.abort() });
    await expect(reading).rejects.toThrow();
    expect(await rig.stored(userId)).toHaveLength(300);
    await rig.readLiked(userId);
    await expectInStep();
  });

  it('goes on where it was, under new songs and with the same pages', async () => {
    const ids = rig.ids(1000);
    rig.likeEach(me, ids);
    control().takeOff(ids[990] ?? '');
    const stop = new Error('enough');
    const interrupted = (at: number) =>
      rig.readLiked(userId, {
        onPage: (done) => {
          if (done >= at) throw stop;
        },
      });
    await expect(interrupted(500)).rejects.toBe(stop);
    expect(await rig.stored(userId)).toEqual([]);
    rig.likeEach(me, rig.ids(7, 2000));
    rig.calls();
    await expect(interrupted(800)).rejects.toBe(stop);
    // The first page, the one where the part ends, those to 800, and three that were under way.
    expect(rig.calls()).toBeLessThanOrEqual(1 + 7 + 3);
    const reading = await rig.readLiked(userId);
    expect(reading).toMatchObject({ total: 1007, added: 1007, full: true });
    expect(reading.pages).toBeLessThanOrEqual(1 + 6);
    control().putBack(ids[990] ?? '');
    await rig.readLiked(userId, { full: true });
    await expectInStep();
  });

  it('reads all when what it had got to has changed since', async () => {
    const ids = rig.ids(400);
    rig.likeEach(me, ids);
    const onPage = (done: number): void => {
      if (done >= 200) throw new Error('enough');
    };
    await expect(rig.readLiked(userId, { onPage })).rejects.toThrow('enough');
    control().unlike(me, ids.slice(300, 310));
    expect((await rig.readLiked(userId)).full).toBe(true);
    await expectInStep();
  });

  it('by another one comes to the same', async () => {
    const ids = await withLiked(300);
    control().unlike(me, ids.slice(40, 45));
    rig.likeEach(me, rig.ids(2, 2000));
    await Promise.all([1, 2, 3].map(() => rig.readLiked(userId)));
    await expectInStep();
    await Promise.all([true, false].map((full) => rig.readLiked(userId, { full })));
    await expectInStep();
  });
});
