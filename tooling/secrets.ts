import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hashSync } from 'bcryptjs';
import { STATE } from './project.ts';

const FILE = join(STATE, 'secrets.json');
const BCRYPT_ROUNDS = 10;

/** The secrets of this checkout, by the names of the variables that carry them. */
export interface Secrets {
  readonly SESSION_SECRET: string;
  readonly TOKEN_KEYS: string;
  readonly JWT_SECRET: string;
  readonly CRON_SECRET: string;
  readonly ADMIN_PASSWORD_HASH: string;
}

/**
 * The secrets that were made at the first start, kept in a file that only its owner may read. The
 * admin password is in `newPassword` the one time it is made, and stored nowhere.
 */
export function loadSecrets(file = FILE): { readonly secrets: Secrets; readonly newPassword: string | null } {
  if (existsSync(file))
    return { secrets: JSON.parse(readFileSync(file, 'utf8')) as Secrets, newPassword: null };
  const newPassword = randomBytes(12).toString('base64url');
  const secrets: Secrets = {
    SESSION_SECRET: randomBytes(32).toString('base64url'),
    TOKEN_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    JWT_SECRET: randomBytes(32).toString('base64url'),
    CRON_SECRET: randomBytes(24).toString('base64url'),
    ADMIN_PASSWORD_HASH: hashSync(newPassword, BCRYPT_ROUNDS),
  };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  return { secrets, newPassword };
}
