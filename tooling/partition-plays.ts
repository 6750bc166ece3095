import { partitionPlays } from '@spindle/prisma';
import { withDatabase } from './infrastructure.ts';
import { loadDotEnv } from './start.ts';
import { runCommand, say, step } from './step.ts';

/** `npm run partition-plays`: divides the plays by year, or makes the partitions of the years to come. */
await runCommand(async () => {
  loadDotEnv(process.env);
  const { converted, partitions } = await withDatabase(process.env, (url) =>
    step('Dividing the plays', () => partitionPlays(url, new Date()), 0),
  );
  say(
    `${converted ? 'The plays are partitioned now' : 'The plays were partitioned before'}: ${partitions.join(', ')}.`,
  );
  return undefined;
});
