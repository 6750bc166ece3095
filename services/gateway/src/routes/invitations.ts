import { randomBytes } from 'node:crypto';
import {
  createInvitation,
  DEVELOPMENT_SEATS,
  listInvitations,
  openInvitation,
  revokeInvitation,
} from '@spindle/contracts';
import {
  countUsersByApp,
  findInvitation,
  INVITATION_PREFIX,
  loadSettings,
  noteAdminAction,
  revokeInvitation as revoke,
  createInvitation as store,
  listInvitations as storedInvitations,
} from '@spindle/db';
import { problems } from '@spindle/service-kit';
import type { OpenSession } from '../auth/authenticate.ts';
import { save } from '../auth/sign-in.ts';
import { invitationOver } from '../auth/sign-in-problems.ts';
import { adminActor } from '../caller.ts';
import type { GatewayContext } from '../context.ts';
import { decodeId, encodeId } from '../id-cursor.ts';
import { requireSameOrigin } from '../middleware/same-origin.ts';
import type { Mount } from '../mount.ts';

const DAY_MS = 86_400_000;
/** How long after an invitation was opened a sign-in of the same browser uses it, ms. */
const OPEN_MS = 3_600_000;
/** The page that reads the token behind the `#` and sends it here. */
const PAGE = '/invite';

/** Links by which people register: made by admins, opened by whoever got one. */
export function mountInvitations(mount: Mount, context: GatewayContext, openSession: OpenSession): void {
  const { db, clock, config } = context;
  const { apps, mode } = config.spotify;

  /** The app that an invitation names, else the first with a free seat; null when all are full. */
  async function appFor(named: string | null): Promise<string | null> {
    if (mode === 'extended') return named ?? apps[0]?.id ?? null;
    const users = await countUsersByApp(db.pool);
    const wanted = apps.filter((app) => named === null || app.id === named);
    return wanted.find((app) => (users.get(app.id) ?? 0) < DEVELOPMENT_SEATS)?.id ?? null;
  }

  mount.route(listInvitations, async ({ query }) => {
    const page = { limit: query.limit, before: decodeId(query.cursor) };
    const { items, next } = await storedInvitations(db, page, clock.now());
    return { items, nextCursor: encodeId(next) };
  });

  mount.route(createInvitation, async ({ body }, { caller, requestId, response }) => {
    if (body.app !== undefined && !apps.some((app) => app.id === body.app)) {
      throw problems.validation('There is no such Spotify app on this instance.', {
        errors: [{ path: 'body.app', message: 'must be one of the apps of /api/admin/apps' }],
      });
    }
    const now = clock.now();
    const actor = adminActor(caller);
    const token = `${INVITATION_PREFIX}${randomBytes(32).toString('base64url')}`;
    const view = await store(
      db,
      {
        token,
        note: body.note ?? null,
        appId: body.app ?? null,
        maxUses: body.maxUses,
        expiresAt: new Date(now.getTime() + body.days * DAY_MS),
        createdById: 'userId' in actor ? actor.userId : null,
      },
      now,
    );
    const { hint: target, maxUses, expiresAt } = view;
    await noteAdminAction(
      db.pool,
      { actor, action: 'invitation-made', target, details: { maxUses, expiresAt }, requestId },
      now,
    );
    // The answer holds the token.
    response.setHeader('cache-control', 'private, no-store');
    return { ...view, url: `${config.web.publicUrl}${PAGE}#${token}` };
  });

  mount.route(revokeInvitation, async ({ params }, { caller, requestId }) => {
    const now = clock.now();
    if (!(await revoke(db, Number(params.id), now))) {
      throw problems.notFound('There is no such invitation that could be revoked.');
    }
    await noteAdminAction(
      db.pool,
      { actor: adminActor(caller), action: 'invitation-revoked', target: params.id, requestId },
      now,
    );
  });

  mount.route(openInvitation, async ({ body }, { request, response }) => {
    response.setHeader('cache-control', 'private, no-store');
    await openSession(request, response);
    requireSameOrigin(request, config.web);
    const found = await findInvitation(db.pool, body.token, clock.now());
    if (!found) {
      throw problems.notFound('There is no such invitation. Check that the whole link was copied.', {
        code: 'no-such-invitation',
      });
    }
    if (found.state !== 'open') throw invitationOver();
    request.session.invitation = { id: found.id, until: Date.now() + OPEN_MS };
    await save(request);
    const { name } = await loadSettings(db.pool);
    return {
      instance: name ?? config.instance.name,
      invitedBy: found.invitedBy,
      note: found.note,
      expiresAt: found.expiresAt.toISOString(),
      app: await appFor(found.appId),
    };
  });
}
