import { z } from 'zod';
import { timestampSchema } from './primitives.ts';
import { defineRoute } from './route.ts';

/** `ntfy`: a topic of ntfy.sh or of a server of one's own. `webhook`: JSON, as Discord and Slack take it too. */
export const NOTICE_KINDS = ['ntfy', 'webhook'] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** Where I am told what needs me. Of the address only the host is ever shown. */
export const noticeTargetSchema = z.object({
  kind: z.enum(NOTICE_KINDS),
  host: z.string(),
  lastError: z.object({ message: z.string(), at: timestampSchema }).nullable(),
});
export type NoticeTarget = z.infer<typeof noticeTargetSchema>;

const base = { tag: 'User', auth: 'user', path: '/api/notices' } as const;

export const getNoticeTarget = defineRoute({
  ...base,
  method: 'get',
  id: 'getNoticeTarget',
  summary: 'Where I am warned before my consent at Spotify ends',
  scope: 'read',
  limit: 'read',
  response: z.object({ target: noticeTargetSchema.nullable() }),
});

export const saveNoticeTarget = defineRoute({
  ...base,
  method: 'put',
  id: 'saveNoticeTarget',
  summary: 'Warn me there, 30, 7 and 1 days before and when it ends',
  scope: 'write',
  limit: 'write',
  body: z.strictObject({
    kind: z.enum(NOTICE_KINDS),
    url: z
      .url({ protocol: /^https?$/, error: 'must be an address that begins with https:// or http://' })
      .max(500),
  }),
  response: z.object({ target: noticeTargetSchema }),
});

export const deleteNoticeTarget = defineRoute({
  ...base,
  method: 'delete',
  id: 'deleteNoticeTarget',
  summary: 'Do not warn me anywhere but on the pages here, and forget the address',
  scope: 'write',
  limit: 'write',
});

export const testNotice = defineRoute({
  ...base,
  method: 'post',
  id: 'testNotice',
  path: '/api/notices/test',
  summary: 'Send me a notice now, to try it',
  scope: 'write',
  limit: 'enqueue',
  enqueues: true,
  response: z.object({ sent: z.literal(true) }),
});
