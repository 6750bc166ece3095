import {
  changeSchedule,
  createSchedule,
  deleteSchedule,
  listSchedules,
  type PlaylistScheduleView,
  runSchedule,
} from '@spindle/contracts';
import {
  changePlaylistSchedule,
  createPlaylistSchedule,
  deletePlaylistSchedule,
  findPlaylistSchedule,
  listPlaylistSchedules,
  loadListener,
  TooManySchedules,
} from '@spindle/db';
import { firstOccurrence, UnusablePattern } from '@spindle/queues';
import { problems } from '@spindle/service-kit';
import { listenerId } from '../caller.ts';
import type { GatewayContext } from '../context.ts';
import type { Mount } from '../mount.ts';
import { beginOperation, checkRequest, connectedListener, operationOf } from '../playlist-operations.ts';

export function mountPlaylistSchedules(mount: Mount, context: GatewayContext): void {
  const { db, clock } = context;

  /** @throws AppError 400 */
  function nextOf(pattern: string, timeZone: string): Date {
    try {
      return firstOccurrence(pattern, timeZone, clock.now());
    } catch (error) {
      if (!(error instanceof UnusablePattern)) throw error;
      throw problems.validation('The pattern is not one that can be followed.', {
        errors: [{ path: 'body.pattern', message: error.message }],
      });
    }
  }

  async function zoneOf(userId: number): Promise<string> {
    const listener = await loadListener(db.pool, userId);
    if (!listener) throw problems.notFound('There is no such user any more.');
    return listener.timeZone;
  }

  async function find(userId: number, id: string): Promise<PlaylistScheduleView> {
    const schedule = await findPlaylistSchedule(db.pool, userId, Number(id));
    if (!schedule) throw problems.notFound('There is no such schedule.');
    return schedule;
  }

  mount.route(listSchedules, async (_input, { caller }) => {
    const userId = listenerId(caller);
    const [items, timeZone] = await Promise.all([listPlaylistSchedules(db.pool, userId), zoneOf(userId)]);
    return { items, timeZone };
  });

  mount.route(createSchedule, async ({ body }, { caller }) => {
    const userId = listenerId(caller);
    const { request, pattern } = body;
    const nextAt = nextOf(pattern, await zoneOf(userId));
    await checkRequest(context, userId, request, 'body.request');
    const { sourceName } = await operationOf(context, userId, request);
    const id = await createPlaylistSchedule(
      db,
      { userId, sourceName, request, pattern, nextAt },
      clock.now(),
    ).catch((error: unknown) => {
      if (!(error instanceof TooManySchedules)) throw error;
      throw problems.unprocessable(error.message, { code: 'too-many-schedules' });
    });
    return find(userId, String(id));
  });

  mount.route(changeSchedule, async ({ params, body }, { caller }) => {
    const userId = listenerId(caller);
    const before = await find(userId, params.id);
    const pattern = body.pattern ?? before.pattern;
    const enabled = body.enabled ?? before.enabled;
    const nextAt = nextOf(pattern, await zoneOf(userId));
    await changePlaylistSchedule(db, userId, Number(params.id), {
      pattern,
      enabled,
      nextAt: enabled ? nextAt : null,
    });
    return find(userId, params.id);
  });

  mount.route(deleteSchedule, async ({ params }, { caller }) => {
    const isGone = await deletePlaylistSchedule(db, listenerId(caller), Number(params.id));
    if (!isGone) throw problems.notFound('There is no such schedule.');
  });

  mount.job(runSchedule, async ({ params }, { caller }, options) => {
    const now = clock.now();
    const { userId } = await connectedListener(context, listenerId(caller), now);
    const { request } = await find(userId, params.id);
    const operation = await operationOf(context, userId, request);
    const target = operation.target === 'new' ? 'refresh' : operation.target;
    return beginOperation(
      context,
      request.kind === 'shuffle' ? 'shuffle' : 'share-liked',
      { ...operation, target, scheduleId: Number(params.id) },
      options,
      now,
    );
  });
}
