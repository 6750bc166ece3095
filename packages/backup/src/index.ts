export * from './backup-files.ts';
export * from './catalogue.ts';
export { BackupError } from './format.ts';
export * from './key-ids.ts';
export { runBackupCommand } from './main.ts';
export * from './read-backup.ts';
export * from './restore-backup.ts';
export * from './write-backup.ts';
