export * from './make-secrets.ts';
export * from './secret-files.ts';
