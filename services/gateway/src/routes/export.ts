import { exportPlays } from '@spindle/contracts';
import { loadCaller } from '@spindle/db';
import { problems } from '@spindle/service-kit';
import { listenerId } from '../caller.ts';
import type { GatewayContext } from '../context.ts';
import type { Mount } from '../mount.ts';
import { streamPlays } from '../play-export-stream.ts';

export function mountExport(mount: Mount, { db, clock }: GatewayContext): void {
  mount.raw(exportPlays, async ({ query }, { caller, response }) => {
    const userId = listenerId(caller);
    const user = await loadCaller(db, userId);
    if (!user) throw problems.notFound('There is no such user any more.');
    await streamPlays(db, { userId, handle: user.handle, format: query.format, now: clock.now() }, response);
  });
}
