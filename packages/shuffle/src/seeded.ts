import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { fromBytes, type RandomSource } from './random-source.ts';

const SEED = /^[0-9a-f]{32}$/;

/** A fresh seed: 128 bits from the operating system, as 32 lower-case hexadecimal digits. */
export const newSeed = (): string => randomBytes(16).toString('hex');

/**
 * A source that is cryptographic and repeatable for ever: the same seed gives the same shuffle on every
 * machine and in every later version, so that an order can be shown to have come from its seed.
 *
 * The bytes are the keystream of AES-256 in counter mode (FIPS 197; NIST SP 800-38A, 2001, §6.5):
 * key = SHA-256 of the ASCII text "spindle/shuffle/v1:" followed by the seed, first counter block all
 * zeros. How they become numbers is written at `fromBytes`. A known-answer test pins both.
 *
 * @param seed 32 lower-case hexadecimal digits, as from `newSeed`
 * @throws RangeError for any other text
 */
export function seededSource(seed: string): RandomSource {
  if (!SEED.test(seed)) throw new RangeError('A seed has 32 lower-case hexadecimal digits.');
  const key = createHash('sha256').update(`spindle/shuffle/v1:${seed}`).digest();
  const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  let zeros = new Uint8Array(0);
  return fromBytes((bytes) => {
    if (zeros.length !== bytes.length) zeros = new Uint8Array(bytes.length);
    bytes.set(cipher.update(zeros));
  });
}
