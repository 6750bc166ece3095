import { findTodaysPoint, storeTrackerPoint } from '@spindle/db';
import { readLikedSongs } from '@spindle/library';
import type { Processor } from '@spindle/queues';
import { BadResponse } from '@spindle/spotify';
import type { StatsContext } from './context.ts';
import { sayWhy } from './say-why.ts';

/** Takes a listener's datapoint of today, unless that was done. */
export const tracker: Processor<StatsContext, 'stats', 'tracker'> = (context, { userId }, job) =>
  sayWhy(job, async () => {
    const { db, spotify, clock } = context;
    const known = await findTodaysPoint(db.pool, userId, clock.now());
    if (known) return known;
    const asking = { lane: 'trackers', signal: job.signal } as const;
    const { total: likedTracks } = await readLikedSongs(context, userId, {
      ...asking,
      onPage: () => job.takeTurns(),
    });
    const { total: playlists } = await spotify.as(userId, asking).myPlaylists({ limit: 1 });
    if (typeof playlists !== 'number') throw new BadResponse('GET /v1/me/playlists: total: is missing');
    const point = { likedTracks, playlists };
    await storeTrackerPoint(db.pool, userId, point, clock.now());
    return point;
  });
