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

const settingsSchema = z.object({
  /** Whether people whom the instance does not know yet may sign in. */
  registration: z.enum(['open', 'closed']),
  /** Whether visitors may see the feed, too. */
  feedPublic: z.boolean(),
});

export const getInstanceSettings = defineRoute({
  id: 'getInstanceSettings',
  method: 'get',
  path: '/api/admin/settings',
  tag: 'Admin',
  summary: 'What admins decide for the instance',
  auth: 'admin',
  limit: 'read',
  response: settingsSchema,
});

export const updateInstanceSettings = defineRoute({
  id: 'updateInstanceSettings',
  method: 'patch',
  path: '/api/admin/settings',
  tag: 'Admin',
  summary: 'Change some of the settings of the instance',
  auth: 'admin',
  limit: 'write',
  body: z.strictObject(settingsSchema.partial().shape),
  response: settingsSchema,
});
