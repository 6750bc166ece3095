import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { PLAYLIST_ITEMS } from '@spindle/contracts';
import { listLibraryPlaylists } from '@spindle/db';
import { Rig } from './support/rig.ts';

let rig: Rig;
let ann: number;
let made = 0;

beforeAll(async () => {
  // Enough music for lists that are too long.
  rig = await Rig.start(['ann', 'bob', 'eve', 'zoe'], { catalogue: { artists: 900 } });
  ann = await rig.signIn('ann');
  const { tracks } = rig.sandbox.catalogue;
  expect(tracks.length).toBeGreaterThan(PLAYLIST_ITEMS + 1_001);
});
afterEach(() => rig.sandbox.control.clearFaults());
afterAll(() => rig?.close());

/** A playlist of Ann's with these items. */
function source(uris: (string | null)[], name = `Source ${++made}`): string {
  return rig.sandbox.control.givePlaylist('ann', { name, uris });
}

const sorted = (uris: readonly (string | null)[]) => [...uris].sort();
const trackId = (uri: string) => uri.split(':')[2] ?? '';

describe('a shuffle', () => {
  it('holds each track as often as the source, in another order, and leaves the source alone', async () => {
    const uris = [...rig.uris(130), ...rig.uris(3)];
    const playlistId = source(uris, 'My songs');
    const job = await rig.make(ann, { kind: 'shuffle', playlistId });
    expect(job).toMatchObject({
      state: 'succeeded',
      progress: { done: 133, total: 133, phase: 'writing', playlist: { name: 'My songs (shuffled)' } },
      result: { tracks: 133, sourceTracks: 133, refreshed: false },
    });
    expect(job.result).toHaveProperty('leftOut', {});
    const row = await rig.row(job.operationId);
    const items = rig.items(row.playlistId);
    expect(sorted(items)).toEqual(sorted(uris));
    expect(items).not.toEqual(uris);
    expect(rig.items(playlistId)).toEqual(uris);
    expect(rig.sandbox.groundTruth.playlist(row.playlistId ?? '')?.public).toBe(false);
  });

  it('leaves out and names what Spotify does not play', async () => {
    const [first = '', second = '', third = ''] = rig.uris(3, 200);
    const episode = rig.sandbox.catalogue.shows[0]?.episodes[0];
    rig.sandbox.control.setUnplayable(trackId(third), true);
    const playlistId = source([
      first,
      'spotify:local:My+Cousin%27s+Band:Tape:Take+4:187',
      null,
      episode?.uri ?? '',
      second,
      third,
      first,
    ]);
    const result = await rig.made(ann, { kind: 'shuffle', playlistId });
    expect(result).toMatchObject({
      tracks: 3,
      sourceTracks: 7,
      leftOut: { local: 1, removed: 1, episode: 1, unplayable: 1 },
    });
    const track = rig.sandbox.catalogue.track(trackId(third));
    expect(result.leftOutNames).toEqual([
      { reason: 'local', name: expect.stringContaining('Take 4') },
      { reason: 'episode', name: expect.stringContaining(episode?.name ?? '') },
      { reason: 'unplayable', name: expect.stringContaining(track?.name ?? '') },
    ]);
    expect(sorted(rig.items(result.playlists[0]?.playlistId ?? ''))).toEqual(sorted([first, first, second]));
    rig.sandbox.control.setUnplayable(trackId(third), false);
  });

  it('gives the same order for the same seed and source, and another one for another seed', async () => {
    const playlistId = source(rig.uris(60, 300));
    const target = 'new';
    const first = await rig.made(ann, { kind: 'shuffle', playlistId, target });
    const again = await rig.made(ann, { kind: 'shuffle', playlistId, target, seed: first.seed });
    const other = await rig.made(ann, { kind: 'shuffle', playlistId, target });
    const items = [first, again, other].map((one) => rig.items(one.playlists[0]?.playlistId ?? ''));
    expect(items[1]).toEqual(items[0]);
    expect(items[2]).not.toEqual(items[0]);
    expect(first.seed).toMatch(/^[0-9a-f]{32}$/);
    expect(other.seed).not.toBe(first.seed);
    expect(new Set([first, again, other].map((one) => one.playlists[0]?.playlistId)).size).toBe(3);
  });

  it('is among the listener’s playlists before these are read again, on top', async () => {
    await rig.db.prisma.libraryState.upsert({
      where: { userId: ann },
      create: { userId: ann, playlistsReadAt: rig.clock.now() },
      update: { playlistsReadAt: rig.clock.now() },
    });
    const first = await rig.made(ann, { kind: 'shuffle', playlistId: source(rig.uris(2, 390), 'One') });
    const second = await rig.made(ann, { kind: 'shuffle', playlistId: source(rig.uris(2, 392), 'Two') });
    const { items } = await listLibraryPlaylists(rig.db, ann, { limit: 3 });
    expect(items.slice(1).map((one) => one.id)).toEqual(
      [second, first].map((result) => result.playlists[0]?.playlistId),
    );
    expect(items[1]).toMatchObject({
      name: 'Two (shuffled)',
      own: true,
      made: { mode: 'uniform', sourceName: 'Two' },
    });
  });

  it('refreshes the same playlist among hundreds, at the least cost in calls', async () => {
    const uris = rig.uris(240, 400);
    const playlistId = source(uris);
    await rig.untilSettled();
    const first = await rig.made(ann, { kind: 'shuffle', playlistId, name: 'In place' });
    for (let count = 0; count < 300; count += 1) source([], `Filler ${count}`);
    rig.calls();
    const again = await rig.made(ann, { kind: 'shuffle', playlistId, mode: 'spread', name: 'Another name' });
    const link = first.playlists[0];
    expect(again).toMatchObject({ refreshed: true, playlists: [{ ...link, name: 'In place' }] });
    // Whether the source has changed, whether the playlist is still there, and three batches.
    expect(rig.calls()).toEqual([
      `GET /v1/playlists/${playlistId}`,
      'GET /v1/me/library/contains',
      `PUT /v1/playlists/${link?.playlistId}/items`,
      `POST /v1/playlists/${link?.playlistId}/items`,
      `POST /v1/playlists/${link?.playlistId}/items`,
    ]);
    expect(sorted(rig.items(link?.playlistId ?? ''))).toEqual(sorted(uris));
  });

  it('of Liked Songs reads them once, and then only what is new', async () => {
    const ids = rig.uris(120, 700).map(trackId);
    const liked = () => rig.liked('ann');
    rig.sandbox.control.like('ann', ids);
    const first = await rig.made(ann, { kind: 'shuffle', playlistId: 'liked' });
    expect(sorted(rig.items(first.playlists[0]?.playlistId ?? ''))).toEqual(sorted(liked()));
    expect(first.playlists[0]?.name).toBe('Liked Songs (shuffled)');
    rig.sandbox.control.like('ann', rig.uris(2, 900).map(trackId));
    rig.sandbox.control.unlike('ann', ids.slice(50, 51));
    rig.calls();
    const again = await rig.made(ann, { kind: 'shuffle', playlistId: 'liked' });
    expect(again.playlists[0]?.playlistId).toBe(first.playlists[0]?.playlistId);
    expect(sorted(rig.items(again.playlists[0]?.playlistId ?? ''))).toEqual(sorted(liked()));
    const reads = rig.calls().filter((call) => call === 'GET /v1/me/tracks');
    expect(reads.length).toBeLessThanOrEqual(4);
  });

  it('keeps what passes every filter, as far as the limit goes', async () => {
    const uris = rig.uris(80, 1_000);
    const playlistId = source(uris);
    await rig.made(ann, { kind: 'shuffle', playlistId });
    const clean = rig.sandbox.catalogue.tracks.filter((track) => uris.includes(track.uri) && !track.explicit);
    const result = await rig.made(ann, {
      kind: 'shuffle',
      playlistId,
      filter: { withoutExplicit: true },
      limit: { tracks: 5 },
    });
    expect(result.tracks).toBe(5);
    expect(result.leftOut).toEqual({ explicit: 80 - clean.length, limit: clean.length - 5 });
    for (const uri of rig.items(result.playlists[0]?.playlistId ?? '')) {
      expect(clean.map((track) => track.uri)).toContain(uri);
    }
    const artist = await rig.db.prisma.artist.findFirstOrThrow({
      where: { tracks: { some: { track: { spotifyId: trackId(uris[0] ?? '') } } } },
    });
    const filter = { artists: [String(artist.id)], notPlayedForDays: 10 };
    const of = await rig.made(ann, { kind: 'shuffle', playlistId, filter });
    expect(of.tracks).toBeGreaterThan(0);
    expect(of.tracks + (of.leftOut.artist ?? 0)).toBe(80);
    expect(rig.items(of.playlists[0]?.playlistId ?? '')).toContain(uris[0]);
    const minutes = await rig.made(ann, { kind: 'shuffle', playlistId, limit: { minutes: 20 } });
    const length = rig.sandbox.catalogue.tracks
      .filter((track) => rig.items(minutes.playlists[0]?.playlistId ?? '').includes(track.uri))
      .reduce((sum, track) => sum + track.durationMs, 0);
    expect(length).toBeLessThanOrEqual(20 * 60_000);
    expect(length).toBeGreaterThan(10 * 60_000);
  });

  it('that spreads puts no two tracks of one artist side by side where the list allows', async () => {
    const { artists } = rig.sandbox.catalogue;
    const uris = artists.slice(0, 4).flatMap((artist) =>
      rig.sandbox.catalogue.tracks
        .filter((track) => track.artists[0]?.id === artist.id)
        .slice(0, 8)
        .map((track) => track.uri),
    );
    const playlistId = source(uris);
    const result = await rig.made(ann, { kind: 'shuffle', playlistId, mode: 'spread' });
    const artistOf = (uri: string | null) =>
      rig.sandbox.catalogue.tracks.find((track) => track.uri === uri)?.artists[0]?.id;
    const order = rig.items(result.playlists[0]?.playlistId ?? '').map(artistOf);
    expect(order).toHaveLength(uris.length);
    expect(order.filter((artist, at) => at > 0 && artist === order[at - 1])).toEqual([]);
  });

  it('by what was unheard longest has what was just heard at the end, nearly always', async () => {
    const uris = rig.uris(40, 1_200);
    const playlistId = source(uris);
    await rig.made(ann, { kind: 'shuffle', playlistId });
    const recent = uris.slice(0, 5);
    for (const [index, uri] of recent.entries()) {
      const track = await rig.db.prisma.track.findFirstOrThrow({ where: { spotifyId: trackId(uri) } });
      const at = new Date(rig.clock.nowMs() - (index + 1) * 300_000);
      await rig.db.prisma.play.create({
        data: { userId: ann, trackId: track.id, playedAt: at, endedAt: at, source: 1, seenBy: 1 },
      });
    }
    const result = await rig.made(ann, { kind: 'shuffle', playlistId, mode: 'unheard' });
    const order = rig.items(result.playlists[0]?.playlistId ?? '');
    const places = recent.map((uri) => order.indexOf(uri));
    expect(Math.min(...places)).toBeGreaterThan(25);
  });
});

