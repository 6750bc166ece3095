import { afterEach, describe, expect, it } from '@jest/globals';
import { createTokenBox } from '@spindle/service-kit';
import { waitFor } from '@spindle/testkit';
import { adoptOwner } from '../src/auth/owner-account.ts';
import { startGateway, type TestGateway } from './support/test-gateway.ts';

let gateway: TestGateway;
afterEach(() => gateway.stop());

/** The refresh token of somebody who has signed in. */
async function refreshTokenOf(userId: number): Promise<string> {
  const { refreshToken } = await gateway.db.prisma.spotifyCredential.findUniqueOrThrow({ where: { userId } });
  const box = createTokenBox([{ id: 'k1', key: Buffer.alloc(32, 7) }]);
  return box.open(refreshToken ?? new Uint8Array(), `user:${userId}`);
}

describe('MY_SPOTIFY_REFRESH_TOKEN', () => {
  it('makes its account the one that is shown, asks Spotify once a token, and gives way again', async () => {
    gateway = await startGateway();
    await gateway.signedIn('ann');
    const bob = await gateway.signedIn('bob');
    const bobId = Number((await bob.ask('/api/user')).json.id);
    const token = await refreshTokenOf(bobId);
    const shown = async () => (await gateway.browser().ask('/api/now-playing')).json.user.handle;
    expect(await shown()).toBe('ann-example');

    const { context } = gateway;
    const parts = {
      ...context,
      apps: context.config.spotify.apps,
      box: createTokenBox(context.config.secrets.tokenKeys),
    };
    gateway.sandbox.control.clearCalls();
    expect(await adoptOwner(parts, token)).toBe(bobId);
    expect(await shown()).toBe('bob-example');
    expect(gateway.sandbox.control.callCount()).toBe(2);
    expect(await adoptOwner(parts, token)).toBe(bobId);
    expect(gateway.sandbox.control.callCount()).toBe(2);
    expect(await adoptOwner(parts, undefined)).toBeNull();
    expect(await shown()).toBe('ann-example');
  });

  it('that Spotify refuses is told to the operator and changes nothing', async () => {
    gateway = await startGateway({ MY_SPOTIFY_REFRESH_TOKEN: 'canary-refresh-token' });
    await waitFor(() => gateway.logs().includes('could not be found out'), { what: 'the warning' });
    expect(gateway.logs()).not.toContain('canary-refresh-token');
    expect((await gateway.browser().ask('/api/now-playing')).status).toBe(404);
  });
});
