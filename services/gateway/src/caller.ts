import type { ApiTokenScope } from '@spindle/contracts';
import type { AdminActor } from '@spindle/db';
import { problems } from '@spindle/service-kit';

/** Who sent a request, as far as was proven. */
export type Caller =
  | { readonly kind: 'anonymous' }
  | {
      readonly kind: 'user';
      readonly userId: number;
      readonly isAdmin: boolean;
      readonly via: 'session';
    }
  | {
      readonly kind: 'user';
      readonly userId: number;
      readonly isAdmin: boolean;
      readonly via: 'api-token';
      readonly scopes: readonly ApiTokenScope[];
    }
  /** Somebody in a party room by a nickname; nobody anywhere else. */
  | { readonly kind: 'guest'; readonly participantId: number }
  /** The operator, by the admin password, a proxy or a provider; `name` says which, and who. */
  | { readonly kind: 'operator'; readonly name: string }
  /** A program of the operator's, by its client id and secret. */
  | { readonly kind: 'service'; readonly clientId: string }
  /** A scheduler, by the cron secret. */
  | { readonly kind: 'cron' };

export const ANONYMOUS: Caller = { kind: 'anonymous' };

/** The name under which a caller is counted and logged; null for nobody. */
export function callerKey(caller: Caller): string | null {
  switch (caller.kind) {
    case 'user':
      return `user:${caller.userId}`;
    case 'service':
      return `service:${caller.clientId}`;
    case 'guest':
      return `guest:${caller.participantId}`;
    case 'anonymous':
      return null;
    default:
      return caller.kind;
  }
}

/**
 * The listener who calls.
 *
 * @throws AppError 401 when nobody is signed in, 403 when the caller is no listener.
 */
export function listenerId(caller: Caller): number {
  if (caller.kind === 'user') return caller.userId;
  if (caller.kind === 'anonymous') throw problems.unauthenticated('Sign in with Spotify to do this.');
  throw problems.forbidden('Only a listener can do this; your credential stands for none.');
}

export function isAdmin(caller: Caller): boolean {
  return caller.kind === 'operator' || (caller.kind === 'user' && caller.isAdmin);
}

/**
 * Under which name an admin's doings are written down.
 *
 * @throws AppError 403 when the caller is no admin.
 */
export function adminActor(caller: Caller): AdminActor {
  if (caller.kind === 'user' && caller.isAdmin) return { userId: caller.userId };
  if (caller.kind === 'operator') return { operator: caller.name };
  throw problems.forbidden('Only an admin of this instance can do this.');
}