describe('a shuffle in a storm', () => {
  it('holds each track as often as the source, whatever is dropped, limited and refused in between', async () => {
    const uris = [...rig.uris(320, 4_000), ...rig.uris(30, 4_000)];
    const playlistId = source(uris, 'Weatherproof');
    const storm = { path: '/v1/**', probability: 0.12, count: 3 };
    rig.sandbox.control.addFault({ ...storm, fault: { kind: 'drop', when: 'after' } });
    rig.sandbox.control.addFault({ ...storm, fault: { kind: 'drop', when: 'before' } });
    rig.sandbox.control.addFault({ ...storm, fault: { kind: 'rate-limit', retryAfterSeconds: 2 } });
    rig.sandbox.control.addFault({
      ...storm,
      count: 2,
      fault: { kind: 'server-error', status: 502, html: true },
    });
    let job = await rig.make(ann, { kind: 'shuffle', playlistId });
    // Six bad runs in a row end it; asked for again it goes on.
    if (job.state === 'failed') {
      job = { ...(await rig.ended(await rig.add(job.operationId, 'shuffle'))), operationId: job.operationId };
    }
    expect(job).toMatchObject({ state: 'succeeded', result: { tracks: 350 } });
    const { playlistId: made } = await rig.row(job.operationId);
    expect(sorted(rig.items(made))).toEqual(sorted(uris));
    expect(rig.named('ann', 'Weatherproof (shuffled)')).toEqual([made]);
  });
});

