import { z } from 'zod';
import { idSchema, pageOf, pageQueryShape, timestampSchema } from './primitives.ts';
import { defineRoute } from './route.ts';

export const INVITATION_STATES = ['open', 'used-up', 'expired', 'revoked'] as const;

export const invitationSchema = z.object({
  id: idSchema,
  /** First characters of its token. */
  hint: z.string(),
  note: z.string().nullable(),
  /** The Spotify app that it names; null: one with a free seat. */
  app: z.string().nullable(),
  state: z.enum(INVITATION_STATES),
  uses: z.number().int(),
  maxUses: z.number().int(),
  createdAt: timestampSchema,
  expiresAt: timestampSchema,
  /** The admin who made it; null: the operator, or somebody who is gone. */
  createdBy: z.string().nullable(),
  /** Who came by it. */
  invited: z.array(z.object({ id: idSchema, handle: z.string(), displayName: z.string() })),
});
export type InvitationView = z.infer<typeof invitationSchema>;

export const listInvitations = defineRoute({
  id: 'listInvitations',
  method: 'get',
  path: '/api/admin/invitations',
  tag: 'Admin',
  summary: 'Invitations to this instance, newest first',
  auth: 'admin',
  limit: 'read',
  query: z.strictObject(pageQueryShape),
  response: pageOf(invitationSchema),
});

export const createInvitation = defineRoute({
  id: 'createInvitation',
  method: 'post',
  path: '/api/admin/invitations',
  tag: 'Admin',
  summary: 'Make a link that lets people register; it is shown this once',
  auth: 'admin',
  limit: 'write',
  status: 201,
  body: z.strictObject({
    /** Whoever opens the link reads it. */
    note: z.string().trim().min(1).max(200).optional(),
    maxUses: z.number().int().min(1).max(500).default(1),
    /** How long the link is good. */
    days: z.number().int().min(1).max(365).default(7),
    /** A Spotify app by its id; one with a free seat is chosen otherwise. */
    app: z.string().max(60).optional(),
  }),
  response: invitationSchema.extend({
    /** The token is behind the `#`, which browsers send to nobody. */
    url: z.string(),
  }),
});

export const revokeInvitation = defineRoute({
  id: 'revokeInvitation',
  method: 'delete',
  path: '/api/admin/invitations/:id',
  tag: 'Admin',
  summary: 'Make a link good for nothing',
  auth: 'admin',
  limit: 'write',
  params: z.object({ id: idSchema }),
});

export const openInvitation = defineRoute({
  id: 'openInvitation',
  method: 'post',
  path: '/api/invitations/open',
  tag: 'Sign-in',
  summary: 'Show an invitation; the next sign-in of this browser may use it',
  auth: 'public',
  limit: 'sign-in',
  body: z.strictObject({ token: z.string().min(1).max(200) }),
  response: z.object({
    instance: z.string(),
    /** Null: the operator of the instance. */
    invitedBy: z.string().nullable(),
    note: z.string().nullable(),
    expiresAt: timestampSchema,
    /** Which of the instance's Spotify apps to sign in with; null when all its seats are taken. */
    app: z.string().nullable(),
  }),
});
