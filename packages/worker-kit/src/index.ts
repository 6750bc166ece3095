export * from './spotify-access.ts';
export * from './worker-service.ts';
