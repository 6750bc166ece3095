import {
  getMyNowPlaying,
  getOwnerNowPlaying,
  getShare,
  getUserNowPlaying,
  type NowPlayingView,
  startShare,
  stopShare,
} from '@spindle/contracts';
import {
  startShare as beginShare,
  currentShare,
  stopShare as endShare,
  findOwner,
  findSharing,
  loadCaller,
  loadNowPlaying,
  markWatched,
  type ShareRow,
} from '@spindle/db';
import { problems } from '@spindle/service-kit';
import { listenerId } from '../caller.ts';
import type { GatewayContext } from '../context.ts';
import { tellFeed, tellFeedLeft } from '../live/feed-events.ts';
import type { Mount } from '../mount.ts';

/** A reading of the player that is older is repeated when sharing begins. */
const STALE_MS = 10_000;

function toShareView(share: ShareRow | null) {
  return {
    sharing: share !== null,
    startedAt: share?.startedAt.toISOString() ?? null,
    expiresAt: share?.expiresAt?.toISOString() ?? null,
  };
}

export function mountNowPlaying(mount: Mount, context: GatewayContext): void {
  const { db, clock } = context;

  async function viewOf(userId: number | null, missing: string): Promise<NowPlayingView> {
    const view = userId === null ? null : await loadNowPlaying(db.pool, userId, clock.now());
    if (!view) throw problems.notFound(missing);
    return view;
  }

  mount.route(getOwnerNowPlaying, async () => viewOf(await findOwner(db), 'Nobody has signed in here yet.'));

  mount.route(getMyNowPlaying, (_input, { caller }) =>
    viewOf(listenerId(caller), 'There is no such user any more.'),
  );

  mount.route(getUserNowPlaying, async ({ params }) =>
    viewOf(await findSharing(db, params.handle, clock.now()), 'Nobody of this name shares what they play.'),
  );

  mount.route(getShare, async (_input, { caller }) =>
    toShareView(await currentShare(db.pool, listenerId(caller), clock.now())),
  );

  mount.route(startShare, async ({ body }, { caller }) => {
    const userId = listenerId(caller);
    const now = clock.now();
    const expiresAt = body.expiresAt === undefined ? null : new Date(body.expiresAt);
    if (expiresAt && expiresAt <= now) {
      throw problems.validation('The share would be over already.', {
        errors: [{ path: 'body.expiresAt', message: 'must be in the future' }],
      });
    }
    const share = await beginShare(db, userId, expiresAt, now);
    await markWatched(db, userId, { now, until: now, staleMs: STALE_MS });
    await tellFeed(context, userId);
    return toShareView(share);
  });

  mount.route(stopShare, async (_input, { caller }) => {
    const userId = listenerId(caller);
    if (await endShare(db.pool, userId, clock.now())) {
      const user = await loadCaller(db, userId);
      if (user) await tellFeedLeft(context, user.handle);
    }
    return toShareView(null);
  });
}
