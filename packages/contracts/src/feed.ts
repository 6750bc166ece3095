import { z } from 'zod';
import { nowPlayingSchema } from './now-playing.ts';
import { defineRoute } from './route.ts';

export const getFeed = defineRoute({
  id: 'getFeed',
  method: 'get',
  path: '/api/feed',
  aliases: ['/feed'],
  tag: 'Now playing',
  summary: 'What everybody who shares plays now, newest change first',
  auth: 'public',
  limit: 'public',
  response: z.object({
    items: z.array(nowPlayingSchema).max(200),
    /** Whether only those who are signed in see this. */
    closed: z.boolean(),
  }),
});
