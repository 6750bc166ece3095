import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startGateway, type TestGateway } from './support/test-gateway.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

describe('signing in', () => {
  it('leads from the click to a profile, with state and PKCE', async () => {
    const browser = gateway.browser();
    const page = await browser.leave('?returnTo=%2Fhistory%3Fyear%3D2026');
    expect(page.origin).toBe(gateway.sandbox.accountsUrl);
    expect(page.searchParams.get('code_challenge_method')).toBe('S256');
    expect(page.searchParams.get('state')).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(page.searchParams.get('redirect_uri')).toBe(`${gateway.url}/auth/callback`);
    expect(page.searchParams.get('scope')).toContain('user-read-recently-played');

    const back = await browser.consent(page, 'ann');
    const answer = await browser.ask(back, { headers: { accept: 'text/html' } });
    expect(answer.status).toBe(302);
    expect(answer.headers.get('location')).toBe('/history?year=2026');

    const user = await browser.ask('/api/user');
    expect(user.status).toBe(200);
    expect(user.json).toMatchObject({ displayName: 'Ann Example', handle: 'ann-example', isAdmin: true });
    expect(user.json.connection).toMatchObject({ connected: true, reauthNeeded: false, missingScopes: [] });
  });
});
