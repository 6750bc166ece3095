import {
  type ConfigOf,
  defineConfig,
  defineTopic,
  optionalVariable,
  topics,
  variable,
} from '@spindle/service-kit';
import { z } from 'zod';

const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `expected a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `expected a whole number from ${min} to ${max}`);

const MEGABYTE = 1_048_576;

/** What people may upload. */
const uploads = defineTopic(
  'Uploads',
  {
    maxFileMb: variable('IMPORT_MAX_FILE_MB', {
      doc: 'The largest file of an import, in MB.',
      read: wholeNumber(1, 100_000),
      fallback: '512',
    }),
    maxFiles: variable('IMPORT_MAX_FILES', {
      doc: 'How many files one import may have.',
      read: wholeNumber(1, 1_000),
      fallback: '50',
    }),
  },
  ({ maxFileMb, maxFiles }) => ({ maxFileBytes: maxFileMb * MEGABYTE, maxFiles }),
);

/** What is this instance's own. */
const instance = defineTopic('Instance', {
  name: variable('INSTANCE_NAME', {
    doc: 'What the instance is called on its pages.',
    read: z.string().max(60, 'at most 60 characters'),
    fallback: 'Spindle',
  }),
  rateLimitScale: variable('RATE_LIMIT_SCALE', {
    doc: 'Multiplies all rate limits of the API; 0 switches them off.',
    read: z
      .string()
      .regex(/^\d{1,4}(\.\d{1,3})?$/, 'expected a number from 0 to 9999')
      .transform(Number),
    fallback: '1',
  }),
});

/**
 * The gateway answers probes and scrapes on its own port; a second one, when it is told of it, needs no
 * credential and lies where no proxy leads to.
 */
const ops = defineTopic('Health and metrics', {
  port: optionalVariable('OPS_PORT', {
    doc: 'A port for /healthz, /readyz and /metrics alone.',
    read: wholeNumber(0, 65_535),
    example: '9464',
  }),
  host: topics.opsHost,
});

/** Everything that the gateway reads from its environment. */
export const readConfig = defineConfig({
  base: topics.base,
  ops,
  figures: topics.figures,
  tracing: topics.tracing,
  web: topics.web,
  database: topics.database,
  replica: topics.replica,
  redis: topics.redis,
  secrets: topics.secrets,
  spotify: topics.spotify,
  operators: topics.operators,
  uploads,
  instance,
});
export type Config = ConfigOf<typeof readConfig>;
