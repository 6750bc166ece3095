import { decodePlayId, encodePlayId, type PlayKey } from '../play-id.ts';

/** Where a page of plays ended, as the caller carries it back. Its form is nobody else's business. */
export function encodePlayCursor(last: PlayKey): string {
  return Buffer.from(`p1:${encodePlayId(last)}`, 'utf8').toString('base64url');
}

/** Null when the text is no cursor of a list of plays. */
export function decodePlayCursor(text: string): PlayKey | null {
  if (!/^[A-Za-z0-9_-]+$/.test(text)) return null;
  const plain = Buffer.from(text, 'base64url').toString('utf8');
  return plain.startsWith('p1:') ? decodePlayId(plain.slice('p1:'.length)) : null;
}