describe('a list that is too long for one playlist', () => {
  const TOO_LONG = PLAYLIST_ITEMS + 1_001;
  let playlistId: string;
  let uris: string[];
  beforeAll(() => {
    uris = rig.uris(TOO_LONG);
    playlistId = source(uris, 'Everything');
  });

  it('is refused with words when nobody said what becomes of it', async () => {
    expect(await rig.make(ann, { kind: 'shuffle', playlistId })).toMatchObject({
      state: 'failed',
      failure: { code: 'too_long', message: expect.stringContaining('split over several playlists or cut') },
    });
  }, 60_000);

  it('is split over several, of which none lacks or doubles a track, and all are refreshed', async () => {
    const first = await rig.made(ann, { kind: 'shuffle', playlistId, overflow: 'split' });
    expect(first.playlists.map((one) => [one.name, one.tracks])).toEqual([
      ['Everything (shuffled) 1/2', 5_501],
      ['Everything (shuffled) 2/2', 5_500],
    ]);
    const items = first.playlists.flatMap((one) => rig.items(one.playlistId));
    expect(sorted(items)).toEqual(sorted(uris));
    rig.calls();
    const again = await rig.made(ann, { kind: 'shuffle', playlistId, overflow: 'split' });
    expect(again.playlists.map((one) => one.playlistId)).toEqual(
      first.playlists.map((one) => one.playlistId),
    );
    expect(rig.calls().filter((call) => call.startsWith('GET'))).toHaveLength(3);

    // Cut, it needs one: the other would hold songs twice.
    const cut = await rig.made(ann, { kind: 'shuffle', playlistId, overflow: 'cut' });
    expect(cut).toMatchObject({ tracks: PLAYLIST_ITEMS, leftOut: { cut: 1_001 }, refreshed: true });
    expect(cut.playlists.map((one) => one.playlistId)).toEqual([first.playlists[0]?.playlistId]);
    const library = rig.sandbox.groundTruth.playlists('ann').map((one) => one.id);
    expect(library).toContain(first.playlists[0]?.playlistId);
    expect(library).not.toContain(first.playlists[1]?.playlistId);
  }, 120_000);
});

