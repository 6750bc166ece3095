export * from './worker-service.ts';
