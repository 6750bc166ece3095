import { ConfigError, defineConfig, EXIT_CONFIG, topics } from '@spindle/service-kit';
import { partitionPlays } from './partition-plays.ts';

const readConfig = defineConfig({ database: topics.database });

// Divides the plays by year where the image runs; `npm run partition-plays` does it in a checkout.
try {
  const { database } = readConfig(process.env);
  const { converted, partitions } = await partitionPlays(database.directUrl ?? database.url, new Date());
  console.log(`${converted ? 'Partitioned now' : 'Partitioned before'}: ${partitions.join(', ')}.`);
} catch (error) {
  console.error(`partition: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = error instanceof ConfigError ? EXIT_CONFIG : 1;
}
