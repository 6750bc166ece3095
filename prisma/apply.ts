import { ConfigError, defineConfig, EXIT_CONFIG, topics } from '@spindle/service-kit';
import { migrateDeploy } from './migrate.ts';

const readConfig = defineConfig({ database: topics.database });

// What runs before the services of a release; it ends with 0 when the database is up to date.
try {
  const { database } = readConfig(process.env);
  const applied = await migrateDeploy(database.directUrl ?? database.url);
  console.log(applied.length === 0 ? 'The database is up to date.' : `Applied: ${applied.join(', ')}.`);
} catch (error) {
  const isConfig = error instanceof ConfigError;
  console.error(`migrate: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = isConfig ? EXIT_CONFIG : 1;
}
