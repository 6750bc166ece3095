import { getInstanceSettings, type InstanceSettingsView, updateInstanceSettings } from '@spindle/contracts';
import {
  findOwner,
  loadListenerForAdmin,
  loadPeople,
  loadSettings,
  noteAdminAction,
  saveSettings,
} from '@spindle/db';
import { problems } from '@spindle/service-kit';
import { adminActor } from '../caller.ts';
import type { GatewayContext } from '../context.ts';
import type { Mount } from '../mount.ts';

/** What admins decide for the instance while it runs. */
export function mountInstanceSettings(mount: Mount, context: GatewayContext): void {
  const { db, clock, sockets } = context;

  async function view(): Promise<InstanceSettingsView> {
    const [{ registration, feedPublic, name, ownerUserId, ownerTokenHash }, ownerId] = await Promise.all([
      loadSettings(db.pool),
      findOwner(db),
    ]);
    const people = await loadPeople(db.pool, ownerId === null ? [] : [ownerId]);
    return {
      registration,
      feedPublic,
      name,
      owner: (ownerId === null ? undefined : people.get(ownerId)) ?? null,
      ownerBy:
        ownerTokenHash !== null
          ? 'token'
          : ownerUserId !== null && ownerUserId === ownerId
            ? 'chosen'
            : 'first-admin',
    };
  }

  mount.route(getInstanceSettings, view);

  mount.route(updateInstanceSettings, async ({ body }, { caller, requestId }) => {
    const now = clock.now();
    const { ownerId, ...rest } = body;
    if (ownerId !== undefined) {
      if ((await loadSettings(db.pool)).ownerTokenHash !== null) {
        throw problems.conflict(
          'The owner is the account of MY_SPOTIFY_REFRESH_TOKEN. Take that out of the configuration first.',
          { code: 'owner-by-token' },
        );
      }
      if (ownerId !== null && !(await loadListenerForAdmin(db.pool, Number(ownerId), now))) {
        throw problems.validation('There is no such listener.', {
          errors: [{ path: 'body.ownerId', message: 'must be the id of a listener' }],
        });
      }
    }
    const settings = await saveSettings(
      db,
      { ...rest, ...(ownerId !== undefined && { ownerUserId: ownerId === null ? null : Number(ownerId) }) },
      now,
    );
    await noteAdminAction(
      db.pool,
      {
        actor: adminActor(caller),
        action: 'settings-changed',
        ...(ownerId && { userId: Number(ownerId) }),
        details: {
          ...rest,
          ...(ownerId !== undefined && { owner: ownerId === null ? 'first admin' : 'chosen' }),
        },
        requestId,
      },
      now,
    );
    if (!settings.feedPublic) sockets.endVisitors();
    return view();
  });
}
