import { createTopPlaylist } from '@spindle/contracts';
import {
  createPlaylistOperation,
  dropPlaylistOperation,
  InvalidRange,
  type Listener,
  loadConnection,
  loadListener,
  type NewPlaylist,
  topTrackIds,
  trackUris,
} from '@spindle/db';
import type { AddJobOptions } from '@spindle/queues';
import { problems } from '@spindle/service-kit';
import { SCOPES } from '@spindle/spotify';
import { listenerId } from '../caller.ts';
import type { GatewayContext } from '../context.ts';
import type { Mount } from '../mount.ts';
import { periodKey, periodWords } from '../period-words.ts';
import { type PeriodQuery, rangeOf } from './statistics.ts';

/** As long as an idempotency key is remembered, ms. */
const REMEMBERED_MS = 86_400_000;

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

export function mountPlaylists(mount: Mount, context: GatewayContext): void {
  const { db, clock, producer, redis, config } = context;

  /** The listener, if Spotify would take anything in their name. */
  async function connected(userId: number, now: Date): Promise<Listener> {
    const [listener, connection] = await Promise.all([
      loadListener(db.pool, userId),
      loadConnection(db, userId, SCOPES, now),
    ]);
    if (!listener) throw problems.notFound('There is no such user any more.');
    if (!connection.connected) {
      throw problems.unprocessable('Spotify no longer accepts the consent. Sign in again to reconnect.', {
        code: 'reauth-needed',
      });
    }
    return listener;
  }

  /** Stores the operation; the same request, sent twice at once, stores one. */
  async function storeOnce(playlist: NewPlaylist, jobId: string | undefined, now: Date): Promise<number> {
    const operationId = await createPlaylistOperation(db, playlist, now);
    if (jobId === undefined) return operationId;
    const place = `${config.redis.prefix}:playlist-operation:${jobId}`;
    let isFirst = false;
    try {
      isFirst = (await redis.set(place, operationId, 'PX', REMEMBERED_MS, 'NX')) !== null;
    } finally {
      if (!isFirst) await dropPlaylistOperation(db, operationId);
    }
    return isFirst ? operationId : Number(await redis.get(place));
  }

  async function enqueue(playlist: NewPlaylist, options: AddJobOptions, now: Date): Promise<{ id: string }> {
    const operationId = await storeOnce(playlist, options.jobId, now);
    try {
      return await producer.add('shuffle-playlist', 'top-playlist', { operationId }, options);
    } catch (error) {
      // With a key, the request is sent again and finds the operation.
      if (options.jobId === undefined) await dropPlaylistOperation(db, operationId);
      throw error;
    }
  }

  mount.job(createTopPlaylist, async ({ body }, { caller }, options) => {
    const now = clock.now();
    const listener = await connected(listenerId(caller), now);
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
      uris,
      leftOut: withoutId > 0 ? { 'no-spotify-id': withoutId } : {},
      refresh,
    };
    return enqueue(playlist, options, now);
  });
}
