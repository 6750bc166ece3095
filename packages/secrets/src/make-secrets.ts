import { randomBytes } from 'node:crypto';
import { hashSync } from 'bcryptjs';

const BCRYPT_ROUNDS = 10;

/** The secrets of an instance, by the names of the variables that carry them. */
export interface Secrets {
  readonly SESSION_SECRET: string;
  readonly TOKEN_KEYS: string;
  readonly JWT_SECRET: string;
  readonly CRON_SECRET: string;
  readonly ADMIN_PASSWORD_HASH: string;
}

/** A password or token of `bytes` random bytes, in characters that need no quoting anywhere. */
export const randomText = (bytes: number): string => randomBytes(bytes).toString('base64url');

/** New secrets; the admin password itself is kept nowhere but in `password`. */
export function makeSecrets(): { readonly secrets: Secrets; readonly password: string } {
  const password = randomText(12);
  return {
    password,
    secrets: {
      SESSION_SECRET: randomText(32),
      TOKEN_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      JWT_SECRET: randomText(32),
      CRON_SECRET: randomText(24),
      ADMIN_PASSWORD_HASH: hashSync(password, BCRYPT_ROUNDS),
    },
  };
}
