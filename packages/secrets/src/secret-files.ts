import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeSecrets, randomText } from './make-secrets.ts';

/** Of what is not made here; an empty file says that there is none. */
const OPTIONAL = [
  'database_direct_url',
  'database_replica_url',
  'alert_webhook_url',
  'alert_ntfy_url',
  'alert_ntfy_token',
  'oidc_client_secret',
  'otel_exporter_otlp_headers',
  'spotify_client_secret',
  'spotify_apps',
  'my_spotify_refresh_token',
  'service_clients',
] as const;

/**
 * The files of an instance in containers, by their names, each with what makes its content. What one says
 * of another (an address with its password) is read from the other, so that one that was lost fits again.
 */
type Makers = Readonly<Record<string, (content: (name: string) => string) => string>>;

function makers(): { readonly files: Makers; readonly password: string } {
  const { secrets, password } = makeSecrets();
  const own = Object.entries(secrets).map(([name, value]) => [name.toLowerCase(), () => value] as const);
  const addresses: Makers = {
    postgres_password: () => randomText(24),
    database_url: (content) => `postgres://spindle:${content('postgres_password')}@postgres:5432/spindle`,
    redis_conf: () => `requirepass ${randomText(24)}`,
    redis_url: (content) => `redis://:${content('redis_conf').replace(/^requirepass\s+/, '')}@redis:6379`,
  };
  const optional = OPTIONAL.map((name) => [name, () => ''] as const);
  return { password, files: { ...Object.fromEntries(own), ...addresses, ...Object.fromEntries(optional) } };
}

/** The names of all files, in the order in which they are made. */
export const SECRET_FILES: readonly string[] = Object.keys(makers().files);

export interface WrittenSecrets {
  /** The names of the files that were made now. */
  readonly made: readonly string[];
  /** The admin password, when its hash was made now; it is stored nowhere. */
  readonly password: string | null;
}

const KEPT = 0o444;
/** The operator fills them in. */
const TO_FILL_IN = 0o644;

/**
 * Makes the secret files that a folder lacks, and leaves the others alone. The folder is its owner's alone;
 * the files in it can be read, since in a container they are mounted one by one and read by another user.
 *
 * @throws when the folder cannot be written to.
 */
export function writeSecretFiles(folder: string): WrittenSecrets {
  mkdirSync(folder, { recursive: true });
  // Also where it was there already.
  chmodSync(folder, 0o700);
  const { files, password } = makers();
  const made: string[] = [];
  const content = (name: string) => readFileSync(join(folder, name), 'utf8').trim();
  for (const [name, make] of Object.entries(files)) {
    const file = join(folder, name);
    if (existsSync(file)) continue;
    const text = make(content);
    writeFileSync(file, text === '' ? '' : `${text}\n`, {
      mode: text === '' ? TO_FILL_IN : KEPT,
      flag: 'wx',
    });
    made.push(name);
  }
  return { made, password: made.includes('admin_password_hash') ? password : null };
}
