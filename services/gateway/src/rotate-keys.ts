import { createDatabase, resealAll } from '@spindle/db';
import { ConfigError, createTokenBox, defineConfig, topics } from '@spindle/service-kit';

const readConfig = defineConfig({ database: topics.database, vault: topics.vault });

const say = (line: string) => process.stdout.write(`${line}\n`);

/**
 * Seals everything that is encrypted at rest with the first key of TOKEN_KEYS, and says which keys are
 * still needed. Run it when every process knows the new key.
 *
 * @returns the exit code: 1 when something could not be opened
 */
async function rotateKeys(): Promise<number> {
  const { database, vault } = readConfig(process.env);
  const db = createDatabase({ ...database, poolSize: 2 });
  try {
    const { columns, unopened, keys } = await resealAll(db, createTokenBox(vault.tokenKeys));
    for (const { table, column, resealed, current } of columns)
      say(`${table}.${column}: ${resealed} sealed anew, ${current} as they should be`);
    for (const one of unopened)
      say(`! ${one.table}.${one.column} of user ${one.userId} was left as it is: ${one.reason}`);
    const inUse = [...keys].map(([id, count]) => `${id || '(none)'} for ${count}`).join(', ');
    say(`Keys in use: ${inUse || 'none'}`);
    for (const { id } of vault.tokenKeys.slice(1))
      if (!keys.has(id)) say(`Nothing needs the key "${id}" any more: take it out of TOKEN_KEYS.`);
    return unopened.length === 0 ? 0 : 1;
  } finally {
    await db.close();
  }
}

try {
  process.exitCode = await rotateKeys();
} catch (error) {
  const words = error instanceof ConfigError ? error.message : 'The keys were not rotated.';
  process.stderr.write(`${words}\n`);
  if (!(error instanceof ConfigError))
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
