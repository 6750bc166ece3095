import {
  changePlays,
  createAlias,
  createExclusion,
  createMerge,
  deleteAlias,
  deleteExclusion,
  deleteMerge,
  listAliases,
  listExclusions,
  listMerges,
  suggestMerges,
} from '@spindle/contracts';
import {
  addExclusion,
  aliasArtist,
  CorrectionRefused,
  decodePlayId,
  mergeTracks,
  listAliases as readAliases,
  listDevices as readDevices,
  listExclusions as readExclusions,
  listMerges as readMerges,
  suggestMerges as readSuggestions,
  removeAlias,
  removeExclusion,
  changePlays as storeChanges,
  unmergeTrack,
} from '@spindle/db';
import { problems } from '@spindle/service-kit';
import { listenerId } from '../caller.ts';
import type { GatewayContext } from '../context.ts';
import type { Call, Mount } from '../mount.ts';
import { decodeOffset, encodeOffset } from '../offset-cursor.ts';
import { recountSoon } from '../recount.ts';
import type { StatisticsMount } from '../statistics-answers.ts';

/** A refusal as the problem that names the part of the body that is to blame. */
function refusal(error: unknown, path: string): unknown {
  if (!(error instanceof CorrectionRefused)) return error;
  const { message, reason } = error;
  switch (reason) {
    case 'unknown':
      return problems.notFound(message);
    case 'exists':
      return problems.conflict(message, { code: 'already-exists' });
    case 'circle':
      return problems.conflict(message, { code: 'circle', errors: [{ path, message }] });
    case 'invalid':
      return problems.validation(message, { errors: [{ path, message }] });
  }
}

export function mountCorrections(mount: Mount, statistics: StatisticsMount, context: GatewayContext): void {
  const { db, clock } = context;

  /** Makes a change that touches all figures, then has them counted anew. */
  async function correct<T>(call: Call, path: string, change: (userId: number) => Promise<T>): Promise<T> {
    const userId = listenerId(call.caller);
    let result: T;
    try {
      result = await change(userId);
    } catch (error) {
      throw refusal(error, path);
    }
    await recountSoon(context, userId, call.requestId);
    return result;
  }

  mount.route(changePlays, async ({ body }, { caller }) => {
    const keys = body.ids.flatMap((id) => decodePlayId(id) ?? []);
    return { changed: await storeChanges(db, listenerId(caller), body.action, keys, clock.now()) };
  });

  // Counting what a rule covers reads all plays, so the answer is kept while the history is the same.
  statistics.mine(listExclusions, async (_input, { userId }, _now, reads) => {
    const [items, devices] = await Promise.all([readExclusions(reads, userId), readDevices(reads, userId)]);
    return { items, devices };
  });
  mount.route(createExclusion, ({ body }, call) =>
    correct(call, 'body', (userId) => addExclusion(db, userId, body, clock.now())),
  );
  mount.route(deleteExclusion, ({ params }, call) =>
    correct(call, 'params.id', async (userId) => {
      if (!(await removeExclusion(db, userId, Number(params.id), clock.now())))
        throw problems.notFound('You have no such rule.');
    }),
  );

  mount.route(listMerges, async (_input, { caller }) => ({
    items: await readMerges(db.pool, listenerId(caller)),
  }));
  statistics.mine(suggestMerges, async ({ query }, { userId }, _now, reads) => {
    const page = { limit: query.limit, offset: decodeOffset(query.cursor) };
    const { items, nextOffset } = await readSuggestions(reads, userId, page);
    return { items, nextCursor: encodeOffset(nextOffset) };
  });
  mount.route(createMerge, ({ body }, call) =>
    correct(call, 'body.intoId', async (userId) => ({
      items: await mergeTracks(db, userId, body.trackIds.map(Number), Number(body.intoId), clock.now()),
    })),
  );
  mount.route(deleteMerge, ({ params }, call) =>
    correct(call, 'params.id', async (userId) => {
      if (!(await unmergeTrack(db, userId, Number(params.id), clock.now())))
        throw problems.notFound('You have no such merge.');
    }),
  );

  mount.route(listAliases, async (_input, { caller }) => ({
    items: await readAliases(db.pool, listenerId(caller)),
  }));
  mount.route(createAlias, ({ body }, call) =>
    correct(call, 'body.intoId', (userId) =>
      aliasArtist(db, userId, Number(body.artistId), Number(body.intoId), clock.now()),
    ),
  );
  mount.route(deleteAlias, ({ params }, call) =>
    correct(call, 'params.id', async (userId) => {
      if (!(await removeAlias(db, userId, Number(params.id), clock.now())))
        throw problems.notFound('You have no such alias.');
    }),
  );
}
