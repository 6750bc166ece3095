import { refreshUserProfile } from '@spindle/db';
import type { Processor } from '@spindle/queues';
import { GiveUp } from '@spindle/service-kit';
import type { SyncContext } from './context.ts';
import { tellFeed } from './feed.ts';

/** Takes over the name and picture that Spotify has of a listener now. */
export const profile: Processor<SyncContext, 'sync', 'profile'> = async (context, { userId }, job) => {
  const me = await context.spotify.as(userId, { lane: 'interactive', signal: job.signal }).me();
  if (!me) throw new GiveUp({ code: 'upstream', message: 'Spotify told nothing of this account.' });
  const refreshed = await refreshUserProfile(context.db, userId, {
    accountId: me.account_id ?? null,
    spotifyId: me.id,
    displayName: me.display_name ?? null,
    imageUrl: me.images?.[0]?.url ?? null,
  });
  await tellFeed(context, userId);
  return refreshed;
};
