import type { Transaction } from '../client.ts';

/** Names of devices are kept to this length. */
const MAX_NAME = 100;

/** A device's name as it is stored; null when nothing is left of it. */
export function deviceName(name: string | null | undefined): string | null {
  const kept = (name ?? '')
    .replace(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, MAX_NAME)
    .toWellFormed();
  return kept === '' ? null : kept;
}

/** Ids of devices by name as {@link deviceName} gives it, made where they are new. */
export async function deviceIds(tx: Transaction, names: readonly string[]): Promise<Map<string, number>> {
  const wanted = [...new Set(names)].sort();
  if (wanted.length === 0) return new Map();
  await tx.query(
    `INSERT INTO play_devices (name) SELECT n.name FROM unnest($1::text[]) n (name)
      WHERE NOT EXISTS (SELECT 1 FROM play_devices d WHERE d.name = n.name) ON CONFLICT (name) DO NOTHING`,
    [wanted],
  );
  const { rows } = await tx.query<{ id: number; name: string }>(
    // Locked until the plays are stored: erasing a listener forgets names that nobody uses.
    'SELECT id, name FROM play_devices WHERE name = ANY($1::text[]) FOR KEY SHARE',
    [wanted],
  );
  return new Map(rows.map((row) => [row.name, row.id]));
}
