export * from './alerts/instance-watch.ts';
export * from './alerts/watch-jobs.ts';
export * from './last-failure.ts';
export * from './notices/guarded-address.ts';
export * from './notices/send-notice.ts';
export * from './spotify-access.ts';
export * from './worker-service.ts';
