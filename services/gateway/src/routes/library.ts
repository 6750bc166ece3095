import {
  exportLibrary,
  getFindings,
  getMyPlaylists,
  listFavorites,
  readPlaylists,
  readSource,
  syncFavorites,
} from '@spindle/contracts';
import {
  findings,
  type LibraryState,
  libraryState,
  listLibraryPlaylists,
  loadConnection,
  listFavorites as loadFavorites,
  sourceLines,
} from '@spindle/db';
import { isFinished } from '@spindle/queues';
import { type AppError, problems } from '@spindle/service-kit';
import { SCOPES } from '@spindle/spotify';
import { listenerId } from '../caller.ts';
import type { GatewayContext } from '../context.ts';
import { decodeId, encodeId } from '../id-cursor.ts';
import { streamLibrary } from '../library-export-stream.ts';
import type { Call, Mount } from '../mount.ts';
import { connectedListener } from '../playlist-operations.ts';

/** A list of playlists that is older is read anew when it is looked at. */
const FRESH_MS = 10 * 60_000;
/** Who comes for the first time waits for the reading so long at most. */
const FIRST_WAIT_MS = 8_000;

const noSuchPlaylist = (): AppError =>
  problems.notFound('There is no such playlist in your library, as far as it was read.');

export function mountLibrary(mount: Mount, context: GatewayContext): void {
  const { db, clock, producer } = context;

  /** Has the list read anew where that is due. Answers the job while it goes on. */
  async function refresh(userId: number, state: LibraryState, requestId: string): Promise<string | null> {
    const readAt = state.playlistsReadAt?.getTime();
    if (readAt !== undefined && clock.nowMs() - readAt <= FRESH_MS) return null;
    const connection = await loadConnection(db, userId, SCOPES, clock.now());
    if (!connection.connected) return null;
    const { id } = await producer.add('sync', 'playlists', { userId }, { requestId, ownerId: userId });
    if (readAt !== undefined) return id;
    const job = await producer.waitFor(id, FIRST_WAIT_MS);
    return job && isFinished(job) ? null : id;
  }

  mount.route(getMyPlaylists, async ({ query }, { caller, requestId }) => {
    const userId = listenerId(caller);
    const after = decodeId(query.cursor);
    const before = await libraryState(db, userId);
    // The pages of one list are of one reading as far as possible.
    const refreshing = after === undefined ? await refresh(userId, before, requestId) : null;
    const [page, state] = await Promise.all([
      listLibraryPlaylists(db, userId, { limit: query.limit, after, words: query.q }),
      libraryState(db, userId),
    ]);
    return {
      items: [...page.items],
      nextCursor: encodeId(page.next),
      readAt: state.playlistsReadAt?.toISOString() ?? null,
      refreshing,
    };
  });

  mount.job(readPlaylists, async (_input, { caller }, options) => {
    const { userId } = await connectedListener(context, listenerId(caller), clock.now());
    return producer.add('sync', 'playlists', { userId }, options);
  });

  mount.route(listFavorites, async ({ query }, { caller }) => {
    const userId = listenerId(caller);
    const [page, state] = await Promise.all([
      loadFavorites(db, userId, { limit: query.limit, after: decodeId(query.cursor), words: query.q }),
      libraryState(db, userId),
    ]);
    return {
      items: [...page.items],
      nextCursor: encodeId(page.next),
      total: page.total,
      readAt: state.likedReadAt?.toISOString() ?? null,
    };
  });

  mount.job(syncFavorites, async ({ query }, { caller }, options) => {
    const { userId } = await connectedListener(context, listenerId(caller), clock.now());
    return producer.add('sync', 'liked-songs', { userId, ...(query.full && { full: true }) }, options);
  });

  mount.job(readSource, async ({ body }, { caller }, options) => {
    const { userId } = await connectedListener(context, listenerId(caller), clock.now());
    return producer.add('sync', 'read-source', { userId, source: body.source }, options);
  });

  mount.route(getFindings, async ({ query }, { caller }) => {
    const found = await findings(db, listenerId(caller), query.source);
    if (!found) throw noSuchPlaylist();
    return found;
  });

  mount.raw(exportLibrary, async ({ query }, { caller, response }: Call) => {
    const source = await sourceLines(db, listenerId(caller), query.source);
    if (!source) throw noSuchPlaylist();
    if (!source.readAt) {
      throw problems.conflict('The items were not read from Spotify yet. Read the source first.', {
        code: 'not-read',
      });
    }
    await streamLibrary(db, { source, format: query.format, now: clock.now() }, response);
  });
}
