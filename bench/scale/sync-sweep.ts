import type { SweepResult } from '@spindle/contracts';
import { openSyncRun } from '@spindle/db';
import { createProducer, isFinished } from '@spindle/queues';
import { systemClock } from '@spindle/service-kit';
import { createTestDatabase } from '@spindle/testkit';
import { startWorkers } from '../service-process.ts';
import { createWorld } from '../spotify-world.ts';
import { measureUse, type Use } from './machine.ts';

export interface SweepRun extends Use {
  readonly listeners: number;
  readonly plays: number;
  /** Why a listener's reading failed; null when none did. */
  readonly failure: string | null;
  /** Plays that Spotify offered and PostgreSQL has not. */
  readonly missing: number;
}

/**
 * A sweep over listeners on so many sync workers, from an empty database: the first, in which everybody has
 * fifty plays to be stored with all that is to know of their tracks, or the one after it, in which there is
 * hardly anything new, as in nearly all sweeps.
 */
export async function sweep(options: {
  readonly redisUrl: string;
  readonly workers: number;
  readonly listeners: number;
  readonly which: 'first' | 'next';
  /** What Spotify takes for an answer, ms. */
  readonly delayMs: number;
}): Promise<SweepRun> {
  const store = await createTestDatabase();
  const prefix = `{bench-sweep-${process.pid}-${options.workers}-${options.which}}`;
  const world = await createWorld({
    databaseUrl: store.url,
    redisUrl: options.redisUrl,
    prefix,
    listeners: options.listeners,
    habits: { listening: 'model', historyDays: 3, likedSongs: 0, profile: { tracksPerDay: 60 } },
    delayMs: options.delayMs,
  });
  const producer = createProducer({ redisUrl: options.redisUrl, prefix, clock: systemClock });
  const workers = await startWorkers('sync-worker', options.workers, world.environment);
  try {
    const run = async (): Promise<SweepResult> => {
      const runId = await openSyncRun(world.db, systemClock.now());
      const { id } = await producer.add('sync', 'sync-all', { runId }, { requestId: 'bench' });
      for (;;) {
        const view = await producer.waitFor(id, 60_000);
        if (!view) throw new Error('the sweep is gone');
        if (!isFinished(view)) continue;
        if (view.state !== 'succeeded') throw new Error(`the sweep failed: ${JSON.stringify(view.failure)}`);
        return view.result as SweepResult;
      }
    };
    if (options.which === 'next') await run();
    let outcome: SweepResult | undefined;
    const use = await measureUse(workers, async () => {
      outcome = await run();
    });
    const { rows } = await world.db.pool.query<{ spotify_id: string; plays: number }>(
      `SELECT u.spotify_id, count(p.user_id)::int AS plays FROM users u LEFT JOIN plays p ON p.user_id = u.id GROUP BY 1`,
    );
    const stored = new Map(rows.map((row) => [row.spotify_id, row.plays]));
    const missing = world.people.reduce((sum, person) => {
      const offered = Math.min(50, world.sandbox.groundTruth.offeredPlays(person).length);
      return sum + Math.max(0, offered - (stored.get(person) ?? 0));
    }, 0);
    return {
      ...use,
      listeners: options.listeners,
      plays: outcome?.playsSynced ?? 0,
      failure: outcome?.errors[0]?.error ?? null,
      missing,
    };
  } finally {
    await Promise.all(workers.map((one) => one.stop()));
    await producer.close();
    await world.close();
    await store.drop();
  }
}
