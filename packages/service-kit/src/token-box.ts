import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { TokenKey } from './secret-lists.ts';

/**
 * Encrypts small secrets at rest with AES-256-GCM (NIST SP 800-38D, random 96-bit nonces).
 * A box is: version (1 byte, 1) · length of the key id (1 byte) · key id · nonce (12) · ciphertext · tag (16).
 * The key id and the context are authenticated too, so a box moved to another user does not open.
 */
export interface TokenBox {
  /** `context` names the place the box is for, such as `user:42`; opening needs the same. */
  seal(plaintext: string, context: string): Uint8Array<ArrayBuffer>;
  /** @throws TokenBoxError when the key is not in the ring or the box was damaged or moved. */
  open(box: Uint8Array, context: string): string;
  /** True when the box was sealed with a key that is no longer the first of the ring. */
  needsRotation(box: Uint8Array): boolean;
}

export class TokenBoxError extends Error {
  override readonly name = 'TokenBoxError';
}

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

interface BoxParts {
  readonly keyId: string;
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

function split(box: Uint8Array): BoxParts {
  const idLength = box[1] ?? 0;
  const nonceAt = 2 + idLength;
  if (box[0] !== VERSION || box.length < nonceAt + NONCE_BYTES + TAG_BYTES) {
    throw new TokenBoxError('This is not an encrypted token.');
  }
  return {
    keyId: Buffer.from(box.subarray(2, nonceAt)).toString('utf8'),
    nonce: box.subarray(nonceAt, nonceAt + NONCE_BYTES),
    ciphertext: box.subarray(nonceAt + NONCE_BYTES, box.length - TAG_BYTES),
    tag: box.subarray(box.length - TAG_BYTES),
  };
}

/** The id of the key that a box was sealed with; null when it is no box at all. */
export function sealingKey(box: Uint8Array): string | null {
  try {
    return split(box).keyId;
  } catch {
    return null;
  }
}

/** @param keys the first seals, all open. */
export function createTokenBox(keys: readonly TokenKey[]): TokenBox {
  const [current] = keys;
  if (!current) throw new TokenBoxError('The key ring is empty.');
  const ring = new Map(keys.map((one) => [one.id, one.key]));
  const authenticated = (keyId: string, context: string) =>
    Buffer.from(`${VERSION}\0${keyId}\0${context}`, 'utf8');

  return {
    seal(plaintext, context) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', current.key, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(authenticated(current.id, context));
      const ciphertext = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
      const id = Buffer.from(current.id, 'utf8');
      const header = Buffer.from([VERSION, id.length]);
      return new Uint8Array(Buffer.concat([header, id, nonce, ciphertext, cipher.getAuthTag()]));
    },
    open(box, context) {
      const parts = split(box);
      const key = ring.get(parts.keyId);
      if (!key) throw new TokenBoxError(`The key "${parts.keyId}" of this token is not in TOKEN_KEYS.`);
      const decipher = createDecipheriv('aes-256-gcm', key, parts.nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(authenticated(parts.keyId, context));
      decipher.setAuthTag(parts.tag);
      try {
        return Buffer.concat([decipher.update(parts.ciphertext), decipher.final()]).toString('utf8');
      } catch (cause) {
        throw new TokenBoxError('The encrypted token is damaged or belongs elsewhere.', { cause });
      }
    },
    needsRotation: (box) => split(box).keyId !== current.id,
  };
}
