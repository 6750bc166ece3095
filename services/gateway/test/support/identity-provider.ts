import { once } from 'node:events';
import { createServer } from 'node:http';
import { freePort } from '@spindle/testkit';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';
import { Browser } from './browser.ts';

export const OIDC_CLIENT = { id: 'spindle', secret: 'the-secret-of-spindle-at-the-provider' };

export interface IdentityProvider {
  readonly issuer: string;
  /** From now on it sends people back to this gateway. */
  serve(gatewayUrl: string): Promise<void>;
  /** Goes through its pages as this person; the address it then sends the browser to. */
  signIn(page: URL, person: string): Promise<string>;
  stop(): Promise<void>;
}

/** A certified OpenID Connect provider on a port of its own. Whoever names somebody of `people` is that person. */
export async function startIdentityProvider(
  people: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): Promise<IdentityProvider> {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const server = createServer();
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), kid: 'test', use: 'sig', alg: 'RS256' };

  return {
    issuer,

    async serve(gatewayUrl) {
      const provider = new Provider(issuer, {
        clients: [
          {
            client_id: OIDC_CLIENT.id,
            client_secret: OIDC_CLIENT.secret,
            token_endpoint_auth_method: 'client_secret_post',
            redirect_uris: [`${gatewayUrl}/auth/operator/callback`],
          },
        ],
        cookies: { keys: ['a-key-of-the-test'] },
        jwks: { keys: [jwk as never] },
        ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
        pkce: { required: () => true },
        claims: { openid: ['sub', 'groups'], email: ['email', 'email_verified'], profile: ['name'] },
        findAccount: (_context, id) =>
          people[id] && { accountId: id, claims: () => ({ sub: id, ...people[id] }) },
      });
      server.on('request', provider.callback());
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },

    async signIn(page, person) {
      const browser = new Browser(issuer);
      const ask = async (address: string, form?: Record<string, string>) => {
        const answer = await browser.ask(address, {
          ...(form && {
            raw: String(new URLSearchParams(form)),
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
          }),
        });
        const next = answer.headers.get('location');
        if (!next) throw new Error(`the provider answered ${answer.status}: ${answer.text.slice(0, 300)}`);
        return new URL(next, issuer);
      };
      let next = await ask(page.href);
      const login = { prompt: 'login', login: person, password: 'any' };
      for (const form of [login, { prompt: 'consent' }] as Record<string, string>[]) {
        if (!next.pathname.startsWith('/interaction/')) break;
        const resume = await ask(next.href, form);
        next = await ask(resume.href);
      }
      return `${next.pathname}${next.search}`;
    },

    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
