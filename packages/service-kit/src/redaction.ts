/**
 * Keeps secrets out of logs: by the name of a field at any depth, and by the look of a text. What is
 * logged is a copy; the original is never touched.
 */

const HIDDEN = '[redacted]';
const MAX_DEPTH = 8;
const MAX_ENTRIES = 200;

/** Field names, in lower case and without separators. */
const SECRET_NAMES = new Set([
  'authorization',
  'proxyauthorization',
  'cookie',
  'cookies',
  'setcookie',
  'password',
  'passwd',
  'passwordhash',
  'adminpasswordhash',
  'secret',
  'secrethash',
  'token',
  'tokens',
  'bearer',
  'apikey',
  'codeverifier',
  'credential',
  'credentials',
  'privatekey',
  'tokenkeys',
  'xcronsecret',
  'xvercelcronsecret',
]);
const SECRET_ENDINGS = ['token', 'secret', 'password'];

function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replaceAll(/[-_.\s]/g, '');
  return SECRET_NAMES.has(plain) || SECRET_ENDINGS.some((ending) => plain.endsWith(ending));
}

/**
 * `code` is both an OAuth authorization code, which is a secret, and the code of an error, which the
 * log needs. Error codes are short words (`ECONNRESET`, `23505`, `reauth_needed`).
 */
const ERROR_CODE = /^(?:[A-Z][A-Z0-9_]{0,47}|[0-9A-Z]{5}|[a-z]{1,24}(?:[-_.][a-z0-9]{1,24}){0,6})$/;

function isSecretCode(name: string, value: unknown): boolean {
  return name.toLowerCase() === 'code' && typeof value === 'string' && !ERROR_CODE.test(value);
}

const IN_TEXT: readonly [RegExp, string][] = [
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi, `$1 ${HIDDEN}`],
  [
    /\b(access_token|refresh_token|id_token|client_secret|code_verifier|code|token|secret|password|state)=[^&\s"'#]+/gi,
    `$1=${HIDDEN}`,
  ],
  [
    /"(access_token|refresh_token|id_token|client_secret|code_verifier|password|accessToken|refreshToken)"\s*:\s*"[^"]*"/g,
    `"$1":"${HIDDEN}"`,
  ],
  [/\b(?:spn|inv)_[A-Za-z0-9_-]{8,}/g, HIDDEN],
  // The password of an address such as postgres://user:password@host.
  [/\b([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s/@]+@/gi, `$1:${HIDDEN}@`],
];

/** Replaces whatever looks like a credential in a text. */
export function redactText(value: string): string {
  let clean = value;
  for (const [pattern, replacement] of IN_TEXT) clean = clean.replace(pattern, replacement);
  return clean;
}

/** Fields of HTTP clients' errors that hold whole sockets, requests and agents. */
const BULKY = new Set([
  'request',
  'response',
  'config',
  'agent',
  'httpAgent',
  'httpsAgent',
  'socket',
  'toJSON',
]);

function redactError(error: Error, depth: number, seen: WeakSet<object>): Record<string, unknown> {
  const clean: Record<string, unknown> = {
    type: error.name || error.constructor.name,
    message: redactText(error.message),
    stack: redactText(error.stack ?? ''),
  };
  const http = error as { config?: unknown; response?: unknown };
  if (isRecord(http.config)) {
    const { method, url, baseURL } = http.config;
    clean.request = redactValue({ method, url, baseURL }, depth + 1, seen);
  }
  if (isRecord(http.response)) clean.status = http.response.status;
  for (const [key, value] of Object.entries(error)) {
    if (key === 'name' || BULKY.has(key) || key in clean) continue;
    clean[key] = redactField(key, value, depth, seen);
  }
  if (error.cause !== undefined) clean.cause = redactValue(error.cause, depth + 1, seen);
  if (error instanceof AggregateError) clean.errors = redactValue(error.errors, depth + 1, seen);
  return clean;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function redactField(key: string, value: unknown, depth: number, seen: WeakSet<object>): unknown {
  if (value === undefined || value === null || typeof value === 'boolean') return value;
  if (isSecretName(key) || isSecretCode(key, value)) return HIDDEN;
  return redactValue(value, depth + 1, seen);
}

function redactValue(value: unknown, depth: number, seen: WeakSet<object>): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (seen.has(value)) return '[circular]';
  if (depth > MAX_DEPTH) return '[deep]';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof URL) return redactText(value.href);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  seen.add(value);
  try {
    if (value instanceof Error) return redactError(value, depth, seen);
    if (Array.isArray(value))
      return value.slice(0, MAX_ENTRIES).map((one) => redactValue(one, depth + 1, seen));
    const pairs = value instanceof Map ? [...value.entries()] : Object.entries(value);
    return Object.fromEntries(
      pairs
        .slice(0, MAX_ENTRIES)
        .map(([key, one]) => [String(key), redactField(String(key), one, depth, seen)]),
    );
  } finally {
    seen.delete(value);
  }
}

/** A copy of the fields of a log line in which nothing secret is left. */
export function redactFields(fields: Record<string, unknown>): Record<string, unknown> {
  const clean = redactValue(fields, 0, new WeakSet());
  return isRecord(clean) ? clean : {};
}
