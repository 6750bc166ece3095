import type { Transaction } from '../client.ts';

/** Ids of play contexts by URI, made where they are new. */
export async function contextIds(tx: Transaction, uris: readonly string[]): Promise<Map<string, number>> {
  const wanted = [...new Set(uris)].sort();
  if (wanted.length === 0) return new Map();
  await tx.query('INSERT INTO play_contexts (uri) SELECT unnest($1::text[]) ON CONFLICT (uri) DO NOTHING', [
    wanted,
  ]);
  const { rows } = await tx.query<{ id: number; uri: string }>(
    // Locked until the plays are stored: erasing a listener forgets addresses that nobody uses.
    'SELECT id, uri FROM play_contexts WHERE uri = ANY($1::text[]) FOR KEY SHARE',
    [wanted],
  );
  return new Map(rows.map((row) => [row.uri, row.id]));
}
