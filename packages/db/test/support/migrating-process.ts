import { migrateDeploy } from '@spindle/prisma';

// A process that migrates, for a test to kill.
await migrateDeploy(process.env.MIGRATED_DATABASE ?? '');
