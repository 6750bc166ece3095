import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { migrateNew, unexcused } from '@spindle/prisma';
import { startPostgres } from '@spindle/testkit';
import { ROOT } from './project.ts';
import { runCommand, SetupError, say, step } from './step.ts';

await runCommand(async () => {
  const name = process.argv[2];
  if (!name) throw new SetupError('Say what it does: npm run migrate:new -- add-listening-goals');
  const server = await step('Starting PostgreSQL', () => startPostgres());
  try {
    const file = await migrateNew(name, server.url, new Date());
    if (!file) {
      say('schema.prisma says nothing new: no migration was written.');
      return;
    }
    say(
      `Wrote ${relative(ROOT, fileURLToPath(file))}. Read it, add what Prisma cannot say, and commit the folder.`,
    );
    for (const { statement, why, excuse } of unexcused(await readFile(file, 'utf8')))
      say(`! "${statement.slice(0, 90)}" ${why}. If that is all right, say so above it: -- ${excuse}: …`);
  } catch (error) {
    if (error instanceof RangeError) throw new SetupError(error.message);
    throw error;
  } finally {
    await server.stop();
  }
  return undefined;
});
