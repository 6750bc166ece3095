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
  /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Script=Bopomofo}|\p{Script=Yi}|\p{Extended_Pictographic}|\p{Regional_Indicator}|[\u3000-\u303F\uFF01-\uFF60\uFFE0-\uFFE6]/u;
const INVISIBLE = /^[\p{M}\p{Cf}\p{Cc}]+$/u;
const NARROW = /[ijlI.,:;'!|()[\] ]/;
const SLIM = /[ftr"“”‘’-]/;
const BROAD = /[mwMW@%…—]/;
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** How much wider bold text is. */
const BOLD = 1.15;
/** Names longer than this are cut in any picture. */
const LONGEST = 1_000;

export interface TextFont {
  /** px. */
  readonly size: number;
  readonly bold: boolean;
  /** Every character is as wide as every other. */
  readonly mono?: boolean;
}

/** Width of one character in ems of a wide sans-serif, so that narrower ones fit as well. */
function emsOf(character: string): number {
  if (WIDE.test(character)) return 1.05;
  if (NARROW.test(character)) return 0.36;
  if (SLIM.test(character)) return 0.45;
  if (BROAD.test(character)) return 1;
  if (INVISIBLE.test(character)) return 0;
  return /\p{Lu}/u.test(character) ? 0.7 : 0.61;
}

/** The widest of the common monospaced fonts has 0.61 em; wide scripts take two characters. */
function monoEmsOf(character: string): number {
  if (WIDE.test(character)) return 1.22;
  return INVISIBLE.test(character) ? 0 : 0.61;
}

const scaleOf = (font: TextFont) => font.size * (font.bold && !font.mono ? BOLD : 1);

/** Estimated width of a text, px. */
export function textWidth(text: string, font: TextFont): number {
  const ems = font.mono ? monoEmsOf : emsOf;
  let sum = 0;
  for (const { segment } of graphemes.segment(text)) sum += ems(segment);
  return sum * scaleOf(font);
}

/** Text that fits a width; what does not ends in an ellipsis, never inside a character. */
export function fitText(text: string, widthPx: number, font: TextFont): string {
  const ems = font.mono ? monoEmsOf : emsOf;
  const most = widthPx / scaleOf(font);
  const head = text.slice(0, LONGEST);
  /** Up to here the text fits together with an ellipsis. */
  let kept = 0;
  let width = 0;
  for (const { segment, index } of graphemes.segment(head)) {
    width += ems(segment);
    if (width > most) return `${head.slice(0, kept).trimEnd()}…`;
    if (width + ems('…') <= most) kept = index + segment.length;
  }
  return text.length <= LONGEST ? text : `${head.slice(0, kept).trimEnd()}…`;
}

/** Whether a text is read from right to left, by its first letter that has a direction. */
export function isRightToLeft(text: string): boolean {
  const letter = /\p{L}/u.exec(text)?.[0] ?? '';
  return /\p{Script=Arabic}|\p{Script=Hebrew}|\p{Script=Syriac}|\p{Script=Thaana}/u.test(letter);
}
