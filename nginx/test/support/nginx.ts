import { describe } from '@jest/globals';
import { findNginx } from '../../start.ts';

export const NGINX = findNginx() ?? '';

/** Tests that need nginx; without one they are shown as skipped. `npm test` installs it where it may. */
export function describeWithNginx(name: string, tests: () => void): void {
  (NGINX === '' ? describe.skip : describe)(name, tests);
}
