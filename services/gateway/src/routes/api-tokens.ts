import { randomBytes } from 'node:crypto';
import { createToken, deleteToken, listTokens } from '@spindle/contracts';
import { type ApiTokenRow, countApiTokens, createApiToken, deleteApiToken, listApiTokens } from '@spindle/db';
import { problems } from '@spindle/service-kit';
import { API_TOKEN_PREFIX } from '../auth/authenticate.ts';
import { listenerId } from '../caller.ts';
import type { GatewayContext } from '../context.ts';
import type { Mount } from '../mount.ts';

const MAX_TOKENS = 50;

function toView(row: ApiTokenRow) {
  return {
    id: String(row.id),
    name: row.name,
    hint: row.hint,
    scopes: [...row.scopes],
    createdAt: row.createdAt.toISOString(),
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    expiresAt: row.expiresAt?.toISOString() ?? null,
  };
}

export function mountApiTokens(mount: Mount, context: GatewayContext): void {
  const { db, clock } = context;

  mount.route(listTokens, async (_input, { caller }) => ({
    items: (await listApiTokens(db, listenerId(caller))).map(toView),
  }));

  mount.route(createToken, async ({ body }, { caller }) => {
    const userId = listenerId(caller);
    const now = clock.now();
    const expiresAt = body.expiresAt === undefined ? null : new Date(body.expiresAt);
    if (expiresAt && expiresAt <= now) {
      throw problems.validation('The token would have expired already.', {
        errors: [{ path: 'body.expiresAt', message: 'must be in the future' }],
      });
    }
    if ((await countApiTokens(db, userId)) >= MAX_TOKENS) {
      throw problems.conflict(`There are ${MAX_TOKENS} tokens already. Revoke one first.`, {
        code: 'too-many-tokens',
      });
    }
    const text = `${API_TOKEN_PREFIX}${randomBytes(32).toString('base64url')}`;
    const row = await createApiToken(db, userId, {
      text,
      name: body.name,
      scopes: body.scopes,
      expiresAt,
      now,
    });
    return { ...toView(row), token: text };
  });

  mount.route(deleteToken, async ({ params }, { caller }) => {
    if (!(await deleteApiToken(db, listenerId(caller), Number(params.id)))) {
      throw problems.notFound('You have no such token.');
    }
  });
}
