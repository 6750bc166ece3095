import type { Transaction } from '../client.ts';
import { sourceCode } from '../play-source.ts';
import { applyExclusions } from '../statistics/exclusion-flags.ts';
import { countIn, countOut } from '../statistics/rollup.ts';
import { markStale, STALE } from '../statistics/state.ts';
import {
  namesTracks,
  type PlayObservation,
  RECONCILE_WINDOW_MS,
  type Reconciliation,
  reconcile,
} from './reconcile.ts';
import { withoutRemoved } from './removed.ts';
import { siblingsOf } from './siblings.ts';
import { deletePlays, insertPlays, playsNear } from './stored-plays.ts';

export interface IngestResult {
  /** New plays. */
  readonly stored: number;
  /** Plays that were known and became better known. */
  readonly merged: number;
  /** Observations that said nothing new. */
  readonly duplicates: number;
}

export interface IngestOptions {
  /**
   * Leave the rollups alone and ask for a recount instead: for imports, which bring plays by the
   * hundred thousand and end with one.
   */
  readonly recountLater?: boolean;
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
  options: IngestOptions = {},
): Promise<DetailedIngest> {
  if (observations.length === 0) return { stored: 0, merged: 0, duplicates: 0, updates: [] };
  await lockHistory(tx, userId);
  const wanted = await withoutRemoved(tx, userId, observations);
  if (wanted.length === 0) return { stored: 0, merged: 0, duplicates: observations.length, updates: [] };
  const siblings = await siblingsOf(
    tx,
    userId,
    wanted.map((one) => one.trackId),
    wanted.some((one) => namesTracks(one.source)),
  );
  const ends = wanted.flatMap((one) =>
    [one.trackId, ...(siblings.get(one.trackId) ?? [])].map((trackId) => ({ trackId, endedAt: one.endedAt })),
  );
  const { inserts, updates, duplicates } = reconcile(
    await playsNear(tx, userId, ends, RECONCILE_WINDOW_MS),
    wanted,
    sourceCode,
    siblings,
  );
  const before = updates.map((update) => update.before);
  const written = [...inserts, ...updates.map((update) => update.after)];
  if (options.recountLater) {
    if (written.length > 0) await markStale(tx, userId, STALE.all);
  } else {
    await countOut(tx, userId, before);
  }
  // A changed start changes the key, so a change is a removal and an insertion.
  await deletePlays(tx, userId, before);
  await insertPlays(tx, userId, written);
  if (!options.recountLater) {
    await applyExclusions(tx, userId, written);
    await countIn(tx, userId, written);
  }
  return {
    stored: inserts.length,
    merged: updates.length,
    duplicates: duplicates + observations.length - wanted.length,
    updates,
  };
}

/**
 * Stores what a source told of one listener's plays, each listen once whatever saw it (see
 * {@link reconcile}), and keeps the rollups in step. Runs inside the caller's transaction, so that a
 * cursor or checkpoint moves together with the plays. Running it again changes nothing.
 */
export async function ingestPlays(
  tx: Transaction,
  userId: number,
  observations: readonly PlayObservation[],
): Promise<IngestResult> {
  const { stored, merged, duplicates } = await ingestInDetail(tx, userId, observations);
  return { stored, merged, duplicates };
}
