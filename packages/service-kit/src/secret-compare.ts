import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Compares a presented secret with the right one in a time that depends on neither. Both are hashed
 * first, since `timingSafeEqual` needs equal lengths and the length is part of the secret.
 */
export function secretsEqual(presented: string, expected: string): boolean {
  const digest = (value: string) => createHash('sha256').update(value, 'utf8').digest();
  return timingSafeEqual(digest(presented), digest(expected));
}
