import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSandbox, type ManualClock, manualClock, type Sandbox } from '../src/index.ts';
import { type CheckedClient, checkedClient } from './support/api-client.ts';
import { signIn } from './support/sign-in.ts';

const [me, friend] = ['mara-okonkwo', 'bjorn-novak'];
const START = Date.UTC(2026, 9, 7, 12);
let clock: ManualClock;
let sandbox: Sandbox;
let api: CheckedClient;

beforeEach(async () => {
  clock = manualClock(START);
  sandbox = await createSandbox({ clock, rateLimit: null, quota: null, playlistItemLimit: 150 });
  api = checkedClient(sandbox, (await signIn(sandbox, me)).access_token, 'development');
});
afterEach(() => sandbox.close());

const ids = (count: number, from = 0): string[] =>
  sandbox.catalogue.tracks.slice(from, from + count).map(({ id }) => id);
const uri = (id: string | undefined): string => `spotify:track:${id}`;

// biome-ignore lint/suspicious/noExplicitAny: the control API has no types of its own
async function control(method: string, path: string, body: unknown): Promise<any> {
  const reply = await fetch(`${sandbox.apiUrl}/_sandbox${path}`, { method, body: JSON.stringify(body) });
  return reply.json();
}

describe('a playlist that is given', () => {
  it('holds tracks, episodes, local files and removed music, each with its time', async () => {
    const episode = sandbox.catalogue.shows[0]?.episodes[0]?.uri ?? '';
    const local = 'spotify:local:My+Cousin%27s+Band:Rehearsal+Tape:Take+4:187';
    const id = sandbox.control.givePlaylist(me, {
      name: 'Odds',
      uris: [uri(ids(1)[0]), episode, local, null],
      addedAtMs: [START - 4000, START - 3000, START - 2000, START - 1000],
    });
    const { json } = await api.get(`/v1/playlists/${id}/items?additional_types=track,episode`);
    expect(json.total).toBe(4);
    const [track, talk, file, removed] = json.items;
    expect([track.item.id, talk.item.type, removed.item]).toEqual([ids(1)[0], 'episode', null]);
    expect(file).toMatchObject({
      is_local: true,
      item: { id: null, uri: local, name: 'Take 4', duration_ms: 187_000 },
    });
    expect(track.added_at).toBe(new Date(START - 4000).toISOString().replace('.000', ''));
    expect((await api.get('/v1/me/playlists')).json.items[0]).toMatchObject({ id, name: 'Odds' });
  });

  it('may be longer than the API lets one grow, and is then read page by page', async () => {
    const all = ids(1000).map(uri);
    const id = sandbox.control.givePlaylist(me, {
      name: 'Long',
      uris: Array.from({ length: 11_001 }, (_, place) => all[place % 1000] ?? null),
    });
    const { json } = await api.get(`/v1/playlists/${id}/items?limit=50&offset=10990`);
    expect([json.total, json.items.length, json.next]).toEqual([11_001, 11, null]);
  });

  it('of somebody else is followed, and its items are told only where it is collaborative', async () => {
    const foreign = { name: 'Theirs', uris: [uri(ids(1)[0])], ownerId: friend };
    const closed = sandbox.control.givePlaylist(me, foreign);
    const { id: open } = await control('POST', `/people/${me}/playlists`, {
      ...foreign,
      collaborative: true,
    });
    expect((await api.get(`/v1/playlists/${closed}/items`)).status).toBe(403);
    expect((await api.get(`/v1/playlists/${closed}`)).json.items).toBeUndefined();
    expect((await api.get(`/v1/playlists/${open}/items`)).json.total).toBe(1);
    const listed = (await api.get('/v1/me/playlists')).json.items.map(({ id }: { id: string }) => id);
    expect(listed.slice(0, 2)).toEqual([open, closed]);
  });

  it('is refused with what is unknown', () => {
    const give = (uris: string[]) => () => sandbox.control.givePlaylist(me, { name: 'X', uris });
    expect(give(['spotify:track:nothing'])).toThrow('no such track');
    expect(give(['spotify:local:a:b:c'])).toThrow('no such track');
    expect(() => sandbox.control.givePlaylist(me, { name: 'X', uris: [null], addedAtMs: [] })).toThrow(
      '1 uris, but 0 times',
    );
  });
});

describe('liked songs', () => {
  it('come and go by hand, at any time', async () => {
    const [first = '', second = '', third = ''] = ids(3, 500);
    sandbox.control.unlike(me, [first, second, third]);
    const before = sandbox.groundTruth.likedSongs(me).length;
    clock.advance(1000);
    sandbox.control.like(me, [first, second]);
    await control('POST', `/people/${me}/liked-songs`, { ids: [third], at: START });
    const { json } = await api.get('/v1/me/tracks?limit=3');
    expect(json.total).toBe(before + 3);
    expect(json.items.map(({ track }: { track: { id: string } }) => track.id)).toEqual([
      second,
      first,
      third,
    ]);
    await control('DELETE', `/people/${me}/liked-songs`, { ids: [first] });
    expect((await api.get('/v1/me/tracks')).json.total).toBe(before + 2);
    expect(() => sandbox.control.like(me, ['nothing'])).toThrow('there is no track nothing');
  });
});

describe('a track', () => {
  it('that cannot be played says so wherever it stands, until it can', async () => {
    const [id = ''] = ids(1);
    sandbox.control.like(me, [id]);
    const playlist = sandbox.control.givePlaylist(me, { name: 'One', uris: [uri(id)] });
    const told = async (): Promise<boolean[]> => [
      (await api.get(`/v1/tracks/${id}`)).json.is_playable,
      (await api.get('/v1/me/tracks?limit=1')).json.items[0].track.is_playable,
      (await api.get(`/v1/playlists/${playlist}/items`)).json.items[0].item.is_playable,
    ];
    expect(await told()).toEqual([true, true, true]);
    sandbox.control.setUnplayable(id, true);
    expect(await told()).toEqual([false, false, false]);
    await control('PUT', `/tracks/${id}`, { unplayable: false });
    expect(await told()).toEqual([true, true, true]);
  });

  it('that was taken off leaves its line behind', async () => {
    const [id = ''] = ids(1);
    sandbox.control.like(me, [id]);
    const playlist = sandbox.control.givePlaylist(me, { name: 'One', uris: [uri(id)] });
    await control('PUT', `/tracks/${id}`, { takenOff: true });
    const [line] = (await api.get('/v1/me/tracks?limit=1')).json.items;
    expect(line).toEqual({ added_at: expect.any(String), track: null });
    expect((await api.get(`/v1/playlists/${playlist}/items`)).json.items[0].item).toBeNull();
    expect((await api.get(`/v1/tracks/${id}`)).status).toBe(404);
    expect((await api.call('PUT', `/v1/me/library?uris=${uri(id)}`)).status).toBe(404);
    sandbox.control.putBack(id);
    expect((await api.get('/v1/me/tracks?limit=1')).json.items[0].track.id).toBe(id);
  });
});
