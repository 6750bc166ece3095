import { z } from 'zod';
import { trackSummarySchema } from './catalogue.ts';
import { playIdSchema } from './plays.ts';
import { idSchema, pageOf, pageQueryShape, timestampSchema } from './primitives.ts';
import { defineRoute } from './route.ts';
import { artistItemSchema } from './statistics.ts';

export const EXCLUSION_KINDS = ['artist', 'context', 'device', 'hours', 'session'] as const;

const hourSchema = z.number().int().min(0).max(23);

/** What is not to count. Nothing is deleted, and taking the rule away brings everything back. */
export const exclusionInputSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('artist'), artistId: idSchema }),
  /** A playlist, album or other origin of plays by its Spotify URI or address. */
  z.strictObject({ kind: z.literal('context'), context: z.string().trim().min(1).max(300) }),
  z.strictObject({ kind: z.literal('device'), device: z.string().trim().min(1).max(200) }),
  /** Plays that start from `fromHour` (included) to `toHour` (not) of the listener's day, over midnight where it is less. */
  z.strictObject({ kind: z.literal('hours'), fromHour: hourSchema, toHour: z.number().int().min(0).max(24) }),
  /** Plays that start in this stretch, both ends included. */
  z.strictObject({
    kind: z.literal('session'),
    from: z.iso.datetime({ offset: true }),
    to: z.iso.datetime({ offset: true }),
  }),
]);
export type ExclusionInput = z.infer<typeof exclusionInputSchema>;

export const exclusionSchema = z.object({
  id: idSchema,
  kind: z.enum(EXCLUSION_KINDS),
  createdAt: timestampSchema,
  /** Plays that this rule covers, whatever else covers them. */
  plays: z.number().int(),
  artist: artistItemSchema.nullable(),
  context: z.object({ uri: z.string(), type: z.string(), url: z.string().nullable() }).nullable(),
  device: z.string().nullable(),
  fromHour: z.number().int().nullable(),
  toHour: z.number().int().nullable(),
  from: timestampSchema.nullable(),
  to: timestampSchema.nullable(),
});
export type Exclusion = z.infer<typeof exclusionSchema>;

const read = { method: 'get', tag: 'Corrections', auth: 'user', scope: 'read', limit: 'read' } as const;
const write = { tag: 'Corrections', auth: 'user', scope: 'write', limit: 'write' } as const;

export const listExclusions = defineRoute({
  ...read,
  id: 'listExclusions',
  path: '/api/exclusions',
  summary: 'What does not count in my figures',
  response: z.object({
    items: z.array(exclusionSchema),
    /** Devices that my plays name, for choosing. */
    devices: z.array(z.object({ name: z.string(), plays: z.number().int() })),
  }),
});

export const createExclusion = defineRoute({
  ...write,
  method: 'post',
  id: 'createExclusion',
  path: '/api/exclusions',
  summary: 'Keep an artist, playlist, device, hours or a session out of my figures',
  status: 201,
  body: exclusionInputSchema,
  response: exclusionSchema,
});

export const deleteExclusion = defineRoute({
  ...write,
  method: 'delete',
  id: 'deleteExclusion',
  path: '/api/exclusions/:id',
  summary: 'Let it count again',
  params: z.object({ id: idSchema }),
});

/** Both ids stand for the same recording. */
export const mergeSchema = z.object({
  track: trackSummarySchema,
  into: trackSummarySchema,
  createdAt: timestampSchema,
});

export const listMerges = defineRoute({
  ...read,
  id: 'listMerges',
  path: '/api/merges',
  summary: 'Tracks whose plays I count as plays of another',
  response: z.object({ items: z.array(mergeSchema) }),
});

export const suggestMerges = defineRoute({
  ...read,
  id: 'suggestMerges',
  path: '/api/merges/suggestions',
  summary: 'Tracks of mine that seem to be the same recording',
  query: z.strictObject(pageQueryShape),
  response: pageOf(
    z.object({
      /** `isrc`: the recording has one international code; `name`: same name and artist, lengths within 3 s. */
      reason: z.enum(['isrc', 'name']),
      /** The most played first: the others would count for it. */
      tracks: z.array(z.object({ track: trackSummarySchema, plays: z.number().int() })),
    }),
  ),
});

export const createMerge = defineRoute({
  ...write,
  method: 'post',
  id: 'createMerge',
  path: '/api/merges',
  summary: 'Count the plays of tracks as plays of another',
  status: 201,
  body: z.strictObject({ trackIds: z.array(idSchema).min(1).max(50), intoId: idSchema }),
  response: z.object({ items: z.array(mergeSchema) }),
});

export const deleteMerge = defineRoute({
  ...write,
  method: 'delete',
  id: 'deleteMerge',
  path: '/api/merges/:id',
  summary: 'Take a merge back, by the id of the track that was merged',
  params: z.object({ id: idSchema }),
});

export const aliasSchema = z.object({
  artist: artistItemSchema,
  into: artistItemSchema,
  createdAt: timestampSchema,
});

export const listAliases = defineRoute({
  ...read,
  id: 'listArtistAliases',
  path: '/api/artist-aliases',
  summary: 'Artists whose plays I count for another',
  response: z.object({ items: z.array(aliasSchema) }),
});

export const createAlias = defineRoute({
  ...write,
  method: 'post',
  id: 'createArtistAlias',
  path: '/api/artist-aliases',
  summary: 'Count the plays of one artist for another',
  status: 201,
  body: z.strictObject({ artistId: idSchema, intoId: idSchema }),
  response: aliasSchema,
});

export const deleteAlias = defineRoute({
  ...write,
  method: 'delete',
  id: 'deleteArtistAlias',
  path: '/api/artist-aliases/:id',
  summary: 'Take an alias back, by the id of the artist that was the alias',
  params: z.object({ id: idSchema }),
});

export const changePlays = defineRoute({
  ...write,
  method: 'post',
  id: 'changePlays',
  path: '/api/plays/changes',
  summary: 'Hide, show or delete several plays at once',
  body: z.strictObject({
    action: z.enum(['hide', 'show', 'delete']),
    ids: z.array(playIdSchema).min(1).max(500),
  }),
  /** Plays that were changed; ids that name none are passed over. */
  response: z.object({ changed: z.number().int() }),
});
