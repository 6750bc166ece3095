import type { PlaylistRequest } from '@spindle/contracts';
import {
  createPlaylistOperation,
  dropPlaylistOperation,
  isMadePlaylist,
  type Listener,
  loadConnection,
  loadListener,
  type NewPlaylist,
  noteOperationJob,
  sourceState,
} from '@spindle/db';
import { sourceOf } from '@spindle/library';
import type { AddJobOptions } from '@spindle/queues';
import { problems } from '@spindle/service-kit';
import { newSeed } from '@spindle/shuffle/seeded';
import { SCOPES } from '@spindle/spotify';
import type { GatewayContext } from './context.ts';

/** The jobs that carry out an operation. */
export type OperationJobName = 'shuffle' | 'share-liked' | 'top-playlist';

/**
 * The listener, if Spotify would take anything in their name.
 *
 * @throws AppError 422 `reauth-needed`
 */
export async function connectedListener(
  { db }: GatewayContext,
  userId: number,
  now: Date,
): Promise<Listener> {
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

/**
 * @param place where the caller put the request
 * @throws AppError 422 when a request cannot be met, as far as that is known before Spotify is asked; 400 when
 *   it would be written where it must not
 */
export async function checkRequest(
  { db }: GatewayContext,
  userId: number,
  request: PlaylistRequest,
  place = 'body',
): Promise<void> {
  const sourceId = sourceOf(request);
  const source = await sourceState(db.pool, userId, sourceId);
  if (source.foreign) {
    throw problems.unprocessable(
      'Spotify lets only the owner of a playlist and those who edit it see what is in it. Copy its songs into a playlist of your own, and shuffle that one.',
      { code: 'foreign-playlist' },
    );
  }
  if (source.items === 0) {
    throw problems.unprocessable(`“${source.name}” is empty.`, { code: 'empty-source' });
  }
  const { target } = request;
  if (target === 'refresh' || target === 'new') return;
  if (target === sourceId || !(await isMadePlaylist(db.pool, userId, target))) {
    throw problems.validation('Only playlists that were made here are written.', {
      errors: [
        { path: `${place}.target`, message: 'must be a playlist that was made here, and not the source' },
      ],
    });
  }
}

/** What an operation is, before anything is known of its source but its name. */
export async function operationOf(
  { db }: GatewayContext,
  userId: number,
  request: PlaylistRequest,
): Promise<NewPlaylist> {
  const sourceId = sourceOf(request);
  const { name } = await sourceState(db.pool, userId, sourceId);
  const sourceName = name ?? 'A playlist';
  return {
    userId,
    sourceId,
    sourceName,
    mode: request.kind === 'shuffle' ? request.mode : 'liked',
    seed: request.kind === 'shuffle' ? (request.seed ?? newSeed()) : '',
    name: request.name ?? sourceName,
    target: request.target,
    request,
  };
}

/** Stores an operation and enqueues the job that carries it out. Answers the job. */
export async function beginOperation(
  context: GatewayContext,
  job: OperationJobName,
  playlist: NewPlaylist,
  options: AddJobOptions,
  now: Date,
): Promise<{ id: string }> {
  const { db, producer } = context;
  const { jobId: requestKey } = options;
  const stored = requestKey === undefined ? playlist : { ...playlist, requestKey };
  const operationId = await createPlaylistOperation(db.pool, stored, now);
  try {
    const added = await producer.add('shuffle-playlist', job, { operationId }, options);
    await noteOperationJob(db.pool, operationId, added.id);
    return added;
  } catch (error) {
    // With a key, the request is sent again and finds the operation.
    if (options.jobId === undefined) await dropPlaylistOperation(db, operationId);
    throw error;
  }
}
