import type { ImportView } from '@spindle/contracts';
import { z } from 'zod';
import type { Database, Transaction } from '../client.ts';
import { lockHistory } from '../plays/ingest.ts';
import { STAMP_SLACK_MS, type StoredPlay } from '../plays/reconcile.ts';
import { deletePlays, insertPlays, playsNear, sharedPlaysOf } from '../plays/stored-plays.ts';
import { withoutSource } from '../plays/without-source.ts';
import { UNCOUNTED_FLAGS } from '../statistics/counted.ts';
import { markStale, STALE } from '../statistics/state.ts';
import { getImport } from './import-view.ts';
import { dropChunks } from './run.ts';

/** Plays that are rewritten at once. */
const BATCH = 5_000;

const playSchema = z.object({
  trackId: z.number(),
  playedAt: z.number(),
  endedAt: z.number(),
  msPlayed: z.number().nullable(),
  seenBy: z.number(),
  source: z.number(),
  contextId: z.number().nullable(),
  deviceId: z.number().nullable().default(null),
  importId: z.number().nullable(),
  flags: z.number(),
}) satisfies z.ZodType<StoredPlay>;

interface Merge {
  readonly id: number;
  readonly before: StoredPlay;
  readonly after: StoredPlay;
}

interface Rewrite {
  readonly from: StoredPlay;
  readonly to: StoredPlay | null;
}

const keyOf = (play: StoredPlay) => `${play.trackId}@${play.playedAt}`;

/** The bit of the source that a merge added. */
const addedBit = ({ before, after }: Merge) => after.seenBy & ~before.seenBy;

function same(a: StoredPlay, b: StoredPlay): boolean {
  return (
    keyOf(a) === keyOf(b) &&
    a.endedAt === b.endedAt &&
    a.msPlayed === b.msPlayed &&
    a.seenBy === b.seenBy &&
    a.source === b.source &&
    a.contextId === b.contextId &&
    a.deviceId === b.deviceId &&
    a.importId === b.importId &&
    // What its listener hides, and what their rules exclude, is no matter of who told it.
    (a.flags & ~UNCOUNTED_FLAGS) === (b.flags & ~UNCOUNTED_FLAGS)
  );
}

async function durationsOf(
  tx: Transaction,
  plays: readonly StoredPlay[],
): Promise<Map<number, number | null>> {
  const { rows } = await tx.query<{ id: number; duration_ms: number | null }>(
    'SELECT id, duration_ms FROM tracks WHERE id = ANY($1::int[])',
    [[...new Set(plays.map((play) => play.trackId))]],
  );
  return new Map(rows.map((row) => [row.id, row.duration_ms]));
}

async function rewrite(tx: Transaction, userId: number, changes: readonly Rewrite[]): Promise<void> {
  if (changes.length === 0) return;
  const removed = changes.map((change) => change.from);
  await deletePlays(tx, userId, removed);
  const wanted = changes.flatMap((change) => change.to ?? []);
  const taken = new Set((await playsNear(tx, userId, wanted, STAMP_SLACK_MS)).map(keyOf));
  const added = wanted.map((play) => {
    let free = play;
    while (taken.has(keyOf(free)) && free.playedAt < free.endedAt)
      free = { ...free, playedAt: free.playedAt + 1 };
    taken.add(keyOf(free));
    return free;
  });
  await insertPlays(tx, userId, added);
}

/** The merges of an import, latest first, after the one with the id `below`. */
async function mergesBelow(tx: Transaction, importId: number, below: number): Promise<Merge[]> {
  const { rows } = await tx.query<{ id: number; before: unknown; after: unknown }>(
    'SELECT id, before, after FROM import_merges WHERE import_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3',
    [importId, below, BATCH],
  );
  return rows.map((row) => ({
    id: row.id,
    before: playSchema.parse(row.before),
    after: playSchema.parse(row.after),
  }));
}

/** Puts back what the import merged into: exactly, or without its part where others changed the play since. */
async function takeBackMerges(tx: Transaction, userId: number, importId: number): Promise<void> {
  for (let below = 2 ** 31 - 1; ; ) {
    const merges = await mergesBelow(tx, importId, below);
    const last = merges.at(-1);
    if (!last) return;
    below = last.id;
    const near = await playsNear(
      tx,
      userId,
      merges.map((merge) => merge.after),
      STAMP_SLACK_MS,
    );
    const byTrack = Map.groupBy(near, (play) => play.trackId);
    const durations = await durationsOf(tx, near);
    const changes = new Map<string, Rewrite>();
    for (const merge of merges) {
      const bit = addedBit(merge);
      const code = Math.log2(bit);
      const [now] = (byTrack.get(merge.after.trackId) ?? [])
        .filter((play) => (play.seenBy & bit) !== 0)
        .sort(
          (a, b) => Math.abs(a.endedAt - merge.after.endedAt) - Math.abs(b.endedAt - merge.after.endedAt),
        );
      // Gone: its listener removed it.
      if (!now) continue;
      const earlier = changes.get(keyOf(now))?.to ?? now;
      const to = same(earlier, merge.after)
        ? { ...merge.before, flags: merge.before.flags | (earlier.flags & UNCOUNTED_FLAGS) }
        : withoutSource(earlier, code, durations.get(now.trackId) ?? null);
      changes.set(keyOf(now), { from: now, to });
    }
    await rewrite(tx, userId, [...changes.values()]);
  }
}

/** Plays that the import told first and others told too stay as those tell them. */
async function keepShared(tx: Transaction, userId: number, importId: number): Promise<void> {
  for (;;) {
    const shared = await sharedPlaysOf(tx, importId, userId, BATCH);
    if (shared.length === 0) return;
    const durations = await durationsOf(tx, shared);
    await rewrite(
      tx,
      userId,
      shared.map((play) => {
        const left = withoutSource(play, play.source, durations.get(play.trackId) ?? null);
        return { from: play, to: left && { ...left, importId: null } };
      }),
    );
  }
}

/**
 * Whether the import brought plays of another instance. Those name all that saw them, so nothing tells
 * whether something here saw them too: they go as a whole.
 */
async function isRestored(tx: Transaction, importId: number): Promise<boolean> {
  const { rows } = await tx.query(
    "SELECT 1 FROM import_files WHERE import_id = $1 AND format = 'spindle' LIMIT 1",
    [importId],
  );
  return rows.length > 0;
}

/**
 * Undoes an import in one transaction: plays that it alone told go; plays that it merged into become
 * what they were; a recount of the rollups is asked for; its report stays. A running import stops at its next batch. Plays
 * that it found already there are left alone, those that an earlier import told included.
 *
 * @returns the import; null when the listener has none of that id.
 */
export async function undoImport(
  db: Database,
  userId: number,
  importId: number,
  now: Date,
): Promise<ImportView | null> {
  await db.transaction(async (tx) => {
    const { rowCount } = await tx.query(
      `UPDATE imports SET status = 'undone', finished_at = coalesce(finished_at, $3)
        WHERE id = $1 AND user_id = $2 AND status <> 'undone'`,
      [importId, userId, now],
    );
    if (rowCount === 0) return;
    await dropChunks(tx, importId);
    await lockHistory(tx, userId);
    await markStale(tx, userId, STALE.all, now);
    await takeBackMerges(tx, userId, importId);
    if (!(await isRestored(tx, importId))) await keepShared(tx, userId, importId);
    await tx.query('DELETE FROM plays WHERE import_id = $1 AND user_id = $2', [importId, userId]);
    await tx.query('DELETE FROM import_merges WHERE import_id = $1', [importId]);
  });
  return getImport(db, userId, importId);
}
