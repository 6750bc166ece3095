import { type Connection, quoted } from './catalogue.ts';

/**
 * Columns that hold boxes of `createTokenBox` (@spindle/service-kit): a byte of version, a byte of length, the id
 * of the key. A bytea column that is something else (hashes, chunks of uploads) is named in {@link PLAIN}; a test
 * asks for a decision about every new one.
 */
export const BOXED = [
  ['notice_targets', 'url'],
  ['relays', 'token'],
  ['spotify_credentials', 'access_token'],
  ['spotify_credentials', 'refresh_token'],
] as const;

export const PLAIN = [
  ['api_tokens', 'hash'],
  ['import_chunks', 'data'],
  ['import_files', 'sha256'],
  ['invitations', 'hash'],
  ['room_participants', 'token_hash'],
] as const;

/** The ids of the keys that the stored boxes were sealed with. */
export async function readKeyIds(connection: Connection): Promise<string[]> {
  const { rows: known } = await connection.query<{ table: string; column: string }>(
    `SELECT table_name AS "table", column_name AS "column" FROM information_schema.columns
      WHERE table_schema = 'public' AND data_type = 'bytea'`,
  );
  const ids = new Set<string>();
  for (const [table, column] of BOXED) {
    if (!known.some((one) => one.table === table && one.column === column)) continue;
    const box = quoted(column);
    const { rows } = await connection.query<{ id: string }>(
      `SELECT DISTINCT convert_from(substring(${box} FROM 3 FOR get_byte(${box}, 1)), 'UTF8') AS id
         FROM ${quoted(table)} WHERE length(${box}) > 2 AND get_byte(${box}, 0) = 1 AND get_byte(${box}, 1) > 0`,
    );
    for (const { id } of rows) ids.add(id);
  }
  return [...ids].sort();
}
