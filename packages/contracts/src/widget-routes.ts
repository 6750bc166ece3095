import { z } from 'zod';
import { nowPlayingSchema } from './now-playing.ts';
import { idSchema, timestampSchema } from './primitives.ts';
import { defineRoute } from './route.ts';
import { widgetQuery } from './widgets.ts';

/** An address of cards that its listener gave out and can take back. */
export const widgetLinkSchema = z.object({
  id: idSchema,
  name: z.string(),
  /** Part of the addresses; whoever knows it sees the cards. */
  key: z.string(),
  createdAt: timestampSchema,
});
export type WidgetLink = z.infer<typeof widgetLinkSchema>;

export const WIDGET_LINK_NAME_LENGTH = 60;

const mine = { tag: 'Widgets', auth: 'user' } as const;
const anybody = { method: 'get', tag: 'Widgets', auth: 'public', limit: 'public' } as const;

export const listWidgetLinks = defineRoute({
  ...mine,
  method: 'get',
  id: 'listWidgetLinks',
  path: '/api/widgets',
  summary: 'The addresses of cards that I gave out',
  scope: 'read',
  limit: 'read',
  response: z.object({ items: z.array(widgetLinkSchema) }),
});

export const createWidgetLink = defineRoute({
  ...mine,
  method: 'post',
  id: 'createWidgetLink',
  path: '/api/widgets',
  summary: 'A new address of cards',
  scope: 'write',
  limit: 'write',
  body: z.strictObject({ name: z.string().trim().min(1).max(WIDGET_LINK_NAME_LENGTH) }),
  status: 201,
  response: widgetLinkSchema,
});

export const deleteWidgetLink = defineRoute({
  ...mine,
  method: 'delete',
  id: 'deleteWidgetLink',
  path: '/api/widgets/:id',
  summary: 'Take an address back: its cards say that it is gone',
  scope: 'write',
  limit: 'write',
  params: z.object({ id: idSchema }),
});

/** Keys, kinds and options are judged by the card itself, which is an answer even where they are wrong. */
const keyParam = z.string().max(60);
const kindParam = z.string().max(60);
const anyQuery = z.looseObject(
  Object.fromEntries(Object.keys(widgetQuery.shape).map((name) => [name, z.unknown().optional()])),
);
const card = { ...anybody, query: anyQuery, produces: 'image/svg+xml', takesAnyText: true } as const;

export const getWidgetCard = defineRoute({
  ...card,
  id: 'getWidgetCard',
  path: '/api/widgets/:key/:kind.svg',
  summary: 'A card of whoever gave out the key; always a picture, whatever is wrong',
  params: z.object({ key: keyParam, kind: kindParam }),
});

export const getUserCard = defineRoute({
  ...card,
  id: 'getUserCard',
  path: '/api/users/:handle/:kind.svg',
  summary: 'A card of somebody, of what they show to anybody; always a picture',
  params: z.object({ handle: z.string().max(60), kind: kindParam }),
});

export const getOwnerCard = defineRoute({
  ...card,
  id: 'getOwnerCard',
  path: '/api/now-playing.svg',
  aliases: ['/spotify/now-playing.svg'],
  summary: "What the instance's owner plays, as a picture",
});

export const getOwnerGrid = defineRoute({
  ...card,
  id: 'getOwnerGrid',
  path: '/dashboard/grid.svg',
  aliases: ['/dashboard/grid'],
  summary: "Hours of the week of the instance's owner, where they show their figures, as a picture",
});

export const getWidgetNowPlaying = defineRoute({
  ...anybody,
  id: 'getWidgetNowPlaying',
  path: '/api/widgets/:key/now-playing',
  summary: 'What whoever gave out the key plays now',
  params: z.object({ key: keyParam }),
  response: nowPlayingSchema,
});

export const getEmbed = defineRoute({
  ...anybody,
  id: 'getEmbed',
  path: '/embed/:key/:kind',
  summary: 'A page without script that shows a card, for an iframe',
  params: z.object({ key: keyParam, kind: kindParam }),
  query: anyQuery,
  takesAnyText: true,
  produces: 'text/html',
});

/** https://oembed.com */
export const getOembed = defineRoute({
  ...anybody,
  id: 'getOembed',
  path: '/oembed',
  summary: 'How to embed the address of a card or of an embed page (oEmbed, type rich)',
  query: z.object({
    url: z.url().max(2_000),
    format: z.literal('json').default('json'),
    maxwidth: z.coerce.number().int().min(100).max(4_000).optional(),
    maxheight: z.coerce.number().int().min(20).max(4_000).optional(),
  }),
  response: z.object({
    version: z.literal('1.0'),
    type: z.literal('rich'),
    provider_name: z.string(),
    provider_url: z.string(),
    title: z.string(),
    html: z.string(),
    width: z.number().int(),
    height: z.number().int(),
    cache_age: z.number().int(),
  }),
});
