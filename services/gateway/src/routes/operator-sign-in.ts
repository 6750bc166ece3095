import {
  getSession,
  operatorCallback,
  operatorLogin,
  operatorPassword,
  type SessionView,
} from '@spindle/contracts';
import { loadUserName, noteAdminAction } from '@spindle/db';
import { problems } from '@spindle/service-kit';
import type { Authenticate, OpenSession } from '../auth/authenticate.ts';
import type { OperatorSignIn } from '../auth/operator-sign-in.ts';
import { isAdminPassword } from '../auth/passwords.ts';
import { type Caller, isAdmin } from '../caller.ts';
import type { GatewayContext } from '../context.ts';
import { requireSameOrigin } from '../middleware/same-origin.ts';
import type { Call, Mount } from '../mount.ts';
import { sendPage } from '../pages/page.ts';
import { toProblemError } from '../problem-answer.ts';

/** Where operators go on unless they said otherwise. */
const ADMIN_PAGE = '/admin';

function kindOf(caller: Caller): SessionView['kind'] {
  if (caller.kind === 'user') return 'listener';
  return caller.kind === 'operator' ? 'operator' : 'nobody';
}

/** Sign-in of operators who are no listeners, and who a page is open for. */
export function mountOperatorSignIn(
  mount: Mount,
  context: GatewayContext,
  parts: {
    readonly operators: OperatorSignIn;
    readonly openSession: OpenSession;
    readonly authenticate: Authenticate;
  },
): void {
  const { config, db, clock, logger } = context;
  const { operators, openSession, authenticate } = parts;

  async function noteSignIn(name: string, { requestId }: Call): Promise<void> {
    logger.info({ requestId, operator: name }, 'an operator signed in');
    const entry = { actor: { operator: name }, action: 'operator-signed-in', requestId } as const;
    await noteAdminAction(db.pool, entry, clock.now());
  }

  async function nameOf(caller: Caller): Promise<string | null> {
    if (caller.kind === 'user') return loadUserName(db.pool, caller.userId);
    return caller.kind === 'operator' ? caller.name : null;
  }

  mount.route(getSession, async (_input, { request, response }) => {
    response.setHeader('cache-control', 'private, no-store');
    const caller = await authenticate(request, response);
    return {
      kind: kindOf(caller),
      name: await nameOf(caller),
      isAdmin: isAdmin(caller),
      operatorSignIn: {
        provider: config.operators.oidc?.name ?? null,
        password: config.secrets.adminPasswordHash !== undefined,
      },
    };
  });

  mount.raw(operatorLogin, async ({ query }, { request, response }) => {
    await openSession(request, response);
    const address = await operators.begin(request, query.returnTo ?? ADMIN_PAGE);
    response.setHeader('cache-control', 'no-store').redirect(302, address);
  });

  mount.raw(operatorCallback, async (_input, call) => {
    const { request, response, requestId } = call;
    response.setHeader('cache-control', 'no-store');
    try {
      await openSession(request, response);
      const { returnTo, name } = await operators.finish(request);
      await noteSignIn(name, call);
      response.redirect(302, returnTo);
    } catch (thrown) {
      const error = toProblemError(thrown, clock.nowMs());
      // The words alone: beside them stands what the provider claims of somebody.
      const reason = error.cause instanceof Error ? error.cause.message : undefined;
      request.log.warn({ code: error.code, reason }, 'a sign-in of an operator was not completed');
      if (request.accepts(['json', 'html']) !== 'html') throw error;
      sendPage(response, error.status, {
        title: 'You are not signed in',
        paragraphs: [error.detail],
        links: [
          { href: '/auth/operator/login', text: 'Sign in again' },
          { href: '/', text: 'To the start' },
        ],
        note: `Request ${requestId}`,
      });
    }
  });

  mount.route(operatorPassword, async ({ body }, call) => {
    const { request, response } = call;
    await openSession(request, response);
    requireSameOrigin(request, config.web);
    if (!(await isAdminPassword(body.password, config.secrets.adminPasswordHash))) {
      throw problems.unauthenticated('The password is wrong.', { code: 'invalid-grant' });
    }
    await operators.admit(request, 'password');
    await noteSignIn('password', call);
  });
}
