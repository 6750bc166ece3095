import { partyWorker } from './party.ts';
import type { TestGateway } from './test-gateway.ts';
import { startTestWorker } from './test-worker.ts';

/**
 * Stand in for the workers whose jobs some answers wait for. They store nothing, so that whatever changes
 * in the database was changed by the gateway.
 *
 * @returns what stops them
 */
export async function standInWorkers(gateway: TestGateway): Promise<() => Promise<void>> {
  const workers = [
    await partyWorker(gateway, {
      'room-search': async () => ({ trackIds: [] }),
      'room-track': async () => ({ trackId: null }),
    }),
    await startTestWorker(
      gateway.environment,
      'stats',
      { analysis: async () => ({ tracks: 0, madeAt: new Date().toISOString() }) },
      { concurrency: 2 },
    ),
  ];
  const swept = { totalUsers: 0, successful: 0, failed: 0, playsSynced: 0, errors: [] };
  await gateway.work({
    'sync-all': async () => swept,
    playlists: async () => ({ playlists: 0, likedTracks: 0 }),
  });
  return async () => {
    for (const worker of workers) await worker.close();
  };
}
