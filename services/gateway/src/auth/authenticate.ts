import { findApiToken, loadCaller } from '@spindle/db';
import { problems, secretsEqual } from '@spindle/service-kit';
import type { Request, Response } from 'express';
import { ANONYMOUS, type Caller } from '../caller.ts';
import type { GatewayContext } from '../context.ts';
import { requireSameOrigin } from '../middleware/same-origin.ts';
import { sessionMiddleware } from '../middleware/session.ts';
import type { JwtIssuer } from './jwt.ts';
import { createProxyOperators } from './proxy-operators.ts';
import { accountShut } from './sign-in-problems.ts';

/** Finds out who calls. A wrong credential is an error; none at all is nobody. */
export type Authenticate = (request: Request, response: Response) => Promise<Caller>;

/** Personal API tokens start with this. */
export const API_TOKEN_PREFIX = 'spn_';

const CRON_HEADERS = ['x-cron-secret', 'x-vercel-cron-secret'] as const;

const wrongCredential = () =>
  problems.unauthenticated('The credential is wrong, has expired or was revoked.', {
    code: 'wrong-credential',
  });

/** Loads the session of a request, or makes an empty one; `request.session` is there afterwards. */
export type OpenSession = (request: Request, response: Response) => Promise<void>;

export function createOpenSession(context: Pick<GatewayContext, 'config' | 'sessions'>): OpenSession {
  const middleware = sessionMiddleware(context.config, context.sessions);
  return async (request, response) => {
    if (request.session) return;
    await new Promise<void>((resolve, reject) => {
      middleware(request, response, (error?: unknown) => (error ? reject(error) : resolve()));
    });
  };
}

interface Presented {
  /** `token` is how players present a personal token, as to ListenBrainz. */
  readonly scheme: 'bearer' | 'token';
  readonly credential: string;
}

/** The credential in the header of a request; undefined when it carries none. */
function presentedBy(request: Request): Presented | undefined {
  const { authorization } = request.headers;
  if (authorization === undefined) return undefined;
  const [, scheme, credential] = /^(Bearer|Token) +(\S+)$/i.exec(authorization) ?? [];
  if (!scheme || !credential) {
    throw problems.unauthenticated(
      'The Authorization header must be "Bearer <credential>", or "Token <personal token>".',
    );
  }
  return { scheme: scheme.toLowerCase() === 'token' ? 'token' : 'bearer', credential };
}

function cronSecretOf(request: Request): string | undefined {
  for (const name of CRON_HEADERS) {
    const value = request.headers[name];
    if (typeof value === 'string') return value;
  }
  return undefined;
}

export function createAuthenticate(
  context: Pick<GatewayContext, 'config' | 'db' | 'clock' | 'sessions'>,
  jwt: JwtIssuer,
  openSession: OpenSession,
): Authenticate {
  const { config, db, clock } = context;
  const namedByProxy = createProxyOperators(config.operators.proxy, config.web.trustProxy);

  const isCronSecret = (presented: string) =>
    config.secrets.cronSecret !== undefined && secretsEqual(presented, config.secrets.cronSecret);

  async function byApiToken(text: string): Promise<Caller> {
    const token = await findApiToken(db, text, clock.now());
    const user = token && (await loadCaller(db, token.userId));
    if (!token || !user || user.erasing || user.disabled) throw wrongCredential();
    return {
      kind: 'user',
      userId: token.userId,
      isAdmin: user.isAdmin,
      via: 'api-token',
      scopes: token.scopes,
    };
  }

  async function byHeader({ scheme, credential }: Presented): Promise<Caller> {
    if (credential.startsWith(API_TOKEN_PREFIX)) return byApiToken(credential);
    if (scheme === 'token') throw wrongCredential();
    if (isCronSecret(credential)) return { kind: 'cron' };
    const subject = await jwt.verify(credential);
    if (!subject) throw wrongCredential();
    return subject.kind === 'operator' ? { kind: 'operator', name: 'password' } : subject;
  }

  async function bySession(request: Request, response: Response): Promise<Caller> {
    await openSession(request, response);
    const { userId, operator, disabledUserId } = request.session;
    const named = namedByProxy(request);
    if (userId !== undefined) {
      const user = await loadCaller(db, userId);
      if (user?.disabled) throw accountShut();
      if (user && !user.erasing) {
        requireSameOrigin(request, config.web);
        return { kind: 'user', userId, isAdmin: user.isAdmin || named !== null, via: 'session' };
      }
    }
    const name = named ?? (operator && operator.until > Date.now() ? operator.name : null);
    if (name !== null) {
      // A page of another site must not act through the operator's browser, whoever let it in.
      requireSameOrigin(request, config.web);
      return { kind: 'operator', name };
    }
    if (disabledUserId !== undefined && (await loadCaller(db, disabledUserId))?.disabled) throw accountShut();
    return ANONYMOUS;
  }

  return async (request, response) => {
    const presented = presentedBy(request);
    if (presented !== undefined) return byHeader(presented);
    const cronSecret = cronSecretOf(request);
    if (cronSecret !== undefined) {
      if (isCronSecret(cronSecret)) return { kind: 'cron' };
      throw wrongCredential();
    }
    return bySession(request, response);
  };
}
