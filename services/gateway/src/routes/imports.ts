import {
  createImport as createImportRoute,
  downloadImportReport,
  getImport as getImportRoute,
  type ImportView,
  listImports as listImportsRoute,
  undoImport as undoImportRoute,
} from '@spindle/contracts';
import {
  abandonImport,
  createImport,
  getImport,
  importOfRequest,
  listImports,
  noteImportJob,
  queueImport,
  undoImport,
} from '@spindle/db';
import { jobIdFromKey } from '@spindle/queues';
import { problems } from '@spindle/service-kit';
import { listenerId } from '../caller.ts';
import type { GatewayContext } from '../context.ts';
import { idempotencyKeyOf } from '../idempotency.ts';
import { importReport } from '../import-report.ts';
import type { Call, Mount } from '../mount.ts';
import { recountSoon } from '../recount.ts';
import { refuseRest } from '../refuse-rest.ts';
import { receiveFiles } from '../upload/receive-import.ts';

function encodeCursor(lastId: number | null): string | null {
  return lastId === null ? null : Buffer.from(`i1:${lastId}`, 'utf8').toString('base64url');
}

function decodeCursor(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const match = /^i1:([1-9]\d{0,9})$/.exec(Buffer.from(text, 'base64url').toString('utf8'));
  if (match?.[1]) return Number(match[1]);
  throw problems.validation('The cursor is not one that this list gave out.', {
    errors: [{ path: 'query.cursor', message: 'must be the nextCursor of an earlier page' }],
  });
}

export function mountImports(mount: Mount, context: GatewayContext): void {
  const { db, clock, producer, config } = context;

  async function viewOf(userId: number, importId: number): Promise<ImportView> {
    const view = await getImport(db, userId, importId);
    if (!view) throw problems.notFound('You have no such import.');
    return view;
  }

  /** What stands for the idempotency key of a request among all users. */
  function requestKeyOf(userId: number, call: Call): string | undefined {
    const key = idempotencyKeyOf(call.request);
    return key === undefined ? undefined : jobIdFromKey(userId, createImportRoute.id, key);
  }

  /** Takes an upload and queues it; an upload that fails leaves nothing. Answers the id of the import. */
  async function receive(userId: number, call: Call, requestKey: string | undefined): Promise<number> {
    const importId = await createImport(db, userId, clock.now());
    try {
      if ((await receiveFiles(db, importId, call.request, config.uploads)) === 0) {
        throw problems.validation('The upload holds no file.', {
          errors: [{ path: 'body.file', message: 'is missing' }],
        });
      }
      const request = requestKey === undefined ? undefined : { key: requestKey, now: clock.now() };
      if (!(await queueImport(db, importId, request))) {
        const twin = request ? await importOfRequest(db, request.key, request.now) : null;
        if (twin === null) throw new Error(`the upload of import ${importId} is gone`);
        // The same upload came twice at once: the other one was quicker.
        await abandonImport(db, importId);
        return twin;
      }
      const options = { requestId: call.requestId, ownerId: userId };
      const { id } = await producer.add('imports', 'import', { importId }, options);
      await noteImportJob(db, importId, id);
      return importId;
    } catch (error) {
      await abandonImport(db, importId);
      throw error;
    }
  }

  mount.raw(createImportRoute, async (_input, call) => {
    const userId = listenerId(call.caller);
    const { request, response } = call;
    const requestKey = requestKeyOf(userId, call);
    const known = requestKey === undefined ? null : await importOfRequest(db, requestKey, clock.now());
    // What was uploaded before is not read a second time.
    if (known !== null) refuseRest(request, response);
    const importId = known ?? (await receive(userId, call, requestKey));
    response.setHeader('location', `/api/imports/${importId}`);
    response.setHeader('cache-control', 'no-store');
    response.status(202).json({ import: await viewOf(userId, importId) });
  });

  mount.route(listImportsRoute, async ({ query }, { caller }) => {
    const { items, lastId } = await listImports(db, {
      userId: listenerId(caller),
      limit: query.limit,
      after: decodeCursor(query.cursor),
    });
    return { items, nextCursor: encodeCursor(lastId) };
  });

  mount.route(getImportRoute, ({ params }, { caller }) => viewOf(listenerId(caller), Number(params.id)));

  mount.raw(downloadImportReport, async ({ params }, { caller, response }) => {
    const view = await viewOf(listenerId(caller), Number(params.id));
    response.setHeader('content-disposition', `attachment; filename="spindle-import-${view.id}.csv"`);
    response.setHeader('cache-control', 'private, no-store');
    response.type('text/csv; charset=utf-8').send(importReport(view));
  });

  mount.route(undoImportRoute, async ({ params }, { caller, requestId }) => {
    const userId = listenerId(caller);
    const undone = await undoImport(db, userId, Number(params.id), clock.now());
    if (!undone) throw problems.notFound('You have no such import.');
    await recountSoon(context, userId, requestId);
    return undone;
  });
}
