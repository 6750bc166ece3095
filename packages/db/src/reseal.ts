import { sealingKey, type TokenBox, TokenBoxError } from '@spindle/service-kit';
import type { Database } from './client.ts';
import { SEALED_COLUMNS, type SealedColumn } from './sealed-columns.ts';

/** Rows that are read at once. */
const BATCH = 200;
/** A value that is changed again and again while it is resealed is left to the next run. */
const TRIES = 5;

/** A value that stays as it was. */
export interface UnopenedSeal {
  readonly table: string;
  readonly column: string;
  readonly userId: number;
  /** The key that it needs; null when it is nothing that was sealed. */
  readonly keyId: string | null;
  readonly reason: string;
}

export interface ResealReport {
  readonly columns: readonly {
    readonly table: string;
    readonly column: string;
    /** Sealed anew by this run, and sealed with the first key before. */
    readonly resealed: number;
    readonly current: number;
  }[];
  readonly unopened: readonly UnopenedSeal[];
  /** Values by the key that they are sealed with, after this run. */
  readonly keys: ReadonlyMap<string, number>;
}

interface Sealed {
  readonly user_id: number;
  readonly value: Uint8Array;
}

async function readBatch(db: Database, { table, column }: SealedColumn, after: number): Promise<Sealed[]> {
  const { rows } = await db.pool.query<Sealed>(
    `SELECT user_id, ${column} AS value FROM ${table}
      WHERE user_id > $1 AND ${column} IS NOT NULL ORDER BY user_id LIMIT ${BATCH}`,
    [after],
  );
  return rows;
}

/**
 * Seals one value anew, unless it was changed since it was read: then the new one is looked at.
 *
 * @returns whether it was sealed anew; null when it is gone, or is not done yet
 * @throws TokenBoxError
 */
async function resealOne(
  db: Database,
  box: TokenBox,
  { table, column, context }: SealedColumn,
  { user_id: userId, value: first }: Sealed,
): Promise<boolean | null> {
  let value = first;
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (!box.needsRotation(value)) return false;
    const sealed = Buffer.from(box.seal(box.open(value, context(userId)), context(userId)));
    const { rowCount } = await db.pool.query(
      `UPDATE ${table} SET ${column} = $3 WHERE user_id = $1 AND ${column} = $2`,
      [userId, Buffer.from(value), sealed],
    );
    if (rowCount === 1) return true;
    const { rows } = await db.pool.query<{ value: Uint8Array | null }>(
      `SELECT ${column} AS value FROM ${table} WHERE user_id = $1`,
      [userId],
    );
    if (!rows[0]?.value) return null;
    value = rows[0].value;
  }
  return null;
}

/** How many sealed values there are of each key. */
async function countKeys(db: Database): Promise<Map<string, number>> {
  const keys = new Map<string, number>();
  for (const sealed of SEALED_COLUMNS) {
    for (let after = 0, more = true; more; ) {
      const rows = await readBatch(db, sealed, after);
      for (const { value } of rows) {
        const id = sealingKey(value) ?? '';
        keys.set(id, (keys.get(id) ?? 0) + 1);
      }
      after = rows.at(-1)?.user_id ?? after;
      more = rows.length === BATCH;
    }
  }
  return keys;
}

/**
 * Seals everything that is sealed at rest with the first key of the ring. Each value is written by itself,
 * and only where it is still the one that was read: it may run beside the system, be killed at any point,
 * and run again. What cannot be opened stays as it is and is reported.
 */
export async function resealAll(db: Database, box: TokenBox): Promise<ResealReport> {
  const columns = [];
  const unopened: UnopenedSeal[] = [];
  for (const sealed of SEALED_COLUMNS) {
    const { table, column } = sealed;
    const count = { resealed: 0, current: 0 };
    for (let after = 0, more = true; more; ) {
      const rows = await readBatch(db, sealed, after);
      for (const row of rows) {
        try {
          const done = await resealOne(db, box, sealed, row);
          if (done === true) count.resealed += 1;
          if (done === false) count.current += 1;
        } catch (error) {
          if (!(error instanceof TokenBoxError)) throw error;
          const keyId = sealingKey(row.value);
          unopened.push({ table, column, userId: row.user_id, keyId, reason: error.message });
        }
      }
      after = rows.at(-1)?.user_id ?? after;
      more = rows.length === BATCH;
    }
    columns.push({ table, column, ...count });
  }
  return { columns, unopened, keys: await countKeys(db) };
}
