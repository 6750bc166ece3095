/**
 * Text for pictures: escaped for XML, without what XML cannot hold, and cut to a width that is
 * estimated from the kinds of characters, since no font is at hand.
 */

/** Characters that XML 1.0 does not allow (https://www.w3.org/TR/xml/#charsets). */
const NOT_XML = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(NOT_XML, '')
    .replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}

const WIDE =
  /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Extended_Pictographic}/u;
const NARROW = /[ijlI.,:;'!|()[\] ]/;
const SLIM = /[ftr"“”‘’-]/;
const BROAD = /[mwMW@%…—]/;
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** How much wider bold text is. */
const BOLD = 1.15;

/** Width of one character in ems of a wide sans-serif, so that narrower ones fit as well. */
function emsOf(character: string): number {
  if (WIDE.test(character)) return 1.05;
  if (NARROW.test(character)) return 0.36;
  if (SLIM.test(character)) return 0.45;
  if (BROAD.test(character)) return 1;
  return /\p{Lu}/u.test(character) ? 0.7 : 0.61;
}

/** Text that fits a width; what does not ends in an ellipsis, never inside a character. */
export function fitText(text: string, widthPx: number, font: { size: number; bold: boolean }): string {
  const most = widthPx / (font.size * (font.bold ? BOLD : 1));
  const characters = Array.from(graphemes.segment(text.slice(0, 1_000)), ({ segment }) => segment);
  const widths = characters.map(emsOf);
  if (text.length <= 1_000 && widths.reduce((sum, ems) => sum + ems, 0) <= most) return text;
  let left = most - emsOf('…');
  let kept = 0;
  for (const ems of widths) {
    left -= ems;
    if (left < 0) break;
    kept += 1;
  }
  return `${characters.slice(0, kept).join('').trimEnd()}…`;
}

/** Whether a text is read from right to left, by its first letter that has a direction. */
export function isRightToLeft(text: string): boolean {
  const letter = /\p{L}/u.exec(text)?.[0] ?? '';
  return /\p{Script=Arabic}|\p{Script=Hebrew}|\p{Script=Syriac}|\p{Script=Thaana}/u.test(letter);
}
