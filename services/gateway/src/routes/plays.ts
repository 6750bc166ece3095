import { deletePlay, listPlays } from '@spindle/contracts';
import { changePlays, decodePlayCursor, decodePlayId, listPlays as readPlays } from '@spindle/db';
import { problems } from '@spindle/service-kit';
import { listenerId } from '../caller.ts';
import type { GatewayContext } from '../context.ts';
import type { Mount } from '../mount.ts';

const number = (id: string | undefined): number | undefined => (id === undefined ? undefined : Number(id));

function readCursor(text: string | undefined) {
  if (text === undefined) return undefined;
  const after = decodePlayCursor(text);
  if (after) return after;
  throw problems.validation('The cursor is not one that this list gave out.', {
    errors: [{ path: 'query.cursor', message: 'must be the nextCursor of an earlier page' }],
  });
}

export function mountPlays(mount: Mount, context: GatewayContext): void {
  const { db, clock } = context;

  mount.route(listPlays, ({ query }, { caller }) =>
    readPlays(db, {
      userId: listenerId(caller),
      limit: query.limit,
      after: readCursor(query.cursor),
      from: query.from,
      to: query.to,
      trackId: number(query.track),
      artistId: number(query.artist),
      albumId: number(query.album),
      words: query.q,
      source: query.source,
      counted: query.counted,
    }),
  );

  mount.route(deletePlay, async ({ params }, { caller }) => {
    const key = decodePlayId(params.id);
    if (!key || (await changePlays(db, listenerId(caller), 'delete', [key], clock.now())) === 0) {
      throw problems.notFound('You have no such play.');
    }
  });
}
