import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SpotifyApi } from '@spotify/web-api-ts-sdk';
import SpotifyWebApi from 'spotify-web-api-node';
import { createSandbox, DEFAULT_APP, type Sandbox } from '../src/index.ts';
import { ALL_SCOPES, agree, REDIRECT, signIn } from './support/sign-in.ts';

/** Programs written for the real Spotify work with nothing but the address changed. */
describe('published clients', () => {
  let sandbox: Sandbox;
  const me = 'mara-okonkwo';

  beforeAll(async () => {
    sandbox = await createSandbox({ mode: 'extended' });
  });
  afterAll(() => sandbox.close());

  it('spotify-web-api-node signs in, refreshes, reads and plays', async () => {
    const { hostname, port } = new URL(sandbox.apiUrl);
    const address = { host: hostname, port: Number(port), scheme: 'http' };
    const api = new SpotifyWebApi({
      clientId: DEFAULT_APP.clientId,
      clientSecret: DEFAULT_APP.clientSecret,
      redirectUri: REDIRECT,
    });
    // The library takes another host request by request only: its builders read these defaults.
    const { AuthenticationRequest, WebApiRequest } = await requestBuilders();
    const restore = [redirect(AuthenticationRequest, address), redirect(WebApiRequest, address)];
    try {
      const page = api.createAuthorizeURL(ALL_SCOPES, 'abc');
      const back = await agree(page, me);
      expect(back.searchParams.get('state')).toBe('abc');
      const grant = await api.authorizationCodeGrant(back.searchParams.get('code') ?? '');
      api.setAccessToken(grant.body.access_token);
      api.setRefreshToken(grant.body.refresh_token);
      api.setAccessToken((await api.refreshAccessToken()).body.access_token);

      expect((await api.getMe()).body).toMatchObject({ id: me, product: 'premium' });
      expect((await api.getMyRecentlyPlayedTracks({ limit: 50 })).body.items).toHaveLength(50);
      expect((await api.getMyCurrentPlaybackState()).body.device.is_active).toBe(true);
      expect((await api.getMySavedTracks({ limit: 3 })).body.items).toHaveLength(3);
      const ids = sandbox.catalogue.tracks.slice(0, 3).map(({ id }) => id);
      expect((await api.getTracks(ids)).body.tracks.map(({ id }) => id)).toEqual(ids);
      const made = await api.createPlaylist('From a library', { public: false });
      await api.addTracksToPlaylist(
        made.body.id,
        ids.map((id) => `spotify:track:${id}`),
      );
      expect((await api.getPlaylistTracks(made.body.id)).body.total).toBe(3);
      await expect(api.getTrack('7'.repeat(22))).rejects.toMatchObject({ statusCode: 404 });
    } finally {
      for (const undo of restore) undo();
    }
  });

  it('@spotify/web-api-ts-sdk reads with a token of the code flow', async () => {
    const tokens = await signIn(sandbox, me);
    const sdk = SpotifyApi.withAccessToken(
      DEFAULT_APP.clientId,
      { ...tokens, refresh_token: tokens.refresh_token ?? '' },
      {
        fetch: (input, init) => fetch(String(input).replace('https://api.spotify.com', sandbox.apiUrl), init),
      },
    );
    expect((await sdk.currentUser.profile()).id).toBe(me);
    const recent = await sdk.player.getRecentlyPlayedTracks(50);
    expect(recent.items).toHaveLength(50);
    expect((await sdk.player.getPlaybackState()).item).not.toBeNull();
    expect((await sdk.player.getUsersQueue()).queue.length).toBeGreaterThan(0);
    expect((await sdk.player.getAvailableDevices()).devices.length).toBeGreaterThan(0);
    expect((await sdk.currentUser.tracks.savedTracks(50)).items.length).toBeGreaterThan(10);
    expect((await sdk.currentUser.topItems('artists')).items).toHaveLength(20);
    expect((await sdk.currentUser.followedArtists()).artists.total).toBeGreaterThan(0);
    const { playlists } = { playlists: await sdk.currentUser.playlists.playlists(50) };
    const own = playlists.items.find(({ owner }) => owner.id === me);
    expect((await sdk.playlists.getPlaylistItems(own?.id ?? '')).items.length).toBeGreaterThan(0);
    const [artist] = sandbox.catalogue.artists;
    expect((await sdk.artists.get(artist?.id ?? '')).popularity).toBe(artist?.popularity);
    expect((await sdk.search(artist?.name ?? '', ['artist'])).artists.items[0]?.name).toBe(artist?.name);
  });
});

type Builder = {
  builder(): {
    withHost(host: string): unknown;
    withPort(port: number): unknown;
    withScheme(scheme: string): unknown;
  };
};

async function requestBuilders(): Promise<{ AuthenticationRequest: Builder; WebApiRequest: Builder }> {
  const load = async (file: string): Promise<Builder> => {
    const module = (await import(`spotify-web-api-node/src/${file}.js`)) as { default: Builder };
    return module.default;
  };
  return {
    AuthenticationRequest: await load('authentication-request'),
    WebApiRequest: await load('webapi-request'),
  };
}

/** Lets the builder begin with another address; returns the way back. */
function redirect(request: Builder, address: { host: string; port: number; scheme: string }): () => void {
  const original = request.builder;
  request.builder = (...args: []) => {
    const builder = original(...args);
    builder.withHost(address.host);
    builder.withPort(address.port);
    builder.withScheme(address.scheme);
    return builder;
  };
  return () => {
    request.builder = original;
  };
}
