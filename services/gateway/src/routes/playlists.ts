import {
  createTopPlaylist,
  deletePlaylists,
  estimateShuffle as estimateRoute,
  type PlaylistRequest,
  playlistRequestSchema,
  recentShuffles,
  restorePlaylists,
  type ShuffleEstimate,
  shareLiked,
  shufflePlaylist,
} from '@spindle/contracts';
import {
  InvalidRange,
  type Listener,
  madePlaylists,
  type NewPlaylist,
  recentOperations,
  restorablePlaylists,
  topTrackIds,
  trackUris,
} from '@spindle/db';
import { estimateShuffle } from '@spindle/library';
import { problems } from '@spindle/service-kit';
import { listenerId } from '../caller.ts';
import type { GatewayContext } from '../context.ts';
import { decodeId, encodeId } from '../id-cursor.ts';
import type { Mount } from '../mount.ts';
import { periodKey, periodWords } from '../period-words.ts';
import { beginOperation, checkRequest, connectedListener, operationOf } from '../playlist-operations.ts';
import { type PeriodQuery, rangeOf } from './statistics.ts';

function periodOf(body: PeriodQuery, listener: Listener, now: Date) {
  try {
    return rangeOf(body, listener, now);
  } catch (error) {
    if (!(error instanceof InvalidRange)) throw error;
    throw problems.validation('The period is not one that a list can be made of.', {
      errors: [{ path: `body.${error.field}`, message: error.message }],
    });
  }
}

function shortOfQuota({ calls, left, enoughAt, reason }: ShuffleEstimate): Error {
  const cost = calls
    ? `It takes up to ${calls.total} calls to Spotify, and ${left ?? 0} can be made now. `
    : '';
  const when = enoughAt ? ` It will be enough at ${enoughAt}.` : '';
  return problems.unprocessable(
    `${cost}${reason ?? ''}${when} With evenIfShort it begins now and goes on by itself.`,
    { code: 'quota-short' },
  );
}

export function mountPlaylists(mount: Mount, context: GatewayContext): void {
  const { db, clock, producer, spotify } = context;
  const estimating = { db, governor: spotify.governor };

  /** What a person asks for now: checked, and paid for by the quota unless they say that it may wait. */
  async function prepare(userId: number, request: PlaylistRequest, evenIfShort: boolean, now: Date) {
    await connectedListener(context, userId, now);
    await checkRequest(context, userId, request);
    if (!evenIfShort) {
      const estimate = await estimateShuffle(estimating, userId, request, { lane: 'interactive' });
      if (!estimate.enough) throw shortOfQuota(estimate);
    }
    return operationOf(context, userId, request);
  }

  mount.route(estimateRoute, async ({ body }, { caller }) => {
    const { evenIfShort: _, ...asked } = body;
    const request = playlistRequestSchema.parse({ kind: 'shuffle', ...asked });
    return estimateShuffle(estimating, listenerId(caller), request, { lane: 'interactive' });
  });

  mount.job(shufflePlaylist, async ({ body }, { caller }, options) => {
    const now = clock.now();
    const { evenIfShort, ...asked } = body;
    const request = playlistRequestSchema.parse({ kind: 'shuffle', ...asked });
    const playlist = await prepare(listenerId(caller), request, evenIfShort, now);
    return beginOperation(context, 'shuffle', playlist, options, now);
  });

  mount.job(shareLiked, async ({ body }, { caller }, options) => {
    const now = clock.now();
    const { evenIfShort, ...asked } = body;
    const request = playlistRequestSchema.parse({ kind: 'share-liked', ...asked });
    const playlist = await prepare(listenerId(caller), request, evenIfShort, now);
    return beginOperation(context, 'share-liked', playlist, options, now);
  });

  mount.job(deletePlaylists, async (_input, { caller }, options) => {
    const now = clock.now();
    const { userId } = await connectedListener(context, listenerId(caller), now);
    return producer.add('shuffle-playlist', 'delete-made', { userId, at: now.toISOString() }, options);
  });

  mount.job(restorePlaylists, async (_input, { caller }, options) => {
    const { userId } = await connectedListener(context, listenerId(caller), clock.now());
    return producer.add('shuffle-playlist', 'restore-made', { userId }, options);
  });

  mount.route(recentShuffles, async ({ query }, { caller }) => {
    const userId = listenerId(caller);
    const before = decodeId(query.cursor);
    const [page, made, restorable] = await Promise.all([
      recentOperations(db.pool, userId, { limit: query.limit, ...(before === undefined ? {} : { before }) }),
      madePlaylists(db.pool, userId),
      restorablePlaylists(db.pool, userId, clock.now()),
    ]);
    return {
      items: page.items,
      nextCursor: encodeId(page.next),
      made: made.length,
      restorable: restorable && {
        playlists: restorable.playlistIds.length,
        until: restorable.until.toISOString(),
      },
    };
  });

  mount.job(createTopPlaylist, async ({ body }, { caller }, options) => {
    const now = clock.now();
    const listener = await connectedListener(context, listenerId(caller), now);
    const { userId } = listener;
    const { by, limit, refresh } = body;
    const range = periodOf(body, listener, now);
    const trackIds = await topTrackIds(db.pool, listener, range, { by, limit });
    if (trackIds.length === 0) {
      throw problems.unprocessable('No play of yours counts in this period, so the list is empty.', {
        code: 'empty-list',
      });
    }
    const { uris, withoutId } = await trackUris(db.pool, userId, trackIds);
    if (uris.length === 0) {
      throw problems.unprocessable(
        'All tracks of the list are known by name only; none has an id of Spotify.',
        {
          code: 'empty-list',
        },
      );
    }
    const sourceName = `Top tracks${by === 'time' ? ' by time' : ''}, ${periodWords(range)}`;
    const playlist: NewPlaylist = {
      userId,
      sourceId: `top-tracks:${periodKey(range)}:${by}`,
      sourceName,
      mode: 'tops',
      seed: '',
      name: body.name ?? sourceName,
      target: refresh ? 'refresh' : 'new',
      request: null,
      uris,
      leftOut: withoutId > 0 ? { 'no-spotify-id': withoutId } : {},
    };
    return beginOperation(context, 'top-playlist', playlist, options, now);
  });
}
