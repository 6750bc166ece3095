import type { Artwork } from './card-data.ts';
import type { Area, Canvas, Drawn } from './card-frame.ts';
import { artwork, oneLine, px, rect, spotifyLink } from './pen.ts';

/** A row of a list, whatever it lists. */
export interface ListedItem {
  /** Number before it; null: none. */
  readonly rank: number | null;
  readonly title: string;
  readonly by: string;
  readonly artwork: Artwork;
  readonly url: string | null;
  /** At the right: when, or how often. */
  readonly side: string;
  /** Bar under `side`, 0 to 1; null: none. */
  readonly share: number | null;
}

const ROW = 50;
const COVER = 38;
const SIDE = 84;

const labelOf = ({ title, by }: ListedItem) => [title, by].filter(Boolean).join(' – ');

/** Covers with two lines each. */
export function drawList(items: readonly ListedItem[], area: Area, { pen, options }: Canvas): Drawn {
  const right = area.x + area.width;
  const narrow = area.width < 300;
  const rankRoom = items.some((item) => item.rank !== null) ? 26 : 0;
  const sides = items.map((item) => (item.side === '' ? 0 : pen.measure(item.side, { size: 12 }) + 2));
  // Bars are of one length; without them every row leaves its name what it can.
  const side = options.showTimes ? Math.min(SIDE, narrow ? Math.max(...sides) : SIDE) : 0;
  const rows = items.map((item, index) => {
    const y = area.y + index * ROW;
    const left = area.x + rankRoom + (options.showArtwork ? COVER + 12 : 0);
    const width = right - left - (side ? side + 12 : 0);
    const middle = y + COVER / 2;
    const one = item.by === '' ? middle + 5 : y + 16;
    const words = [
      pen.text(left, one, item.title, { size: 14, ink: 'text', bold: true, width }),
      pen.text(left, y + 33, item.by, { size: 12, ink: 'muted', width }),
    ].join('');
    const share = item.share !== null && !narrow ? item.share : null;
    const bar = { x: right - side, y: y + 27, width: side, height: 4 };
    return [
      item.rank === null
        ? ''
        : pen.text(area.x + 14, middle + 5, String(item.rank), {
            size: 14,
            ink: item.rank === 1 ? 'accent' : 'muted',
            bold: true,
            width: 28,
            anchor: 'middle',
          }),
      spotifyLink(
        item.url,
        labelOf(item),
        (options.showArtwork ? artwork(item.artwork, area.x + rankRoom, y, COVER) : '') + words,
      ),
      side
        ? pen.text(right, share === null ? middle + 4 : y + 16, item.side, {
            size: 12,
            ink: 'muted',
            width: side,
            anchor: 'end',
          })
        : '',
      side && share !== null
        ? rect(bar, 'k', 2) + rect({ ...bar, width: Math.max(4, side * share) }, 'a', 2)
        : '',
    ].join('');
  });
  return { svg: rows.join(''), height: items.length * ROW - (ROW - COVER) };
}

const LINE = 27;

/** One line each, without covers. */
export function drawLines(items: readonly ListedItem[], area: Area, { pen, options }: Canvas): Drawn {
  const right = area.x + area.width;
  const rankRoom = items.some((item) => item.rank !== null) ? 26 : 0;
  const rows = items.map((item, index) => {
    const baseline = area.y + index * LINE + 13;
    const side =
      options.showTimes && item.side !== ''
        ? Math.min(area.width * 0.36, pen.measure(item.side, { size: 12 }) + 2)
        : 0;
    const left = area.x + rankRoom;
    const width = right - left - (side ? side + 12 : 0);
    const words = pen.pair(left, baseline, item.title, item.by, { size: 13, width });
    return [
      item.rank === null
        ? ''
        : pen.text(area.x, baseline, String(item.rank), {
            size: 13,
            ink: item.rank === 1 ? 'accent' : 'muted',
            bold: true,
            width: 26,
          }),
      spotifyLink(item.url, labelOf(item), words),
      side
        ? pen.text(right, baseline, item.side, { size: 12, ink: 'muted', width: side, anchor: 'end' })
        : '',
    ].join('');
  });
  return { svg: rows.join(''), height: items.length * LINE - 8 };
}

const GAP = 12;
/** Narrowest cover with words under it, px. */
const CELL = 64;

/** Covers beside one another, names under them; a second line of covers where there is no room. */
export function drawCovers(items: readonly ListedItem[], area: Area, { pen, options }: Canvas): Drawn {
  const most = Math.max(1, Math.floor((area.width + GAP) / (CELL + GAP)));
  const lines = Math.ceil(items.length / most);
  const columns = Math.ceil(items.length / lines);
  const cell = Math.min((area.width - (columns - 1) * GAP) / columns, 150);
  const cover = options.showArtwork ? Math.floor(cell) : 0;
  const tall = cover + (cover ? 8 : 0) + (items.some((item) => item.by !== '') ? 34 : 18);
  const cells = items.map((item, index) => {
    const x = Math.round(area.x + (index % columns) * (cell + GAP));
    const y = area.y + Math.floor(index / columns) * (tall + 14);
    const words = y + cover + (cover ? 8 : 0);
    const rank = item.rank === null ? '' : `${item.rank} `;
    return spotifyLink(
      item.url,
      labelOf(item),
      [
        cover ? artwork(item.artwork, x, y, cover) : '',
        pen.text(x, words + 12, rank + oneLine(item.title), {
          size: 12,
          ink: 'text',
          bold: true,
          width: cell,
        }),
        pen.text(x, words + 28, item.by, { size: 11, ink: 'muted', width: cell }),
      ].join(''),
    );
  });
  return { svg: cells.join(''), height: Number(px(lines * (tall + 14) - 14)) };
}

/** One sentence in place of rows. */
export function drawSentence(sentence: string, area: Area, { pen }: Canvas): Drawn {
  return {
    svg: pen.text(area.x, area.y + 15, sentence, { size: 14, ink: 'text', width: area.width }),
    height: 22,
  };
}
