import { createHash, randomBytes } from 'node:crypto';
import { DEFAULT_APP, type Sandbox } from '../../src/index.ts';

export const ALL_SCOPES = [
  'ugc-image-upload',
  'user-read-playback-state',
  'user-modify-playback-state',
  'user-read-currently-playing',
  'playlist-read-private',
  'playlist-read-collaborative',
  'playlist-modify-private',
  'playlist-modify-public',
  'user-follow-modify',
  'user-follow-read',
  'user-top-read',
  'user-read-recently-played',
  'user-library-modify',
  'user-library-read',
  'user-read-email',
  'user-read-private',
];

export const REDIRECT = 'http://127.0.0.1:4321/auth/callback';

export interface Client {
  clientId: string;
  clientSecret: string;
}

export interface Tokens {
  access_token: string;
  token_type: string;
  expires_in: number;
  refresh_token?: string;
  scope?: string;
}

/** The address a browser is sent to. */
export function authorizeAddress(sandbox: Sandbox, more: Record<string, string> = {}): string {
  const query = new URLSearchParams({
    client_id: DEFAULT_APP.clientId,
    response_type: 'code',
    redirect_uri: REDIRECT,
    scope: ALL_SCOPES.join(' '),
    state: 'some-state',
    ...more,
  });
  return `${sandbox.accountsUrl}/authorize?${query}`;
}

/** What the page's form does: choose somebody and agree. Returns the address one is sent back to. */
export async function agree(
  address: string,
  personId: string,
  decision: 'approve' | 'cancel' = 'approve',
): Promise<URL> {
  const reply = await fetch(address, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ person: personId, decision }),
  });
  const location = reply.headers.get('location');
  if (reply.status !== 302 || location === null) {
    throw new Error(`expected a redirect, got ${reply.status}: ${await reply.text()}`);
  }
  return new URL(location);
}

function basic({ clientId, clientSecret }: Client): string {
  return `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
}

export async function tokenRequest(
  sandbox: Sandbox,
  form: Record<string, string>,
  client: Client | null = DEFAULT_APP,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const reply = await fetch(`${sandbox.accountsUrl}/api/token`, {
    method: 'POST',
    headers: client ? { authorization: basic(client) } : {},
    body: new URLSearchParams(form),
  });
  return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
}

/** The whole code flow with PKCE and secret. */
export async function signIn(
  sandbox: Sandbox,
  personId: string,
  options: { scopes?: readonly string[]; client?: Client } = {},
): Promise<Tokens> {
  const client = options.client ?? DEFAULT_APP;
  const verifier = randomBytes(48).toString('base64url');
  const back = await agree(
    authorizeAddress(sandbox, {
      client_id: client.clientId,
      scope: (options.scopes ?? ALL_SCOPES).join(' '),
      code_challenge_method: 'S256',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    }),
    personId,
  );
  const { status, body } = await tokenRequest(
    sandbox,
    {
      grant_type: 'authorization_code',
      code: back.searchParams.get('code') ?? '',
      redirect_uri: REDIRECT,
      code_verifier: verifier,
    },
    client,
  );
  if (status !== 200) throw new Error(`no token: ${JSON.stringify(body)}`);
  return body as unknown as Tokens;
}
