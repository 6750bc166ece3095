import type { Handlers } from '@spindle/queues';
import type { StatsContext } from './context.ts';
import { recount } from './recount.ts';
import { sweepStale } from './sweep-stale.ts';

export const handlers: Handlers<StatsContext, 'stats'> = { recount, 'sweep-stale': sweepStale };
