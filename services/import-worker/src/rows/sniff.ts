/** What a file is by its first bytes. `text`: perhaps CSV. */
export type Content = 'json' | 'text' | 'zip' | 'gzip' | 'utf-16' | 'empty' | 'other';

/** Control characters that no text holds; tab and line ends are none. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it looks for
const NO_TEXT = /[\u0000-\u0008\u000e-\u001f\u007f]/;

/** @param head the first bytes of the file; 4 KiB are plenty. */
export function sniff(head: Buffer): Content {
  if (head.length === 0) return 'empty';
  const [a, b, c, d] = head;
  // Local file header, or the end record of a zip without entries (APPNOTE.TXT, 4.3.7 and 4.3.16).
  if (a === 0x50 && b === 0x4b && ((c === 3 && d === 4) || (c === 5 && d === 6))) return 'zip';
  if (a === 0x1f && b === 0x8b) return 'gzip';
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) return 'utf-16';
  // ASCII in UTF-16 without its mark: every other byte is zero.
  if ((a === 0 && b !== 0) || (b === 0 && a !== 0)) return 'utf-16';
  const text = head.subarray(a === 0xef && b === 0xbb && c === 0xbf ? 3 : 0).toString('latin1');
  if (/^\s*[[{]/.test(text)) return 'json';
  return text.startsWith('%PDF') || NO_TEXT.test(text) ? 'other' : 'text';
}
