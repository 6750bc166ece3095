import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { loadPlaylistContents } from '@spindle/db';
import { type PlaylistCopy, type ReadOptions, readPlaylistContents, readPlaylistList } from '../src/index.ts';
import { Rig } from './support/rig.ts';

const [me, friend] = ['mara', 'bjorn'];
const LOCAL = 'spotify:local:Some+Band:Tape:Take+4:187';
let rig: Rig;
let userId: number;

beforeAll(async () => {
  rig = await Rig.start({ people: [me, friend], sandbox: { catalogue: { artists: 400 } } });
  userId = await rig.signIn(me);
});
afterAll(() => rig.close());
beforeEach(() => {
  rig.calls();
});

const give = (uris: readonly (string | null)[], more: object = {}): string =>
  rig.sandbox.control.givePlaylist(me, { name: 'Given', uris, ...more });
const read = (playlistId: string, more: Partial<ReadOptions> = {}): Promise<PlaylistCopy> =>
  readPlaylistContents(rig.access, userId, playlistId, rig.options(more));
const told = ({ entries }: PlaylistCopy): (string | null)[] => entries.map((entry) => entry.uri);
const truth = (playlistId: string): (string | null)[] =>
  rig.sandbox.groundTruth.playlist(playlistId)?.items.map((item) => item.uri) ?? [];

/** A change as the API makes it, by its owner. */
async function add(playlistId: string, uris: readonly string[], position: number): Promise<void> {
  const caller = rig.access.spotify.as(userId, { lane: 'interactive' });
  await caller.addItems(playlistId, uris, position);
  rig.calls();
}

describe('the items of a playlist', () => {
  it('are told by what they are, with their names and times', async () => {
    const episode = rig.sandbox.catalogue.shows[0]?.episodes[0]?.uri ?? '';
    const [first = '', second = ''] = rig.uris(2);
    rig.sandbox.control.setUnplayable(second.slice('spotify:track:'.length), true);
    const copy = await read(give([first, episode, LOCAL, null, second, first]));
    expect(rig.calls()).toBe(1);
    expect(copy).toMatchObject({ name: 'Given', own: true, unchanged: false });
    expect(copy.entries.map(({ kind, uri }) => [kind, uri])).toEqual([
      ['track', first],
      ['episode', episode],
      ['local', LOCAL],
      ['removed', null],
      ['track', second],
      ['track', first],
    ]);
    expect(copy.entries.map((entry) => entry.trackId !== null)).toEqual([
      true,
      false,
      false,
      false,
      true,
      true,
    ]);
    expect(copy.entries.map((entry) => entry.unplayable ?? false)).toEqual([
      false,
      false,
      false,
      false,
      true,
      false,
    ]);
    expect(copy.entries[2]?.name).toBe('Take 4');
    expect(Date.parse(copy.entries[0]?.addedAt ?? '')).toBe(rig.clock.nowMs());
    rig.sandbox.control.setUnplayable(second.slice('spotify:track:'.length), false);
  });

  it('cost one call while the snapshot is the same, however many there are', async () => {
    const id = give(rig.uris(430));
    rig.clock.advance(60_000);
    const pages: number[] = [];
    const copy = await read(id, { onPage: (done) => void pages.push(done) });
    // The playlist brings the first 100, then seven pages, and the look whether it is still the same.
    expect(rig.calls()).toBe(9);
    expect(pages).toEqual([100, 150, 200, 250, 300, 350, 400, 430]);
    expect(told(copy)).toEqual(truth(id));
    const again = await read(id);
    expect(rig.calls()).toBe(1);
    expect(again).toEqual({ ...copy, unchanged: true });
    await add(id, rig.uris(1, 900), 3);
    const third = await read(id);
    expect([told(third), third.unchanged]).toEqual([truth(id), false]);
  });

  it('of an empty playlist, and of one of a single page, are one call', async () => {
    for (const length of [0, 100]) {
      const id = give(rig.uris(length));
      expect((await read(id)).entries).toHaveLength(length);
      expect((await read(id)).unchanged).toBe(true);
      expect(rig.calls()).toBe(2);
    }
  });

  it('of 10,000 are 200 calls at most', async () => {
    const uris = rig.uris(5000);
    const id = give([...uris, ...uris]);
    const copy = await read(id);
    expect(rig.calls()).toBeLessThanOrEqual(200);
    expect(told(copy)).toEqual(truth(id));
  });

  it('of somebody else are refused, as are those of an unknown one', async () => {
    const theirs = rig.uris(120);
    await expect(read(give(theirs, { ownerId: friend }))).rejects.toMatchObject({ code: 'forbidden' });
    await expect(read('4'.repeat(22))).rejects.toMatchObject({ code: 'not_found' });
    const shared = await read(give(theirs, { ownerId: friend, collaborative: true }));
    expect([shared.own, shared.entries.length]).toEqual([false, 120]);
  });
});

