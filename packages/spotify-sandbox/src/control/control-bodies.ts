import { z } from 'zod';
import type { FaultRule } from '../faults/fault-rules.ts';
import type { AppOptions } from '../options.ts';
import type { PersonOptions } from '../people/person-options.ts';
import type { GivenPlaylist } from './library-changes.ts';
import type { ScriptStep } from './script-steps.ts';

/** What the control API reads. Unknown fields are refused, so that a misspelt one does not pass for obeyed. */

const product = z.enum(['premium', 'free']);
const rate = z.number().min(0).max(1);

/** Leaves out what is undefined, which is what the options mean by "not given". */
const compact = <T extends object>(value: object): T =>
  Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as T;

export const productBody = z.strictObject({ product });
export const premiumBody = z.strictObject({ premium: z.boolean() });

export const clockBody = z
  .strictObject({ set: z.iso.datetime({ offset: true }).optional(), advanceMs: z.number().min(0).optional() })
  .refine(
    (move) => (move.set === undefined) !== (move.advanceMs === undefined),
    'give either set or advanceMs',
  );

export const personBody: z.ZodType<PersonOptions> = z
  .strictObject({
    id: z.string(),
    displayName: z.string().optional(),
    email: z.string().optional(),
    country: z.string().length(2).optional(),
    product: product.optional(),
    listening: z.enum(['model', 'quiet']).optional(),
    profile: z
      .strictObject({
        timeZone: z.string(),
        wakeHour: z.number(),
        sleepHour: z.number(),
        tracksPerDay: z.number().min(0),
        alwaysListening: z.boolean(),
        skipRate: rate,
        pauseRate: rate,
        repeatRate: rate,
        privateSessionRate: rate,
        podcastRate: rate,
        shuffleRate: rate,
      })
      .partial()
      .optional(),
    recentlyPlayed: z
      .strictObject({
        shortestMs: z.number(),
        windowSize: z.number(),
        lagMedianMs: z.number(),
        lagSpread: z.number(),
        longLagChance: rate,
        longLagFromMs: z.number(),
        longLagToMs: z.number(),
        lossChance: rate,
        playedAt: z.enum(['end', 'start']),
      })
      .partial()
      .optional(),
    historyDays: z.number().min(0).optional(),
    crossfadeMs: z.number().min(0).optional(),
    likedSongs: z.number().int().min(0).optional(),
  })
  .transform((value) => compact<PersonOptions>(value));

export const appBody: z.ZodType<AppOptions> = z
  .strictObject({
    clientId: z.string().min(1),
    clientSecret: z.string().min(1),
    name: z.string().optional(),
    developerId: z.string().optional(),
    mode: z.enum(['development', 'extended']).optional(),
    redirectUris: z.array(z.string()).optional(),
    allowList: z.array(z.string()).optional(),
  })
  .transform((value) => compact<AppOptions>(value));

const at = z.union([z.number(), z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))]);
const repeat = z.enum(['off', 'context', 'track']);

const step = z.discriminatedUnion('action', [
  z.strictObject({
    at,
    action: z.literal('play'),
    contextUri: z.string().optional(),
    uris: z.array(z.string()).optional(),
    offset: z.number().int().min(0).optional(),
    positionMs: z.number().min(0).optional(),
    deviceId: z.string().optional(),
    shuffle: z.boolean().optional(),
    repeat: repeat.optional(),
    privateSession: z.boolean().optional(),
    autoplay: z.boolean().optional(),
    forMs: z.number().min(0).optional(),
  }),
  z.strictObject({ at, action: z.enum(['pause', 'resume', 'skip', 'previous', 'stop']) }),
  z.strictObject({ at, action: z.literal('seek'), positionMs: z.number().min(0) }),
  z.strictObject({ at, action: z.literal('repeat'), mode: repeat }),
  z.strictObject({ at, action: z.enum(['shuffle', 'privateSession']), on: z.boolean() }),
  z.strictObject({ at, action: z.literal('enqueue'), uri: z.string() }),
  z.strictObject({ at, action: z.literal('transfer'), deviceId: z.string(), play: z.boolean().optional() }),
]);

export const scriptBody = z.strictObject({
  steps: z.array(step.transform((value) => compact<ScriptStep>(value))),
});

export const playlistBody: z.ZodType<GivenPlaylist> = z
  .strictObject({
    name: z.string().min(1),
    uris: z.array(z.string().nullable()),
    ownerId: z.string().optional(),
    collaborative: z.boolean().optional(),
    public: z.boolean().optional(),
    addedAtMs: z.array(z.number()).optional(),
  })
  .transform((value) => compact<GivenPlaylist>(value));

export const likeBody = z.strictObject({ ids: z.array(z.string()), at: at.optional() });
export const unlikeBody = z.strictObject({ ids: z.array(z.string()) });
export const trackBody = z.strictObject({
  unplayable: z.boolean().optional(),
  takenOff: z.boolean().optional(),
});

const fault = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('rate-limit'),
    retryAfterSeconds: z.number().nullable().optional(),
    quota: z.boolean().optional(),
  }),
  z.strictObject({
    kind: z.literal('server-error'),
    status: z.union([z.literal(500), z.literal(502), z.literal(503), z.literal(504)]).optional(),
    html: z.boolean().optional(),
  }),
  z.strictObject({ kind: z.literal('slow'), delayMs: z.number().min(0) }),
  z.strictObject({ kind: z.literal('drop'), when: z.enum(['before', 'after']) }),
  z.strictObject({ kind: z.literal('not-json'), truncated: z.boolean().optional() }),
  z.strictObject({ kind: z.literal('invalid-grant'), description: z.string().optional() }),
  z.strictObject({ kind: z.literal('premium-required') }),
  z.strictObject({ kind: z.literal('item-null') }),
]);

export const faultBody = z
  .strictObject({
    fault: fault.transform((value) => compact<FaultRule['fault']>(value)),
    path: z.string().optional(),
    method: z.string().optional(),
    personId: z.string().optional(),
    clientId: z.string().optional(),
    probability: rate.optional(),
    skip: z.number().int().min(0).optional(),
    count: z.number().int().min(1).optional(),
    fromMs: z.number().optional(),
    untilMs: z.number().optional(),
  })
  .transform((value) => compact<FaultRule>(value));

const number = z.coerce.number().optional();
export const callFilterQuery = z
  .object({
    fromMs: number,
    toMs: number,
    status: number,
    bucket: z.string().optional(),
    clientId: z.string().optional(),
    developerId: z.string().optional(),
    personId: z.string().optional(),
    method: z.string().optional(),
    pathPrefix: z.string().optional(),
  })
  .transform((value) => compact(value));
