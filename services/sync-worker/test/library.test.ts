import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { libraryState, loadLikes, loadPlaylistContents } from '@spindle/db';
import { Rig } from './support/rig.ts';

let rig: Rig;
let userId: number;

beforeAll(async () => {
  rig = await Rig.start({
    people: [{ id: 'ann', likedSongs: 0 }, 'bob'],
    sandbox: { mode: 'development' },
  });
  userId = await rig.signIn('ann');
});
afterAll(() => rig.close());

const uris = (count: number): string[] =>
  rig.sandbox.catalogue.tracks.slice(0, count).map((track) => track.uri);

describe('reading a library', () => {
  it('stores the list of playlists and the Liked Songs', async () => {
    rig.sandbox.control.like(
      'ann',
      rig.sandbox.catalogue.tracks.slice(0, 60).map((track) => track.id),
    );
    const { playlists } = rig.sandbox.groundTruth;
    const job = await rig.run('playlists', { userId });
    expect(job.result).toEqual({ playlists: playlists('ann').length, likedTracks: 60 });
    expect(await libraryState(rig.db, userId)).toMatchObject({
      likedTotal: 60,
      playlistsTotal: playlists('ann').length,
    });
    expect(await loadLikes(rig.db, userId)).toHaveLength(60);
    const again = await rig.run('liked-songs', { userId });
    expect(again.result).toEqual({ total: 60, added: 0, removed: 0, pages: 1, full: false });
    const full = await rig.run('liked-songs', { userId, full: true });
    expect(full.result).toMatchObject({ pages: 2, full: true });
  });

  it('reads a source once, and again when it has changed, telling how far it is', async () => {
    const source = rig.sandbox.control.givePlaylist('ann', { name: 'Mine', uris: uris(230) });
    const first = await rig.run('read-source', { userId, source });
    expect([first.result, first.progress]).toEqual([
      { tracks: 230, unchanged: false },
      { done: 230, total: 230, phase: 'reading' },
    ]);
    expect((await rig.run('read-source', { userId, source })).result).toEqual({
      tracks: 230,
      unchanged: true,
    });
    expect((await rig.run('read-source', { userId, source: 'liked' })).result).toMatchObject({
      unchanged: true,
    });
  });

  it('says why a source cannot be read', async () => {
    const theirs = rig.sandbox.control.givePlaylist('ann', {
      name: 'Theirs',
      uris: uris(3),
      ownerId: 'bob',
    });
    const refused = await rig.run('read-source', { userId, source: theirs });
    expect([refused.state, refused.failure?.code]).toEqual(['failed', 'forbidden']);
    const unknown = await rig.run('read-source', { userId, source: '4'.repeat(22) });
    expect(unknown.failure?.code).toBe('not_found');
  });

  it('that fails on the way goes on where it was at the next attempt', async () => {
    const source = rig.sandbox.control.givePlaylist('ann', { name: 'Long', uris: uris(600) });
    rig.sandbox.control.addFault({
      fault: { kind: 'rate-limit', retryAfterSeconds: 30 },
      path: `/v1/playlists/${source}/items`,
      skip: 5,
      count: 1,
    });
    const job = await rig.run('read-source', { userId, source });
    expect(job.state).toBe('waiting');
    const kept = (await loadPlaylistContents(rig.db, userId, source))?.entries.length ?? 0;
    expect(kept).toBeGreaterThan(100);
    expect(kept).toBeLessThan(600);
  });
});
