import {
  getProfile,
  getProfileClock,
  getProfilePlays,
  getProfileSummary,
  getProfileTimeline,
  getProfileTop,
  type PublicProfile,
} from '@spindle/contracts';
import { findPublicProfile, loadClock, loadTimeline, publicPlays, summarize } from '@spindle/db';
import { problems } from '@spindle/service-kit';
import type { GatewayContext } from '../context.ts';
import type { Mount } from '../mount.ts';
import type { StatisticsMount } from '../statistics-answers.ts';
import { rangeOf, topPage } from './statistics.ts';

type Part = keyof PublicProfile['parts'];

/** Profiles for anybody. A part that is off answers like a listener who does not exist. */
export function mountPublicProfile(mount: Mount, statistics: StatisticsMount, context: GatewayContext): void {
  const { db, clock } = context;

  async function find(handle: string, part?: Part) {
    const found = await findPublicProfile(db.pool, handle, clock.now());
    if (!found || (part && !found.profile.parts[part]))
      throw problems.notFound('Nobody of this name shows that here.');
    return found;
  }
  const withStats = async ({ params }: { readonly params: { readonly handle: string } }) =>
    (await find(params.handle, 'stats')).userId;

  mount.route(getProfile, async ({ params }) => (await find(params.handle)).profile);

  mount.route(getProfilePlays, async ({ params, query }) => {
    const { userId } = await find(params.handle, 'recent');
    return { items: await publicPlays(db.pool, userId, query.limit) };
  });

  statistics.of(getProfileSummary, withStats, async ({ query }, listener, now, reads) => {
    const {
      gaps: _gaps,
      counting: _counting,
      ...shown
    } = await summarize(reads, listener, rangeOf(query, listener, now), now);
    return shown;
  });

  statistics.of(getProfileTop, withStats, ({ params, query }, listener, now, reads) =>
    topPage(reads, { ...query, kind: params.kind }, listener, now),
  );

  statistics.of(getProfileTimeline, withStats, async ({ query }, listener, now, reads) => {
    const { gaps: _gaps, ...shown } = await loadTimeline(
      reads,
      listener,
      rangeOf(query, listener, now),
      query.by,
    );
    return shown;
  });

  statistics.of(getProfileClock, withStats, ({ query }, listener, now, reads) =>
    loadClock(reads, listener, rangeOf(query, listener, now)),
  );
}
