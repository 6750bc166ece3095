import { fromBytes, shuffleUniform } from '@spindle/shuffle';

/** A seed as the product shows it. */
export const SEED = /^[0-9a-f]{32}$/;

/** A draw takes 4 bytes, and a few more where one is refused. */
const BYTES_A_DRAW = 5;
const SPARE_BYTES = 65_536;

/** Whether the browser can: it keeps its ciphers from pages that came neither over https nor from itself. */
export const canSeed = (): boolean => globalThis.crypto?.subtle !== undefined;

/**
 * The order that a seed gives to a list of `length`: at each place, which one of the source stands there,
 * from 0. The bytes are those of `@spindle/shuffle/seeded`, whose docstring says what they are, from the
 * browser's own cipher.
 */
export async function seededOrder(seed: string, length: number): Promise<number[]> {
  if (!SEED.test(seed)) throw new RangeError('A seed has 32 lower-case hexadecimal digits.');
  const { subtle } = globalThis.crypto;
  const digest = await subtle.digest('SHA-256', new TextEncoder().encode(`spindle/shuffle/v1:${seed}`));
  const key = await subtle.importKey('raw', digest, 'AES-CTR', false, ['encrypt']);
  const counter = new Uint8Array(16);
  const stream = new Uint8Array(
    await subtle.encrypt(
      { name: 'AES-CTR', counter, length: 64 },
      key,
      new Uint8Array(length * BYTES_A_DRAW + SPARE_BYTES),
    ),
  );
  let at = 0;
  const source = fromBytes((bytes) => {
    if (at + bytes.length > stream.length) throw new RangeError('more draws than were prepared for');
    bytes.set(stream.subarray(at, at + bytes.length));
    at += bytes.length;
  });
  return shuffleUniform(
    Array.from({ length }, (_, item) => item),
    source,
  );
}
