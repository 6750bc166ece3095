import type { Transaction } from '../client.ts';
import { sourceCode } from '../play-source.ts';
import { type PlayObservation, RECONCILE_WINDOW_MS, type Reconciliation, reconcile } from './reconcile.ts';
import { withoutRemoved } from './removed.ts';
import { applyRollup } from './rollup.ts';
import { deletePlays, insertPlays, playsNear } from './stored-plays.ts';

export interface IngestResult {
  /** New plays. */
  readonly stored: number;
  /** Plays that were known and became better known. */
  readonly merged: number;
  /** Observations that said nothing new. */
  readonly duplicates: number;
}

/** Whatever writes plays of one listener does so one after another; the lock ends with the transaction. */
export async function lockHistory(tx: Transaction, userId: number): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock(hashtext($1), $2)', ['plays', userId]);
}

/** What became of a batch, with the stored plays that changed. */
export interface DetailedIngest extends IngestResult {
  readonly updates: Reconciliation['updates'];
}

/** {@link ingestPlays}, telling also which plays it changed and how. */
export async function ingestInDetail(
  tx: Transaction,
  userId: number,
  observations: readonly PlayObservation[],
): Promise<DetailedIngest> {
  if (observations.length === 0) return { stored: 0, merged: 0, duplicates: 0, updates: [] };
  await lockHistory(tx, userId);
  const wanted = await withoutRemoved(tx, userId, observations);
  if (wanted.length === 0) return { stored: 0, merged: 0, duplicates: observations.length, updates: [] };
  const { inserts, updates, duplicates } = reconcile(
    await playsNear(tx, userId, wanted, RECONCILE_WINDOW_MS),
    wanted,
    sourceCode,
  );
  const before = updates.map((update) => update.before);
  const after = updates.map((update) => update.after);
  // A changed start changes the key, so a change is a removal and an insertion.
  await deletePlays(tx, userId, before);
  await insertPlays(tx, userId, [...inserts, ...after]);
  await applyRollup(tx, userId, { added: [...inserts, ...after], removed: before });
  return {
    stored: inserts.length,
    merged: updates.length,
    duplicates: duplicates + observations.length - wanted.length,
    updates,
  };
}

/**
 * Stores what a source told of one listener's plays, each listen once whatever saw it (see
 * {@link reconcile}), and keeps the daily rollups in step. Runs inside the caller's transaction, so
 * that a cursor or checkpoint moves together with the plays. Running it again changes nothing.
 */
export async function ingestPlays(
  tx: Transaction,
  userId: number,
  observations: readonly PlayObservation[],
): Promise<IngestResult> {
  const { stored, merged, duplicates } = await ingestInDetail(tx, userId, observations);
  return { stored, merged, duplicates };
}