describe('Liked Songs to share', () => {
  it('keep their order, newest first, in one playlist that is refreshed', async () => {
    const bob = await rig.signIn('bob');
    rig.sandbox.control.like('bob', rig.uris(110, 2_000).map(trackId));
    const liked = () => rig.liked('bob');
    const first = await rig.made(bob, { kind: 'share-liked' });
    expect(rig.items(first.playlists[0]?.playlistId ?? '')).toEqual(liked());
    expect(first).toMatchObject({ seed: '', playlists: [{ name: 'Liked Songs' }] });
    rig.sandbox.control.like('bob', rig.uris(3, 2_200).map(trackId));
    // A shuffle of the same songs is another playlist.
    const shuffled = await rig.made(bob, { kind: 'shuffle', playlistId: 'liked' });
    const again = await rig.made(bob, { kind: 'share-liked' });
    expect(again.playlists[0]?.playlistId).toBe(first.playlists[0]?.playlistId);
    expect(shuffled.playlists[0]?.playlistId).not.toBe(first.playlists[0]?.playlistId);
    expect(rig.items(again.playlists[0]?.playlistId ?? '')).toEqual(liked());
  });
});

describe('what cannot be shuffled', () => {
  const gone = 'a'.repeat(22);
  it.each([
    [
      'a playlist of somebody else',
      () => rig.sandbox.control.givePlaylist('ann', { name: 'Bob’s', uris: rig.uris(3), ownerId: 'bob' }),
      'foreign_playlist',
      'into a playlist of your own',
    ],
    ['an empty one', () => source([], 'Nothing'), 'empty_source', '“Nothing” is empty.'],
    [
      'one without anything of use',
      () => source([null, null], 'Ruins'),
      'nothing_left',
      '2 tracks that are no longer on Spotify',
    ],
    ['one that is gone', () => gone, 'source_gone', 'gone from Spotify'],
  ])('%s ends in words', async (_what, make, code, words) => {
    const before = rig.sandbox.groundTruth.playlists('ann').length;
    const playlistId = make();
    const job = await rig.make(ann, { kind: 'shuffle', playlistId });
    expect(job).toMatchObject({
      state: 'failed',
      failure: { code, message: expect.stringContaining(words) },
    });
    expect(await rig.row(job.operationId)).toMatchObject({
      status: 'failed',
      failureCode: code,
      playlistId: null,
    });
    expect(rig.sandbox.groundTruth.playlists('ann').length - before).toBe(playlistId === gone ? 0 : 1);
  });

  it('without the scope says that it has to be granted', async () => {
    const eve = await rig.signIn('eve', ['user-read-recently-played']);
    const job = await rig.make(eve, { kind: 'shuffle', playlistId: 'liked' });
    expect(job.failure).toMatchObject({
      code: 'missing_scope',
      message: expect.stringContaining('Sign in again'),
    });
  });

  it('because the consent ended in the middle says to sign in again, and goes on after that', async () => {
    const zoe = await rig.signIn('zoe');
    const uris = rig.uris(250, 3_000);
    const playlistId = rig.sandbox.control.givePlaylist('zoe', { name: 'Long', uris });
    const operationId = await rig.asked(zoe, { kind: 'shuffle', playlistId });
    rig.sandbox.control.addFault({
      method: 'POST',
      path: '/v1/playlists/*/items',
      count: 1,
      fault: { kind: 'slow', delayMs: 30 },
    });
    const jobId = await rig.add(operationId, 'shuffle');
    await rig.until(() => rig.sandbox.control.faults()[0]?.struck === 1, 'the slow call');
    rig.sandbox.control.revokeConsent('zoe');
    expect((await rig.ended(jobId)).failure).toMatchObject({ code: 'reauth_needed' });
    expect(await rig.row(operationId)).toMatchObject({ status: 'failed', failureCode: 'reauth_needed' });
    await rig.signIn('zoe');
    const job = await rig.ended(await rig.add(operationId, 'shuffle'));
    expect(job.state).toBe('succeeded');
    expect(sorted(rig.items((await rig.row(operationId)).playlistId))).toEqual(sorted(uris));
  });
});

