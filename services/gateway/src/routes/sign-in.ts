import {
  authorizeUrl,
  callback,
  exchangeCode,
  issueToken,
  login,
  logout,
  type UserView,
} from '@spindle/contracts';
import { findAppOf, loadUserView } from '@spindle/db';
import { type AppError, problems } from '@spindle/service-kit';
import { SCOPES } from '@spindle/spotify';
import type { Request } from 'express';
import type { OpenSession } from '../auth/authenticate.ts';
import { JWT_LIFE_S, type JwtIssuer } from '../auth/jwt.ts';
import { isAdminPassword, isServiceClient } from '../auth/passwords.ts';
import type { SignIn } from '../auth/sign-in.ts';
import type { Config } from '../config.ts';
import type { GatewayContext } from '../context.ts';
import { requireSameOrigin } from '../middleware/same-origin.ts';
import { sessionCookieName } from '../middleware/session.ts';
import type { Call, Mount } from '../mount.ts';
import { sendPage } from '../pages/page.ts';
import { sendProblem, toProblemError } from '../problem-answer.ts';

export interface SignInParts {
  readonly signIn: SignIn;
  readonly openSession: OpenSession;
  readonly jwt: JwtIssuer;
}

const CALLBACK_PATH = '/auth/callback';

/** A browser that navigates wants a page, a program a document. */
function wantsPage(request: Request): boolean {
  return request.accepts(['json', 'html']) === 'html' || request.get('sec-fetch-mode') === 'navigate';
}

/** The address that Spotify sends the code to: ours, or one of a listed front end's. */
function redirectUriFor(config: Config, wanted: string | undefined): string {
  if (wanted === undefined) return `${config.web.publicUrl}${CALLBACK_PATH}`;
  if (config.web.corsOrigins.includes(new URL(wanted).origin)) return wanted;
  throw problems.validation('This address cannot receive a sign-in.', {
    errors: [{ path: 'query.redirectUri', message: 'must be on one of the origins in CORS_ORIGINS' }],
  });
}

async function profileOf(context: GatewayContext, userId: number): Promise<UserView> {
  const view = await loadUserView(context.db, userId, SCOPES, context.clock.now());
  if (!view) throw problems.notFound('There is no such user any more.');
  return view;
}

async function answerCallback(context: GatewayContext, parts: SignInParts, call: Call): Promise<void> {
  const { request, response, requestId } = call;
  response.setHeader('cache-control', 'no-store');
  try {
    await parts.openSession(request, response);
    const consent = await parts.signIn.finish(request, response);
    const userId = await parts.signIn.admit(request, consent, requestId);
    if (wantsPage(request)) response.redirect(302, consent.pending.returnTo);
    else response.json(await profileOf(context, userId));
  } catch (thrown) {
    const error = toProblemError(thrown, context.clock.nowMs());
    if (error.status >= 500)
      request.log.error({ err: error.cause ?? thrown, code: error.code }, 'a sign-in failed');
    else request.log.info({ code: error.code }, 'a sign-in was not completed');
    if (!wantsPage(request)) return sendProblem(response, error, requestId);
    sendPage(response, error.status, {
      title: 'You are not signed in',
      paragraphs: [error.detail],
      links: [
        { href: '/auth/login', text: 'Sign in again' },
        { href: '/', text: 'To the start' },
      ],
      note: `Request ${requestId}`,
    });
  }
}

/** Client id and secret of a program: in the form, or by Basic (RFC 6749, 2.3.1). */
function clientOf(
  request: Request,
  form: { client_id?: string | undefined; client_secret?: string | undefined },
) {
  const match = /^Basic +([A-Za-z0-9+/=_-]+)$/i.exec(request.headers.authorization ?? '');
  if (match?.[1]) {
    const [id = '', ...secret] = Buffer.from(match[1], 'base64').toString('utf8').split(':');
    return { id: decodeURIComponent(id), secret: decodeURIComponent(secret.join(':')) };
  }
  return { id: form.client_id ?? '', secret: form.client_secret ?? '' };
}

const bearer = (token: string) => ({
  access_token: token,
  token_type: 'Bearer' as const,
  expires_in: JWT_LIFE_S,
});

function wrongClient(): AppError {
  return problems.unauthenticated('The client id or secret is wrong.', { code: 'invalid-client' });
}

export function mountSignIn(mount: Mount, context: GatewayContext, parts: SignInParts): void {
  const { config, db } = context;
  const { signIn, openSession, jwt } = parts;

  async function begin(
    call: Call,
    query: { app?: string | undefined; returnTo?: string | undefined; redirectUri?: string | undefined },
  ): Promise<string> {
    const { request, response } = call;
    await openSession(request, response);
    const { invitation, userId } = request.session;
    // Who is signed in renews the consent to the app that they gave it to.
    const known = query.app === undefined && userId !== undefined ? await findAppOf(db.pool, userId) : null;
    const isConfigured = config.spotify.apps.some((app) => app.id === known);
    return signIn.begin(request, response, {
      appId: signIn.appFor(known !== null && isConfigured ? known : query.app).id,
      redirectUri: redirectUriFor(config, query.redirectUri),
      returnTo: query.returnTo ?? '/',
      ...(invitation && invitation.until > Date.now() && { invitationId: invitation.id }),
    });
  }

  mount.raw(login, async ({ query }, call) => {
    const address = await begin(call, query);
    call.response.setHeader('cache-control', 'no-store').redirect(302, address);
  });

  mount.route(authorizeUrl, async ({ query }, call) => {
    call.response.setHeader('cache-control', 'no-store');
    return { url: await begin(call, query) };
  });

  mount.raw(callback, (_input, call) => answerCallback(context, parts, call));

  mount.route(exchangeCode, async (_input, call) => {
    await openSession(call.request, call.response);
    requireSameOrigin(call.request, config.web);
    const consent = await signIn.finish(call.request, call.response);
    return profileOf(context, await signIn.admit(call.request, consent, call.requestId));
  });

  mount.route(logout, async (_input, { request, response }) => {
    await openSession(request, response);
    requireSameOrigin(request, config.web);
    context.sockets.endSession(request.sessionID);
    await new Promise<void>((resolve, reject) => {
      request.session.destroy((error: unknown) => (error ? reject(error) : resolve()));
    });
    response.clearCookie(sessionCookieName(config), {
      path: '/',
      httpOnly: true,
      sameSite: 'lax',
      secure: config.web.publicUrl.startsWith('https:'),
    });
  });

  mount.route(issueToken, async ({ body }, { request, response }) => {
    response.setHeader('cache-control', 'no-store');
    if (body.grant_type === 'password') {
      if (!(await isAdminPassword(body.password, config.secrets.adminPasswordHash))) {
        throw problems.unauthenticated('The password is wrong.', { code: 'invalid-grant' });
      }
      return bearer(await jwt.issue({ kind: 'operator' }));
    }
    const client = clientOf(request, body);
    if (!(await isServiceClient(client, config.secrets.serviceClients))) throw wrongClient();
    return bearer(await jwt.issue({ kind: 'service', clientId: client.id }));
  });
}
