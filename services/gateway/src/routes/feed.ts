import { createHash } from 'node:crypto';
import { getFeed } from '@spindle/contracts';
import { loadFeed, loadSettings } from '@spindle/db';
import { problems } from '@spindle/service-kit';
import type { Authenticate } from '../auth/authenticate.ts';
import { authorize } from '../auth/authorize.ts';
import type { GatewayContext } from '../context.ts';
import type { Mount } from '../mount.ts';
import { holds } from '../statistics-answers.ts';

/** Where the web app shows the feed; `/feed` itself is the API's. */
const FEED_PAGE = '/live';

/** The feed of those who share, for those whom the operator lets see it. */
export function mountFeed(mount: Mount, context: GatewayContext, authenticate: Authenticate): void {
  const { db, clock, config } = context;

  mount.raw(getFeed, async (_input, { request, response }) => {
    response.vary('Accept');
    if (request.path === '/feed' && request.accepts(['json', 'html']) === 'html') {
      response.redirect(302, FEED_PAGE);
      return;
    }
    const { feedPublic } = await loadSettings(db.pool);
    if (!feedPublic) {
      const caller = await authenticate(request, response);
      if (caller.kind === 'anonymous') {
        throw problems.unauthenticated('The feed of this instance is for those who are signed in.', {
          code: 'feed-closed',
        });
      }
      authorize(caller, { auth: 'user', scope: 'read' });
    }
    const answer = { items: await loadFeed(db.pool, clock.now()), closed: !feedPublic };
    const strict = config.base.environment !== 'production';
    const body = JSON.stringify(strict && getFeed.response ? getFeed.response.parse(answer) : answer);
    const state = createHash('sha256').update(body).digest('base64url').slice(0, 27);
    response.setHeader('cache-control', feedPublic ? 'no-cache' : 'private, no-cache');
    response.setHeader('etag', `W/"${state}"`);
    if (holds(request.get('if-none-match'), state)) response.status(304).end();
    else response.type('json').send(body);
  });
}
