import { describe, expect, it } from '@jest/globals';
import { createTokenBox, secretsEqual, TokenBoxError } from '../src/index.ts';

const old = { id: 'old', key: Buffer.alloc(32, 1) };
const fresh = { id: 'new', key: Buffer.alloc(32, 2) };

describe('createTokenBox', () => {
  it('opens what it sealed, and never seals alike twice', () => {
    const box = createTokenBox([fresh]);
    const sealed = box.seal('refresh-token-ä', 'user:1');
    expect(box.open(sealed, 'user:1')).toBe('refresh-token-ä');
    expect(Buffer.from(sealed).includes('refresh-token')).toBe(false);
    expect(box.seal('refresh-token-ä', 'user:1')).not.toEqual(sealed);
  });

  it('refuses a box of another user, and a box with any byte changed', () => {
    const box = createTokenBox([fresh]);
    const sealed = box.seal('token', 'user:1');
    expect(() => box.open(sealed, 'user:2')).toThrow(TokenBoxError);
    for (let at = 0; at < sealed.length; at += 1) {
      const damaged = Uint8Array.from(sealed, (byte, index) => (index === at ? byte ^ 1 : byte));
      expect(() => box.open(damaged, 'user:1')).toThrow(TokenBoxError);
    }
    expect(() => box.open(sealed.subarray(0, 20), 'user:1')).toThrow(TokenBoxError);
  });

  it('goes on opening boxes of older keys, and says that they want a new one', () => {
    const sealed = createTokenBox([old]).seal('token', 'user:1');
    const ring = createTokenBox([fresh, old]);
    expect(ring.open(sealed, 'user:1')).toBe('token');
    expect(ring.needsRotation(sealed)).toBe(true);
    expect(ring.needsRotation(ring.seal('token', 'user:1'))).toBe(false);
    expect(() => createTokenBox([fresh]).open(sealed, 'user:1')).toThrow(
      'The key "old" of this token is not in TOKEN_KEYS.',
    );
  });
});

describe('secretsEqual', () => {
  it('compares texts of any length', () => {
    expect(secretsEqual('abc', 'abc')).toBe(true);
    expect(secretsEqual('abc', 'abcd')).toBe(false);
    expect(secretsEqual('', 'abc')).toBe(false);
  });
});
