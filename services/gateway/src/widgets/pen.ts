import { escapeXml, fitText, isRightToLeft, type TextFont, textWidth } from '../pictures/svg-text.ts';
import type { Artwork } from './card-data.ts';

/** What fills text: a class of the card's style sheet. */
export type Ink = 'text' | 'muted' | 'accent';

export interface TextStyle {
  /** px. */
  readonly size: number;
  readonly ink: Ink;
  /** Room, px: text that is longer ends in an ellipsis and keeps its whole as a tooltip. */
  readonly width: number;
  readonly bold?: boolean;
  /** Which end of the text is at `x`; `start` unless told. */
  readonly anchor?: 'start' | 'middle' | 'end';
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PairStyle {
  /** px, of the name in bold and of the rest. */
  readonly size: number;
  readonly restSize?: number;
  readonly width: number;
  /** The name is not cut for the sake of the rest. */
  readonly nameFirst?: boolean;
}

/** px as short as two decimals allow. */
export const px = (value: number): string => String(Math.round(value * 100) / 100);

/** Line breaks, controls and the marks that turn the direction of what follows. */
const NOT_SHOWN = /[\s\p{Cc}\u200E\u200F\u202A-\u202E\u2066-\u2069\uFFF9-\uFFFB]+/gu;

/** A name as one line, without what would act on the text around it. */
export const oneLine = (text: string): string => text.toWellFormed().replace(NOT_SHOWN, ' ').trim();

const fill = (ink: Ink) => ({ text: 't', muted: 'm', accent: 'a' })[ink];

/** Between the parts of a pair, px. */
const PAIR_GAP = 8;
/** The share of a line that its name may take from the rest. */
const MOST_OF_PAIR = 0.64;

/** Draws the parts of a card; knows the width of its font. */
export interface Pen {
  /** One line whose baseline is at `y`. */
  text(x: number, y: number, text: string, style: TextStyle): string;
  /** A line in two parts, a name and what belongs to it, one right behind the other. */
  pair(x: number, y: number, name: string, rest: string, style: PairStyle): string;
  /** Estimated width of a line, px. */
  measure(text: string, style: { readonly size: number; readonly bold?: boolean }): number;
}

/**
 * Every line is in a box of its own: should the reader's font be wider than estimated, or its marks higher
 * than a line, it is cut there and never runs into its neighbours.
 */
export function penOf(mono: boolean): Pen {
  const fontOf = (style: { size: number; bold?: boolean }): TextFont => ({
    size: style.size,
    bold: style.bold ?? false,
    mono,
  });
  const pen: Pen = {
    measure: (text, style) => textWidth(oneLine(text.slice(0, 200)), fontOf(style)),
    text(x, y, text, style) {
      const { size, width, anchor = 'start' } = style;
      const whole = oneLine(text);
      if (whole === '' || width < size / 2) return '';
      const shown = fitText(whole, width, fontOf(style));
      const rtl = isRightToLeft(shown);
      const left = anchor === 'start' ? x : anchor === 'end' ? x - width : x - width / 2;
      const at = anchor === 'start' ? 0 : anchor === 'end' ? width : width / 2;
      // Read from right to left, a text starts at its right: its end is what stands at the left edge.
      const side = anchor === 'middle' ? 'middle' : rtl === (anchor === 'start') ? 'end' : 'start';
      const attributes = [
        `class="${fill(style.ink)}"`,
        at === 0 ? '' : `x="${px(at)}"`,
        `y="${px(1.2 * size)}" font-size="${size}"`,
        style.bold ? 'font-weight="600"' : '',
        side === 'start' ? '' : `text-anchor="${side}"`,
        rtl ? 'direction="rtl" unicode-bidi="plaintext"' : '',
      ];
      const tooltip = shown === whole ? '' : `<title>${escapeXml(whole)}</title>`;
      const box = `x="${px(left)}" y="${px(y - 1.2 * size)}" width="${px(width)}" height="${px(1.7 * size)}"`;
      return `<svg ${box} overflow="hidden"><text ${attributes.filter(Boolean).join(' ')}>${tooltip}${escapeXml(shown)}</text></svg>`;
    },
    pair(x, y, name, rest, { size, restSize = size, width, nameFirst = false }) {
      const [first, second] = [oneLine(name), oneLine(rest)];
      const bold = { size, bold: true };
      const room = Math.min(
        pen.measure(first, bold) + 1,
        second === '' || nameFirst ? width : width * MOST_OF_PAIR,
      );
      const left = width - room - PAIR_GAP;
      const shown = fitText(first, room, fontOf(bold));
      const behind = left < 2 * restSize ? '' : fitText(second, left, fontOf({ size: restSize }));
      if (behind === '' || isRightToLeft(shown) || isRightToLeft(behind)) {
        // Two directions in one line would change places.
        return (
          pen.text(x, y, first, { size, ink: 'text', bold: true, width: room }) +
          pen.text(x + room + PAIR_GAP, y, second, { size: restSize, ink: 'muted', width: left })
        );
      }
      const cut = shown !== first || behind !== second;
      const tooltip = cut ? `<title>${escapeXml(`${first} – ${second}`)}</title>` : '';
      const box = `x="${px(x)}" y="${px(y - 1.2 * size)}" width="${px(width)}" height="${px(1.7 * size)}"`;
      const parts = `${escapeXml(shown)}<tspan class="m" dx="${PAIR_GAP}" font-size="${restSize}" font-weight="400">${escapeXml(behind)}</tspan>`;
      return `<svg ${box} overflow="hidden"><text class="t" y="${px(1.2 * size)}" font-size="${size}" font-weight="600">${tooltip}${parts}</text></svg>`;
    },
  };
  return pen;
}

export function rect(box: Box, className: string, radius = 0): string {
  const rounded = radius > 0 ? ` rx="${px(radius)}"` : '';
  return `<rect class="${className}" x="${px(box.x)}" y="${px(box.y)}" width="${px(box.width)}" height="${px(box.height)}"${rounded}/>`;
}

const ON_SPOTIFY = /^https:\/\/open\.spotify\.com\/[\w/?=&%.~-]*$/;

/** What leads to Spotify when the card is opened by itself; any other address is no link. */
export function spotifyLink(url: string | null, label: string, content: string): string {
  if (url === null || !ON_SPOTIFY.test(url)) return content;
  return `<a href="${escapeXml(url)}" target="_blank" rel="noopener"><title>${escapeXml(oneLine(label))}</title>${content}</a>`;
}

const DATA_URI = /^data:image\/(?:jpeg|png|webp);base64,[A-Za-z0-9+/]+={0,2}$/;

/** Spotify allows corners of 4 px on small covers and asks for no other change. */
const ARTWORK_RADIUS = 4;

/** A square of artwork, whole and unaltered; a note where there is none. */
export function artwork(image: Artwork, x: number, y: number, size: number): string {
  const box = { x, y, width: size, height: size };
  if (image !== null && DATA_URI.test(image)) {
    const id = `art-${px(x)}-${px(y)}`;
    const radius = Math.min(ARTWORK_RADIUS, size * 0.06);
    return `<clipPath id="${id}">${rect(box, '', radius).replace(' class=""', '')}</clipPath><image x="${px(x)}" y="${px(y)}" width="${px(size)}" height="${px(size)}" clip-path="url(#${id})" preserveAspectRatio="xMidYMid meet" href="${image}"/>`;
  }
  const scale = size / 24 / 1.8;
  const inset = (size - 24 * scale) / 2;
  return `${rect(box, 'k', ARTWORK_RADIUS)}<path class="m" opacity=".7" transform="translate(${px(x + inset)} ${px(y + inset)}) scale(${px(scale)})" d="M9 4.5v9.7a3.4 3.4 0 1 0 2 3.1V8.2l8-1.9v5.9a3.4 3.4 0 1 0 2 3.1V2Z"/>`;
}
