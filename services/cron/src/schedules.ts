import type { ScheduleEntry } from '@spindle/queues';

/** How often the due readings are looked for. */
const DISPATCH_EVERY_MS = 1_000;
/** How often histories are looked for whose figures wait for a recount. */
const SWEEP_STALE_EVERY_MS = 60_000;

/** How often listeners are looked for whose new plays are to be passed on. */
const RELAY_DUE_EVERY_MS = 60_000;

/** How often it is looked for playlists whose time has come. */
const RUN_SCHEDULES_EVERY_MS = 30_000;

/** How often it is looked for consents that end soon. */
const CONSENT_WARNINGS_EVERY_MS = 60 * 60_000;

/** How often listeners are looked for whose day has turned, so that their tracker's datapoint is due. */
const UPDATE_TRACKERS_EVERY_MS = 60 * 60_000;

/** How often party rooms are looked for at which something is to be done. */
const ROOMS_DUE_EVERY_MS = 1_000;

/** How often each of two workers looks whether anything goes wrong with the instance. */
const WATCH_EVERY_MS = 60_000;

/** How often missing metadata is looked for. */
const METADATA_EVERY_MS = 5 * 60_000;

/** The whole table of recurring work; what stands in Redis and not here is removed. */
export const SCHEDULES = [
  { id: 'dispatch-due', queue: 'sync', job: 'dispatch-due', payload: {}, everyMs: DISPATCH_EVERY_MS },
  { id: 'metadata', queue: 'sync', job: 'metadata', payload: {}, everyMs: METADATA_EVERY_MS },
  { id: 'relay-due', queue: 'sync', job: 'relay-due', payload: {}, everyMs: RELAY_DUE_EVERY_MS },
  {
    id: 'consent-warnings',
    queue: 'sync',
    job: 'consent-warnings',
    payload: {},
    everyMs: CONSENT_WARNINGS_EVERY_MS,
  },
  {
    id: 'run-schedules',
    queue: 'shuffle-playlist',
    job: 'run-schedules',
    payload: {},
    everyMs: RUN_SCHEDULES_EVERY_MS,
  },
  { id: 'rooms-due', queue: 'party', job: 'rooms-due', payload: {}, everyMs: ROOMS_DUE_EVERY_MS },
  { id: 'sweep-stale', queue: 'stats', job: 'sweep-stale', payload: {}, everyMs: SWEEP_STALE_EVERY_MS },
  {
    id: 'update-trackers',
    queue: 'stats',
    job: 'update-trackers',
    payload: {},
    everyMs: UPDATE_TRACKERS_EVERY_MS,
  },
  { id: 'watch-sync', queue: 'sync', job: 'watch-instance', payload: {}, everyMs: WATCH_EVERY_MS },
  { id: 'watch-stats', queue: 'stats', job: 'watch-instance', payload: {}, everyMs: WATCH_EVERY_MS },
] as const satisfies readonly ScheduleEntry[];
