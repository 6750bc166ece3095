import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeSecrets, type Secrets } from '@spindle/secrets';
import { STATE } from './project.ts';

const FILE = join(STATE, 'secrets.json');

/**
 * The secrets of this checkout, made at the first start and kept in a file that only its owner may read.
 * The admin password is in `newPassword` the one time it is made, and stored nowhere.
 */
export function loadSecrets(file = FILE): { readonly secrets: Secrets; readonly newPassword: string | null } {
  if (existsSync(file))
    return { secrets: JSON.parse(readFileSync(file, 'utf8')) as Secrets, newPassword: null };
  const { secrets, password } = makeSecrets();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  return { secrets, newPassword: password };
}
