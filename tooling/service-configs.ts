import { readConfig as cron } from '../services/cron/src/config.ts';
import { readConfig as gateway } from '../services/gateway/src/config.ts';
import { readConfig as importWorker } from '../services/import-worker/src/config.ts';
import { readConfig as partyWorker } from '../services/party-worker/src/config.ts';
import { readConfig as playlistWorker } from '../services/playlist-worker/src/config.ts';
import { readConfig as statsWorker } from '../services/stats-worker/src/config.ts';
import { readConfig as syncWorker } from '../services/sync-worker/src/config.ts';
import type { SERVICES } from './services.ts';

/** How each service reads its environment, by its name. */
export const SERVICE_CONFIGS = {
  'sync-worker': syncWorker,
  'import-worker': importWorker,
  'stats-worker': statsWorker,
  'playlist-worker': playlistWorker,
  'party-worker': partyWorker,
  cron,
  gateway,
} as const satisfies Record<(typeof SERVICES)[number], unknown>;
