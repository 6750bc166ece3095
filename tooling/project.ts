import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
/** Everything that a run leaves behind: data, logs, secrets, stamps. */
export const STATE = join(ROOT, '.spindle');
/** The project's own Node. */
export const NODE = process.execPath;
