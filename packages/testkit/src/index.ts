export * from './fill-tables.ts';
export * from './free-port.ts';
export * from './postgres.ts';
export { canReach, serverUser } from './postgres-binaries.ts';
export * from './redis.ts';
export * from './test-database.ts';
export * from './test-redis.ts';
export * from './test-servers.ts';
export * from './wait-for.ts';
