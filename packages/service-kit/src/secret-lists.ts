import { z } from 'zod';
import { splitList } from './variable-readers.ts';

/** One key of the ring that encrypts tokens at rest. */
export interface TokenKey {
  /** 1-32 letters, digits, `-` or `_`; stored beside what it encrypted. */
  readonly id: string;
  /** 32 bytes. */
  readonly key: Buffer;
}

export interface ServiceClient {
  readonly id: string;
  readonly secretHash: string;
}

const KEY_ID = /^[A-Za-z0-9_-]{1,32}$/;
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;
const BCRYPT = /^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/;

function splitAtColon(part: string): [string, string] {
  const colon = part.indexOf(':');
  return colon < 0 ? [part, ''] : [part.slice(0, colon), part.slice(colon + 1)];
}

/** Reads `id:base64(32 bytes)[,id:…]`. Messages name the position only, never the value. */
export const readTokenKeys: z.ZodType<TokenKey[], string> = z.string().transform((value, context) => {
  const keys: TokenKey[] = [];
  for (const [index, part] of splitList(value).entries()) {
    const [id, encoded] = splitAtColon(part);
    const key = BASE64.test(encoded) ? Buffer.from(encoded, 'base64') : Buffer.alloc(0);
    let wrong: string | undefined;
    if (!KEY_ID.test(id)) wrong = 'has no id of 1-32 letters, digits, - or _ before its colon';
    else if (key.length !== 32) wrong = 'is not the base64 of exactly 32 bytes';
    else if (keys.some((one) => one.id === id)) wrong = 'repeats an id';
    if (wrong) context.addIssue({ code: 'custom', message: `key number ${index + 1} ${wrong}` });
    else keys.push({ id, key });
  }
  if (keys.length === 0 && context.issues.length === 0) {
    context.addIssue({ code: 'custom', message: 'holds no key' });
  }
  return keys;
});

/** Shortest secret that signs, in characters. */
const SIGNING_SECRET = 32;

/** Reads `secret[,secret…]`: the first signs, all verify. Messages name the position only, never the value. */
export const readSigningSecrets: z.ZodType<string[], string> = z.string().transform((value, context) => {
  const secrets = splitList(value);
  const short = secrets.findIndex((one) => one.length < SIGNING_SECRET);
  if (secrets.length === 0) context.addIssue({ code: 'custom', message: 'holds no secret' });
  if (short >= 0) {
    const which = secrets.length === 1 ? '' : `: secret number ${short + 1} has fewer`;
    context.addIssue({ code: 'custom', message: `must have at least ${SIGNING_SECRET} characters${which}` });
  }
  return secrets;
});

/** Reads `id:bcrypt-hash[,id:…]`; none is fine. */
export const readServiceClients: z.ZodType<ServiceClient[], string> = z
  .string()
  .transform((value, context) => {
    const clients: ServiceClient[] = [];
    for (const [index, part] of splitList(value).entries()) {
      const [id, secretHash] = splitAtColon(part);
      let wrong: string | undefined;
      if (!KEY_ID.test(id)) wrong = 'has no id of 1-32 letters, digits, - or _ before its colon';
      else if (!BCRYPT.test(secretHash)) wrong = 'has no bcrypt hash after its colon';
      else if (clients.some((one) => one.id === id)) wrong = 'repeats an id';
      if (wrong) context.addIssue({ code: 'custom', message: `client number ${index + 1} ${wrong}` });
      else clients.push({ id, secretHash });
    }
    return clients;
  });
