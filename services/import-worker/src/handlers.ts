import type { Handlers } from '@spindle/queues';
import type { ImportContext } from './context.ts';
import { importPlays } from './import-plays.ts';

export const handlers: Handlers<ImportContext, 'imports'> = { import: importPlays };
