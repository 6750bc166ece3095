import type { Clock } from '@spindle/service-kit';

/** How often the due readings are looked for. On a fast clock not more often than a machine likes. */
const DISPATCH_EVERY_MS = 1_000;
const LEAST_WALL_MS = 250;
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

/** The whole table of recurring work; what stands in Redis and not here is removed. */
export function schedules(clock: Pick<Clock, 'toWallMs'>) {
  const wall = (ms: number) => Math.max(LEAST_WALL_MS, Math.round(clock.toWallMs(ms)));
  return [
    { id: 'dispatch-due', queue: 'sync', job: 'dispatch-due', payload: {}, everyMs: wall(DISPATCH_EVERY_MS) },
    {
      id: 'metadata',
      queue: 'sync',
      job: 'metadata',
      payload: {},
      everyMs: Math.max(1_000, wall(5 * 60_000)),
    },
    {
      id: 'relay-due',
      queue: 'sync',
      job: 'relay-due',
      payload: {},
      everyMs: Math.max(1_000, wall(RELAY_DUE_EVERY_MS)),
    },
    {
      id: 'consent-warnings',
      queue: 'sync',
      job: 'consent-warnings',
      payload: {},
      everyMs: Math.max(1_000, wall(CONSENT_WARNINGS_EVERY_MS)),
    },
    {
      id: 'run-schedules',
      queue: 'shuffle-playlist',
      job: 'run-schedules',
      payload: {},
      everyMs: Math.max(1_000, wall(RUN_SCHEDULES_EVERY_MS)),
    },
    { id: 'rooms-due', queue: 'party', job: 'rooms-due', payload: {}, everyMs: wall(ROOMS_DUE_EVERY_MS) },
    {
      id: 'sweep-stale',
      queue: 'stats',
      job: 'sweep-stale',
      payload: {},
      everyMs: Math.max(1_000, wall(SWEEP_STALE_EVERY_MS)),
    },
    {
      id: 'update-trackers',
      queue: 'stats',
      job: 'update-trackers',
      payload: {},
      everyMs: Math.max(1_000, wall(UPDATE_TRACKERS_EVERY_MS)),
    },
    ...(['sync', 'stats'] as const).map((queue) => ({
      id: `watch-${queue}`,
      queue,
      job: 'watch-instance' as const,
      payload: {},
      everyMs: Math.max(1_000, wall(WATCH_EVERY_MS)),
    })),
  ] as const;
}
