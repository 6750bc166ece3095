import { deleteRelay, getRelay, saveRelay } from '@spindle/contracts';
import {
  deleteRelay as forgetRelay,
  loadRelay,
  relayTokenContext,
  saveRelay as storeRelay,
} from '@spindle/db';
import { problems, type TokenBox } from '@spindle/service-kit';
import { listenerId } from '../caller.ts';
import type { GatewayContext } from '../context.ts';
import type { Mount } from '../mount.ts';

function invalid(field: 'url' | 'token', message: string) {
  return problems.validation(`The ${field} ${message}.`, { errors: [{ path: `body.${field}`, message }] });
}

/** The address as it is stored: the root of the API, without the paths below it and the slash at the end. */
function apiRoot(text: string): string {
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') throw invalid('url', 'must not hold a name or a password');
  if (url.search !== '' || url.hash !== '') throw invalid('url', 'must end with its path');
  const path = url.pathname.replace(/\/+$/, '').replace(/(?:\/1(?:\/submit-listens)?)$/, '');
  return `${url.origin}${path.replace(/\/+$/, '')}`;
}

/** Where a listener's new plays are passed on to; a worker does it. */
export function mountRelay(
  mount: Mount,
  { db, clock }: Pick<GatewayContext, 'db' | 'clock'>,
  box: TokenBox,
): void {
  mount.route(getRelay, async (_input, { caller }) => ({
    relay: await loadRelay(db.pool, listenerId(caller)),
  }));

  mount.route(saveRelay, async ({ body }, { caller }) => {
    const userId = listenerId(caller);
    const relay = await storeRelay(db, userId, {
      url: apiRoot(body.url),
      token: body.token === undefined ? undefined : box.seal(body.token, relayTokenContext(userId)),
      enabled: body.enabled,
      now: clock.now(),
    });
    if (!relay) throw invalid('token', 'is needed for a server that has none yet');
    return { relay };
  });

  mount.route(deleteRelay, async (_input, { caller }) => {
    if (!(await forgetRelay(db, listenerId(caller)))) throw problems.notFound('Nothing is passed on.');
  });
}
