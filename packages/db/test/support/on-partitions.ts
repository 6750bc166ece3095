import { TEST_PARTITIONED } from '@spindle/testkit';

// Imported before anything that makes a database: from here on they have their plays partitioned.
process.env[TEST_PARTITIONED] = '1';
