import type { Handlers } from '@spindle/queues';
import type { ImportContext } from './context.ts';
import { importPlays } from './import-plays.ts';

export const handlers: Handlers<ImportContext, 'imports'> = { import: importPlays };

/** An import goes on where its worker was killed, so that a restart costs a batch and no more. */
export const MAX_STALLS = 20;
