import {
  deleteUser,
  exportUser as exportUserRoute,
  getUser,
  saveUser,
  type UserView,
  updateUser,
} from '@spindle/contracts';
import {
  changeUserSettings,
  findFeedName,
  loadUserView,
  markWatched,
  retimePlaylistSchedules,
} from '@spindle/db';
import { nextOccurrence } from '@spindle/queues';
import { problems } from '@spindle/service-kit';
import { SCOPES } from '@spindle/spotify';
import { listenerId } from '../caller.ts';
import type { GatewayContext } from '../context.ts';
import { eraseSoon } from '../erasure.ts';
import { tellRenamed } from '../live/feed-events.ts';
import type { Mount } from '../mount.ts';
import { recountSoon } from '../recount.ts';
import { streamExport } from '../user-export-stream.ts';

export function mountUser(mount: Mount, context: GatewayContext): void {
  const { db, clock, producer } = context;

  async function viewOf(userId: number): Promise<UserView> {
    const view = await loadUserView(db, userId, SCOPES, clock.now());
    if (!view) throw problems.notFound('There is no such user any more.');
    return view;
  }

  mount.route(getUser, (_input, { caller }) => viewOf(listenerId(caller)));

  mount.job(saveUser, (_input, { caller }, options) =>
    producer.add('sync', 'profile', { userId: listenerId(caller) }, options),
  );

  mount.route(updateUser, async ({ body }, { caller, requestId }) => {
    const userId = listenerId(caller);
    const { hiddenArtists, ...rest } = body;
    const feedName = await findFeedName(db.pool, userId, clock.now());
    const outcome = await changeUserSettings(db, userId, {
      ...rest,
      ...(hiddenArtists && { hiddenArtists: [...new Set(hiddenArtists)].map(Number) }),
    });
    if (!outcome.ok && outcome.reason === 'handle-taken') {
      throw problems.conflict('Somebody else has this handle.', {
        code: 'handle-taken',
        errors: [{ path: 'body.handle', message: 'is taken' }],
      });
    }
    if (!outcome.ok) {
      throw problems.validation('One of the hidden artists does not exist.', {
        errors: [{ path: 'body.hiddenArtists', message: `there is no artist ${outcome.artistId}` }],
      });
    }
    if (feedName !== null && (body.handle !== undefined || body.displayName !== undefined)) {
      await tellRenamed(context, userId, feedName);
    }
    const { timeZone } = body;
    if (timeZone !== undefined) {
      const now = clock.now();
      await retimePlaylistSchedules(db, userId, now, (pattern) => nextOccurrence(pattern, timeZone, now));
    }
    if (outcome.recount) await recountSoon(context, userId, requestId);
    if (body.liveCapture) {
      const now = clock.now();
      await markWatched(db, userId, { now, until: now, staleMs: 10_000 });
    }
    return viewOf(userId);
  });

  mount.raw(exportUserRoute, (_input, { caller, response }) =>
    streamExport(db, listenerId(caller), clock.now(), response),
  );

  mount.route(deleteUser, (_input, call) => eraseSoon(context, listenerId(call.caller), call));
}