describe('every playlist that was made here', () => {
  it('and no other is deleted, page by page, and can be put back within the hour', async () => {
    const bob = await rig.signIn('bob');
    const own = () => rig.sandbox.groundTruth.playlists('bob').map((one) => one.id);
    const before = own();
    for (let count = 0; count < 45; count += 1) {
      await rig.run(await rig.operation(bob, rig.uris(1), { sourceId: `x:${count}`, name: `Made ${count}` }));
    }
    const all = own();
    expect(all.length).toBe(before.length + 45);
    const made = new Set(
      (await rig.db.prisma.shuffledPlaylist.findMany({ where: { userId: bob } })).map(
        (row) => row.playlistId,
      ),
    );
    rig.calls();
    // The first batch is done and its answer lost.
    rig.sandbox.control.addFault({ method: 'DELETE', count: 1, fault: { kind: 'drop', when: 'after' } });
    const at = rig.clock.now().toISOString();
    const asked = { requestId: 'test' };
    const deleting = await rig.producer.add('shuffle-playlist', 'delete-made', { userId: bob, at }, asked);
    const deleted = await rig.ended(deleting.id);
    expect(deleted.result).toEqual({
      deleted: made.size,
      restorableUntil: new Date(Date.parse(at) + 3_600_000).toISOString(),
    });
    expect(own()).toEqual(before.filter((id) => !made.has(id)));
    expect(rig.calls()).toEqual(['DELETE /v1/me/library', 'DELETE /v1/me/library', 'DELETE /v1/me/library']);

    const restoring = await rig.producer.add('shuffle-playlist', 'restore-made', { userId: bob }, asked);
    expect((await rig.ended(restoring.id)).result).toEqual({ restored: made.size });
    expect(sorted(own())).toEqual(sorted(all));
    const nothing = await rig.producer.add('shuffle-playlist', 'restore-made', { userId: bob }, asked);
    expect((await rig.ended(nothing.id)).result).toEqual({ restored: 0 });
  });
});

