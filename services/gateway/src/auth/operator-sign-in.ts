import { AppError, problems } from '@spindle/service-kit';
import type { Request } from 'express';
import * as oidc from 'openid-client';
import type { Config } from '../config.ts';
import type { GatewayContext } from '../context.ts';
import { renewSession, save } from './sign-in.ts';
import { unknownState } from './sign-in-problems.ts';

/** An operator signs in again after this long, ms: what they may do is worth more than a listener's session. */
const OPERATOR_LIFE_MS = 12 * 3_600_000;
/** A page of the provider that was left open for longer is opened anew, ms. */
const PENDING_LIFE_MS = 10 * 60_000;
/** The provider answers a request within this many seconds. */
const TIMEOUT_S = 10;

/** Where the provider sends operators back to. */
export const OPERATOR_CALLBACK_PATH = '/auth/operator/callback';

interface PendingOperator {
  readonly state: string;
  readonly nonce: string;
  /** The PKCE verifier; leaves the server only with the code. */
  readonly verifier: string;
  readonly returnTo: string;
  /** Real time, epoch ms. */
  readonly startedAt: number;
}

declare module 'express-session' {
  interface SessionData {
    /** The one sign-in of an operator that is under way in this browser. */
    pendingOperator?: PendingOperator;
  }
}

const notOpen = () =>
  problems.notFound('This instance has no sign-in of this kind.', { code: 'no-such-sign-in' });
const refused = (cause: unknown) =>
  problems.forbidden('The provider’s answer to this sign-in is not good. Start it again.', {
    code: 'operator-refused',
    cause,
  });
const notListed = () =>
  problems.forbidden('You are known to the provider, but not among the operators of this instance.', {
    code: 'not-an-operator',
  });
const notVerified = () =>
  problems.forbidden(
    'Your e-mail address is among the operators, but the provider does not say that it has verified it. An operator can list you by group: or sub: instead.',
    { code: 'not-an-operator' },
  );
const providerAway = (cause: unknown) =>
  problems.unavailable('The provider that signs operators in does not answer. Try again in a minute.', {
    code: 'provider-away',
    retryAfterMs: 60_000,
    cause,
  });

type Claims = Readonly<Record<string, unknown>>;
type Provider = NonNullable<Config['operators']['oidc']>;

const textsOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string');

/** @throws AppError 403 when no entry of the list lets somebody in */
function assertListed(claims: Claims, { admins, groupsClaim }: Provider): void {
  const names = [
    ...textsOf(claims[groupsClaim]).map((group) => `group:${group}`),
    ...textsOf(claims.sub).map((subject) => `sub:${subject}`),
  ];
  if (names.some((name) => admins.includes(name))) return;
  const [email] = textsOf(claims.email);
  const addresses = admins.filter((entry) => !/^(group|sub):/.test(entry));
  if (!addresses.some((address) => address.toLowerCase() === email?.toLowerCase())) throw notListed();
  // An address that the provider has not checked is only what somebody typed. Some write the claim as text.
  if (String(claims.email_verified) !== 'true') throw notVerified();
}

export interface OperatorSignIn {
  /** The address of the provider's page. @throws AppError 404 without a provider, 503 while it is away */
  begin(request: Request, returnTo: string): Promise<string>;
  /**
   * Takes the provider's answer in the query, and signs the browser in under a new session id.
   *
   * @returns where to go on, and under which name.
   * @throws AppError that says what to do.
   */
  finish(request: Request): Promise<{ readonly returnTo: string; readonly name: string }>;
  /** Signs the browser in as the operator of this name, under a new session id. */
  admit(request: Request, name: string): Promise<void>;
}

/**
 * Operators who are no listeners, by OpenID Connect: authorization code flow with PKCE, state and nonce. What
 * it gives is a session without a listener, so there is no listener's data in it.
 */
export function createOperatorSignIn({
  config,
  sockets,
}: Pick<GatewayContext, 'config' | 'sockets'>): OperatorSignIn {
  const provider = config.operators.oidc;
  const redirectUri = `${config.web.publicUrl}${OPERATOR_CALLBACK_PATH}`;
  let discovered: Promise<oidc.Configuration> | undefined;

  function discover(known: Provider): Promise<oidc.Configuration> {
    // Asked at the first sign-in, so that the provider may start after us; a failure is not remembered.
    discovered ??= oidc
      .discovery(
        new URL(known.issuer),
        known.clientId,
        known.clientSecret,
        known.clientSecret === undefined ? oidc.None() : undefined,
        {
          timeout: TIMEOUT_S,
          ...(known.issuer.startsWith('http:') && { execute: [oidc.allowInsecureRequests] }),
        },
      )
      .catch((error: unknown) => {
        discovered = undefined;
        throw providerAway(error);
      });
    return discovered;
  }

  async function claimsOf(known: Provider, request: Request, pending: PendingOperator): Promise<Claims> {
    const client = await discover(known);
    const address = new URL(`${config.web.publicUrl}${request.originalUrl}`);
    try {
      const tokens = await oidc.authorizationCodeGrant(client, address, {
        pkceCodeVerifier: pending.verifier,
        expectedState: pending.state,
        expectedNonce: pending.nonce,
      });
      const claims = tokens.claims();
      if (!claims) throw refused(new Error('no ID token'));
      if (!client.serverMetadata().userinfo_endpoint) return claims;
      // Some providers tell e-mail and groups only here.
      return { ...(await oidc.fetchUserInfo(client, tokens.access_token, claims.sub)), ...claims };
    } catch (error) {
      throw error instanceof AppError ? error : refused(error);
    }
  }

  async function admit(request: Request, name: string): Promise<void> {
    await renewSession(request, sockets);
    request.session.operator = { name, until: Date.now() + OPERATOR_LIFE_MS };
    await save(request);
  }

  return {
    admit,

    async begin(request, returnTo) {
      if (!provider) throw notOpen();
      const client = await discover(provider);
      const pending = {
        state: oidc.randomState(),
        nonce: oidc.randomNonce(),
        verifier: oidc.randomPKCECodeVerifier(),
        returnTo,
        startedAt: Date.now(),
      };
      request.session.pendingOperator = pending;
      await save(request);
      return oidc.buildAuthorizationUrl(client, {
        redirect_uri: redirectUri,
        scope: provider.scope,
        state: pending.state,
        nonce: pending.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(pending.verifier),
        code_challenge_method: 'S256',
      }).href;
    },

    async finish(request) {
      if (!provider) throw notOpen();
      const pending = request.session.pendingOperator;
      delete request.session.pendingOperator;
      // Used up even when it fails: an answer is good once.
      await save(request);
      if (!pending || pending.startedAt + PENDING_LIFE_MS < Date.now()) throw unknownState();
      if (request.query.state !== pending.state) throw unknownState();
      const claims = await claimsOf(provider, request, pending);
      assertListed(claims, provider);
      const [who] = [...textsOf(claims.email), ...textsOf(claims.preferred_username), ...textsOf(claims.sub)];
      const name = `oidc: ${who?.slice(0, 100)}`;
      await admit(request, name);
      return { returnTo: pending.returnTo, name };
    },
  };
}
