export * from './last-failure.ts';
export * from './spotify-access.ts';
export * from './worker-service.ts';
