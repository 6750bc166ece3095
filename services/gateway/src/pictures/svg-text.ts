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
const NARROW = /[iljtfrI.,:;'!|()[\] ]/;
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Width of one character in ems of a usual sans-serif, on the generous side. */
function emsOf(character: string): number {
  if (WIDE.test(character)) return 1.05;
  if (NARROW.test(character)) return 0.33;
  if (/[mwMW@%]/.test(character)) return 0.9;
  return /\p{Lu}/u.test(character) ? 0.7 : 0.57;
}

/** Text that fits a width; what does not ends in an ellipsis, never inside a character. */
export function fitText(text: string, widthPx: number, sizePx: number): string {
  const most = widthPx / sizePx;
  const characters = Array.from(graphemes.segment(text.slice(0, 1_000)), ({ segment }) => segment);
  let ems = 0;
  for (const [index, character] of characters.entries()) {
    ems += emsOf(character);
    if (ems <= most) continue;
    let kept = characters.slice(0, index);
    let width = ems - emsOf(character) + 1;
    while (width > most && kept.length > 0) {
      width -= emsOf(kept.at(-1) ?? '');
      kept = kept.slice(0, -1);
    }
    return `${kept.join('').trimEnd()}…`;
  }
  return text;
}

/** Whether a text is read from right to left, by its first letter that has a direction. */
export function isRightToLeft(text: string): boolean {
  const letter = /\p{L}/u.exec(text)?.[0] ?? '';
  return /\p{Script=Arabic}|\p{Script=Hebrew}|\p{Script=Syriac}|\p{Script=Thaana}/u.test(letter);
}