describe('a schedule', () => {
  it('begins although a whole day’s allowance does not suffice, and waits while one will', async () => {
    const scarce = await Rig.start(['dora'], {}, { dailyAllowance: 20 });
    try {
      const dora = await scarce.signIn('dora');
      const uris = scarce.uris(40);
      const playlistId = scarce.sandbox.control.givePlaylist('dora', { name: 'Small', uris });
      const schedule = async (count: number) => {
        await scarce.db.prisma.libraryPlaylist.deleteMany();
        await scarce.db.prisma.libraryPlaylist.create({
          data: {
            userId: dora,
            playlistId,
            position: 0,
            name: 'Small',
            own: true,
            collaborative: false,
            images: [],
            itemCount: count,
          },
        });
        const request = { kind: 'shuffle' as const, playlistId, mode: 'uniform' as const, target: 'refresh' };
        const { id } = await scarce.db.prisma.playlistSchedule.create({
          data: { userId: dora, sourceName: 'Small', request, pattern: '0 6 * * *' },
        });
        const operationId = await scarce.asked(dora, request, { scheduleId: id });
        return scarce.add(operationId, 'shuffle');
      };
      // As far as is known it takes forty calls, of twenty that a day has.
      expect((await scarce.ended(await schedule(2_000))).state).toBe('succeeded');
      // It takes nine, and the day has some left for what nobody waits for, but not so many.
      const jobId = await schedule(350);
      const waiting = await scarce.until(async () => {
        const view = await scarce.producer.get(jobId);
        return view?.state === 'waiting' ? view : null;
      }, 'the schedule to wait');
      expect(waiting.waitingFor).toContain('allowance');
      expect(scarce.calls().length).toBeLessThanOrEqual(6);
    } finally {
      await scarce.close();
    }
  });

  it('runs when its time has come, refreshes its own playlist, and says when it comes next', async () => {
    const playlistId = source(rig.uris(20, 3_500), 'Daily');
    const elsewhere = await rig.made(ann, { kind: 'shuffle', playlistId });
    const request = { kind: 'shuffle' as const, playlistId, mode: 'uniform' as const, target: 'refresh' };
    const { id } = await rig.db.prisma.playlistSchedule.create({
      data: { userId: ann, sourceName: 'Daily', request, pattern: '0 6 * * *', nextAt: rig.clock.now() },
    });
    const run = async () => {
      const asked = { requestId: 'test' };
      const tick = await rig.producer.add('shuffle-playlist', 'run-schedules', {}, asked);
      const done = await rig.producer.waitFor(tick.id, 5_000);
      expect(done?.result).toEqual({ begun: 1, taken: 0 });
      return rig.until(async () => {
        const rows = await rig.db.prisma.shuffledPlaylist.findMany({
          where: { scheduleId: id },
          orderBy: { id: 'asc' },
        });
        return rows.every((row) => row.status === 'succeeded') ? rows : null;
      }, 'the scheduled runs');
    };
    const [first] = await run();
    const schedule = () => rig.db.prisma.playlistSchedule.findUniqueOrThrow({ where: { id } });
    expect(await schedule()).toMatchObject({
      playlistId: first?.playlistId,
      failures: 0,
      lastRunAt: expect.any(Date),
    });
    const next = (await schedule()).nextAt;
    expect(next?.toISOString()).toMatch(/T06:00:00.000Z$/);
    expect(next?.getTime()).toBeGreaterThan(rig.clock.nowMs());
    expect(first?.playlistId).not.toBe(elsewhere.playlists[0]?.playlistId);

    await rig.db.prisma.playlistSchedule.update({ where: { id }, data: { nextAt: rig.clock.now() } });
    const runs = await run();
    expect(runs.map((row) => row.playlistId)).toEqual([first?.playlistId, first?.playlistId]);
    expect(new Set(runs.map((row) => row.seed)).size).toBe(2);

    // Bound to a playlist by name, it goes into that one; and into its own again when that is gone.
    const bound = elsewhere.playlists[0]?.playlistId ?? '';
    const again = async () => {
      await rig.db.prisma.playlistSchedule.update({
        where: { id },
        data: { nextAt: rig.clock.now(), request: { ...request, target: bound } },
      });
      return (await run()).at(-1)?.playlistId;
    };
    expect(await again()).toBe(bound);
    await rig.as(ann).removeFromLibrary([`spotify:playlist:${bound}`]);
    expect(await again()).toBe(first?.playlistId);
  });

  it('takes up operations whose job Redis has lost, and ends those whose job failed unheard', async () => {
    const playlistId = source(rig.uris(20, 3_600), 'Lost');
    const made = () => rig.asked(ann, { kind: 'shuffle', playlistId });
    const [lost, unheard, young] = [await made(), await made(), await made()];
    const failing = await rig.producer.add(
      'shuffle-playlist',
      'delete-made',
      { userId: 999_999, at: new Date(0).toISOString() },
      { requestId: 'test' },
    );
    expect((await rig.ended(failing.id)).state).toBe('failed');
    const old = new Date(rig.clock.nowMs() - 61_000);
    const set = (id: number, jobId: string, createdAt: Date) =>
      rig.db.prisma.shuffledPlaylist.update({
        where: { id },
        data: { jobId, status: 'running', createdAt },
      });
    await set(lost, 'shuffle-playlist.key-that-is-gone', old);
    await set(unheard, failing.id, old);
    await set(young, 'shuffle-playlist.key-that-is-gone', rig.clock.now());
    const tick = await rig.producer.add('shuffle-playlist', 'run-schedules', {}, { requestId: 'test' });
    expect((await rig.producer.waitFor(tick.id, 5_000))?.result).toEqual({ begun: 0, taken: 1 });
    const row = (id: number) => rig.db.prisma.shuffledPlaylist.findUniqueOrThrow({ where: { id } });
    await rig.until(async () => (await row(lost)).status === 'succeeded', 'the lost one to be written');
    expect(await row(unheard)).toMatchObject({ status: 'failed', failureCode: expect.any(String) });
    expect(await row(young)).toMatchObject({ status: 'running' });
    await rig.db.prisma.shuffledPlaylist.delete({ where: { id: young } });
  });
});
