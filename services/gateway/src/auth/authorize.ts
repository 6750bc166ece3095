import type { AnyRoute } from '@spindle/contracts';
import { problems } from '@spindle/service-kit';
import { type Caller, isAdmin } from '../caller.ts';

type Guarded = Pick<AnyRoute, 'auth' | 'scope'>;

function requireListener(caller: Caller, route: Guarded): void {
  if (caller.kind !== 'user')
    throw problems.forbidden('Only a listener can do this; your credential stands for none.');
  if (caller.via !== 'api-token') return;
  if (route.scope === undefined) {
    throw problems.forbidden('API tokens cannot do this: sign in with a browser.', { code: 'needs-session' });
  }
  if (!caller.scopes.includes(route.scope)) {
    throw problems.forbidden(`This API token lacks the scope "${route.scope}".`, { code: 'missing-scope' });
  }
}

function requireAdmin(caller: Caller): void {
  if (!isAdmin(caller)) throw problems.forbidden('Only an admin of this instance can do this.');
  if (caller.kind === 'user' && caller.via === 'api-token') {
    throw problems.forbidden('API tokens cannot do this: sign in with a browser.', { code: 'needs-session' });
  }
}

/**
 * Whether this caller may call this endpoint.
 *
 * @throws AppError 401 for nobody, 403 for somebody else.
 */
export function authorize(caller: Caller, route: Guarded): void {
  if (route.auth === 'public') return;
  if (caller.kind === 'anonymous') {
    throw problems.unauthenticated(
      route.auth === 'cron' || route.auth === 'service'
        ? 'This endpoint is for programs of the operator: present the cron secret or a token.'
        : 'Sign in with Spotify, or present an API token.',
    );
  }
  switch (route.auth) {
    case 'guest':
      // Who is in the room was found out at its door; a token of theirs must be good for this, too.
      if (caller.kind === 'user') requireListener(caller, route);
      return;
    case 'user':
      requireListener(caller, route);
      return;
    case 'admin':
      requireAdmin(caller);
      return;
    case 'cron':
      if (caller.kind === 'cron') return;
      throw problems.forbidden('Only the cron secret opens this endpoint.');
    case 'service':
      if (caller.kind === 'cron' || caller.kind === 'service' || caller.kind === 'operator') return;
      throw problems.forbidden('This endpoint is for programs of the operator.');
  }
}
