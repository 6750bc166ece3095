import { defineConfig, defineTopic, variable } from '@spindle/service-kit';
import { workerTopics } from '@spindle/worker-kit';
import { z } from 'zod';
import { type ArchiveLimits, DEFAULT_LIMITS } from './archive/limits.ts';

/** How much an uploaded archive may hold. */
const limitsTopic = defineTopic(
  'Imports',
  {
    maxUnpackedMegabytes: variable('IMPORT_MAX_UNPACKED_MB', {
      doc: 'How much the files of one uploaded zip may come to when unpacked, in MiB.',
      read: z
        .string()
        .regex(/^[1-9]\d{0,6}$/, 'expected a whole number of MiB from 1 to 9999999')
        .transform(Number),
      fallback: String(DEFAULT_LIMITS.maxUnpackedBytes / 2 ** 20),
    }),
  },
  ({ maxUnpackedMegabytes }): ArchiveLimits => ({
    ...DEFAULT_LIMITS,
    maxUnpackedBytes: maxUnpackedMegabytes * 2 ** 20,
  }),
);

export const readConfig = defineConfig({ ...workerTopics, limits: limitsTopic });
