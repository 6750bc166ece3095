import type { Handlers } from '@spindle/queues';
import { testAlert, watchInstance } from '@spindle/worker-kit';
import { analysis } from './analysis.ts';
import type { StatsContext } from './context.ts';
import { recount } from './recount.ts';
import { sweepStale } from './sweep-stale.ts';
import { tracker } from './tracker.ts';
import { updateTrackers } from './update-trackers.ts';

export const handlers: Handlers<StatsContext, 'stats'> = {
  recount,
  'sweep-stale': sweepStale,
  analysis,
  tracker,
  'update-trackers': updateTrackers,
  'watch-instance': watchInstance,
  'test-alert': testAlert,
};