describe('a reading that is interrupted', () => {
  it('keeps what it read and goes on from there', async () => {
    const id = give(rig.uris(1000));
    const stop = new Error('enough');
    const reading = read(id, {
      onPage: (done) => {
        if (done >= 600) throw stop;
      },
    });
    await expect(reading).rejects.toBe(stop);
    expect((await loadPlaylistContents(rig.db, userId, id))?.entries).toHaveLength(600);
    rig.calls();
    const copy = await read(id);
    // The playlist, eight pages, and the last look.
    expect(rig.calls()).toBe(10);
    expect([told(copy), copy.unchanged]).toEqual([truth(id), false]);
    expect((await read(id)).unchanged).toBe(true);
  });

  it('by an abort goes on, too', async () => {
    const id = give(rig.uris(700));
    const abort = new AbortController();
    const onPage = (done: number): void => {
      if (done >= 300) abort.abort();
    };
    await expect(read(id, { signal: abort.signal, onPage })).rejects.toThrow();
    const kept = (await loadPlaylistContents(rig.db, userId, id))?.entries.length ?? 0;
    expect(kept).toBeGreaterThanOrEqual(300);
    expect(told(await read(id))).toEqual(truth(id));
  });

  it('when all pages were read, but nobody saw that they belong together, is no whole', async () => {
    const id = give(rig.uris(300));
    const fault = rig.sandbox.control.addFault({
      fault: { kind: 'server-error' },
      path: '/v1/playlists/*',
      skip: 1,
    });
    await expect(read(id)).rejects.toThrow();
    rig.sandbox.control.removeFault(fault);
    expect((await loadPlaylistContents(rig.db, userId, id))?.entries.length).toBeLessThan(300);
    const copy = await read(id);
    expect([told(copy), copy.unchanged]).toEqual([truth(id), false]);
  });

  it('begins from the first when the playlist changed since', async () => {
    const id = give(rig.uris(500));
    const onPage = (done: number): void => {
      if (done >= 300) throw new Error('enough');
    };
    await expect(read(id, { onPage })).rejects.toThrow('enough');
    await add(id, rig.uris(1, 900), 0);
    expect(told(await read(id))).toEqual(truth(id));
  });
});

describe('a playlist that changes while it is read', () => {
  it('is read anew: longer, or only in another order', async () => {
    for (const change of ['add', 'move'] as const) {
      const id = give(rig.uris(400));
      let changed = false;
      const copy = await read(id, {
        onPage: async (done) => {
          if (changed || done < 200) return;
          changed = true;
          if (change === 'add') await add(id, rig.uris(1, 900), 0);
          else await move(id, 399, 0);
        },
      });
      expect(told(copy)).toEqual(truth(id));
    }
  });

  it('without end is given up on, to be tried later', async () => {
    const id = give(rig.uris(250));
    let next = 900;
    const reading = read(id, {
      onPage: async () => {
        next += 1;
        await add(id, rig.uris(1, next), 0);
      },
    });
    await expect(reading).rejects.toThrow('kept changing');
    expect(told(await read(id))).toEqual(truth(id));
  });

  it('two readings at once come to the same', async () => {
    const id = give(rig.uris(400));
    const copies = await Promise.all([read(id), read(id)]);
    for (const copy of copies) expect(told(copy)).toEqual(truth(id));
    expect((await read(id)).unchanged).toBe(true);
  });
});

/** Moves one item within a playlist, as the owner does in Spotify's own app. */
async function move(playlistId: string, from: number, to: number): Promise<void> {
  const token = await rig.token(userId);
  await fetch(`${rig.sandbox.apiUrl}/v1/playlists/${playlistId}/items`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ range_start: from, insert_before: to }),
  });
}

describe('the list of playlists', () => {
  const list = () => readPlaylistList(rig.access, userId, rig.options());
  const stored = () =>
    rig.db.prisma.libraryPlaylist.findMany({ where: { userId }, orderBy: { position: 'asc' } });

  it('is stored in Spotify’s order, with whose they are', async () => {
    give(rig.uris(3), { name: 'Shared', ownerId: friend, collaborative: true });
    give(rig.uris(3), { name: 'Theirs', ownerId: friend });
    const { playlists } = await list();
    const truths = rig.sandbox.groundTruth.playlists(me);
    expect(playlists).toBe(truths.length);
    expect(rig.calls()).toBe(Math.ceil(truths.length / 50));
    const rows = await stored();
    expect(rows.map((row) => [row.playlistId, row.name, row.own])).toEqual(
      truths.map((one) => [one.id, one.name, one.ownerId === me]),
    );
    expect(rows[0]).toMatchObject({ name: 'Theirs', itemCount: null, collaborative: false });
    expect(rows[1]).toMatchObject({ name: 'Shared', itemCount: 3, collaborative: true });
    expect(await rig.db.prisma.libraryState.findUniqueOrThrow({ where: { userId } })).toMatchObject({
      playlistsTotal: truths.length,
      playlistsReadAt: rig.clock.now(),
    });
  });

  it('forgets what is no longer in it, with its items', async () => {
    const id = give(rig.uris(5), { name: 'Short-lived' });
    await read(id);
    await list();
    expect(await loadPlaylistContents(rig.db, userId, id)).not.toBeNull();
    await rig.access.spotify
      .as(userId, { lane: 'interactive' })
      .removeFromLibrary([`spotify:playlist:${id}`]);
    await list();
    expect((await stored()).map((row) => row.playlistId)).not.toContain(id);
    expect(await loadPlaylistContents(rig.db, userId, id)).toBeNull();
  });
});
