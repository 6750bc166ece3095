import {
  type AdminUserView,
  changeUser,
  DEVELOPMENT_SEATS,
  eraseListener,
  listAdminActions,
  listApps,
  listUsers,
  signOutUser,
} from '@spindle/contracts';
import {
  changeListener,
  countUsersByApp,
  findFeedName,
  LastAdmin,
  type ListenersCursor,
  listListeners,
  loadListenerForAdmin,
  noteAdminAction,
  listAdminActions as storedActions,
} from '@spindle/db';
import { problems } from '@spindle/service-kit';
import { adminActor } from '../caller.ts';
import type { GatewayContext } from '../context.ts';
import { eraseSoon, lastAdmin } from '../erasure.ts';
import { decodeId, encodeId } from '../id-cursor.ts';
import type { Mount } from '../mount.ts';
import { shutAccount } from '../shut-account.ts';

const encodeCursor = (cursor: ListenersCursor | null): string | null =>
  cursor && Buffer.from(JSON.stringify([cursor.key, cursor.id])).toString('base64url');

/** What a cursor of each order must look like, so that no other text reaches the database as a time or a number. */
const KEYS = {
  created: /^[-+:. \d]{10,40}$/,
  name: /^[\s\S]{0,200}$/,
  plays: /^\d{1,15}$/,
  lastPlay: /^([-+:. \d]{10,40}|-infinity)$/,
  consent: /^([-+:. \d]{10,40}|infinity)$/,
} as const;

/** @throws AppError 400 when the cursor is none that a list in this order gave out. */
function decodeCursor(cursor: string | undefined, sort: keyof typeof KEYS): ListenersCursor | undefined {
  if (cursor === undefined) return undefined;
  try {
    const [key, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    if (typeof key === 'string' && KEYS[sort].test(key) && Number.isSafeInteger(id))
      return { key, id: id as number };
  } catch {
    // Answered below.
  }
  throw problems.validation('The cursor is not one that this list gave out.', {
    errors: [
      { path: 'query.cursor', message: 'must be the nextCursor of an earlier page in the same order' },
    ],
  });
}

const noSuchListener = () => problems.notFound('There is no such listener.');

/** Who listens here, what admins do to accounts, and the record of it. None of it tells of music. */
export function mountListeners(mount: Mount, context: GatewayContext): void {
  const { db, clock, config, sessions, sockets } = context;

  async function listener(userId: number): Promise<AdminUserView> {
    const view = await loadListenerForAdmin(db.pool, userId, clock.now());
    if (!view) throw noSuchListener();
    return view;
  }

  mount.route(listUsers, async ({ query }) => {
    const { cursor, ...rest } = query;
    const page = await listListeners(
      db.pool,
      { ...rest, after: decodeCursor(cursor, query.sort) },
      clock.now(),
    );
    return { items: page.items, nextCursor: encodeCursor(page.next) };
  });

  mount.route(changeUser, async ({ params, body }, { caller, requestId }) => {
    const userId = Number(params.id);
    const by = { actor: adminActor(caller), requestId };
    const feedName = await findFeedName(db.pool, userId, clock.now());
    try {
      const changed = await changeListener(db, userId, body, by, clock.now());
      if (!changed) throw noSuchListener();
      // Asked for again, it is finished again: a gateway may have died in the middle.
      if (body.disabled) await shutAccount(context, userId, feedName);
    } catch (error) {
      throw error instanceof LastAdmin ? lastAdmin(error) : error;
    }
    return listener(userId);
  });

  mount.route(signOutUser, async ({ params }, { caller, requestId }) => {
    const userId = Number(params.id);
    await listener(userId);
    await sessions.endAll(userId);
    sockets.endUser(userId);
    await noteAdminAction(
      db.pool,
      { actor: adminActor(caller), action: 'user-signed-out', userId, requestId },
      clock.now(),
    );
  });

  mount.route(eraseListener, async ({ params, query }, call) => {
    const userId = Number(params.id);
    const { handle } = await listener(userId);
    if (query.confirm !== handle) {
      throw problems.validation('This is not the handle of that listener, so nobody was erased.', {
        errors: [{ path: 'query.confirm', message: 'must be the handle of the listener' }],
      });
    }
    const { requestId } = call;
    const note = { actor: adminActor(call.caller), action: 'user-erased', userId, requestId } as const;
    return eraseSoon(context, userId, call, (tx) => noteAdminAction(tx, note, clock.now()));
  });

  mount.route(listApps, async () => {
    const { mode, apps } = config.spotify;
    const users = await countUsersByApp(db.pool);
    return {
      mode,
      apps: apps.map((app) => ({
        id: app.id,
        account: app.account,
        users: users.get(app.id) ?? 0,
        seats: mode === 'development' ? DEVELOPMENT_SEATS : null,
      })),
    };
  });

  mount.route(listAdminActions, async ({ query }) => {
    const page = await storedActions(db, { limit: query.limit, before: decodeId(query.cursor) });
    return { items: page.items, nextCursor: encodeId(page.next) };
  });
}
