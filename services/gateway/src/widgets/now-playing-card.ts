import type { WidgetOptions } from '@spindle/contracts';
import type { NowPlayingCardData } from './card-data.ts';
import { type Area, type Canvas, type CardContent, cardFrame, type Drawn } from './card-frame.ts';
import { EQUALISER_WIDTH, equaliser, type Progress, progressBar } from './motion.ts';
import { artwork, spotifyLink } from './pen.ts';
import { ago, clock } from './words.ts';

/** Words of an item, whatever it is. */
interface Words {
  readonly heading: string;
  readonly title: string;
  readonly by: string;
  readonly third: string;
}

function headingOf({ state, playedAt, now }: NowPlayingCardData): string {
  if (state === 'last-played') return playedAt === null ? 'Last played' : `Last played ${ago(playedAt, now)}`;
  return { playing: 'Now playing', paused: 'Paused', nothing: 'Not playing', private: 'Listening privately' }[
    state
  ];
}

function wordsOf(data: NowPlayingCardData, options: WidgetOptions): Words {
  const heading = headingOf(data);
  if (data.state === 'private')
    return { heading, title: 'A private session', by: 'What plays stays private', third: '' };
  if (data.itemKind === 'ad')
    return { heading, title: 'Advertisement', by: 'Music goes on after it', third: '' };
  if (data.state === 'nothing' || data.title === null)
    return { heading, title: 'Nothing is playing', by: 'It shows here as soon as something does', third: '' };
  const album = options.showAlbum ? (data.album ?? '') : '';
  const device = options.showDevice && data.device && data.state !== 'last-played' ? `on ${data.device}` : '';
  return {
    heading,
    title: data.title,
    by: data.artists.join(', ') || (data.itemKind === 'local' ? 'Local file' : ''),
    third: [album, device].filter(Boolean).join(' · '),
  };
}

function progressOf(data: NowPlayingCardData, options: WidgetOptions): Progress | null {
  const { state, startedAt, progressMs, durationMs, now } = data;
  if (!options.showProgress || !durationMs || durationMs <= 0) return null;
  if (state !== 'playing' && state !== 'paused') return null;
  const elapsed = state === 'playing' && startedAt !== null ? now - startedAt : progressMs;
  if (elapsed === null) return null;
  return {
    durationMs,
    elapsedMs: Math.min(durationMs, Math.max(0, elapsed)),
    moving: state === 'playing' && options.animate,
  };
}

const hasItem = (data: NowPlayingCardData) =>
  data.title !== null && data.state !== 'private' && data.state !== 'nothing' && data.itemKind !== 'ad';

/** The mark of explicit words, 14 px wide. */
const explicitMark = (x: number, baseline: number) =>
  `<rect class="k" x="${x}" y="${baseline - 11}" width="14" height="14" rx="3"/><text class="m" x="${x + 7}" y="${baseline - 0.5}" font-size="10" font-weight="600" text-anchor="middle">E</text>`;

function linked(data: NowPlayingCardData, words: Words, content: string): string {
  return hasItem(data) ? spotifyLink(data.url, `${words.title} – ${words.by}`, content) : content;
}

/** Cover at the left, words and bar beside it. */
function drawCard(data: NowPlayingCardData, words: Words, area: Area, canvas: Canvas): Drawn {
  const { pen, options, look } = canvas;
  const image = hasItem(data) ? data.artwork : null;
  const size = area.width < 300 ? 72 : 104;
  const left = options.showArtwork ? area.x + size + 18 : area.x;
  const width = area.x + area.width - left;
  const progress = progressOf(data, options);
  const mark = data.explicit && hasItem(data) ? 20 : 0;
  const lines: string[] = [];
  const textHeight = 22 + (words.by ? 22 : 0) + (words.third ? 19 : 0) + (progress ? 26 : 0);
  let y = area.y + (options.showArtwork ? Math.max(0, (size - textHeight) / 2) : 0);
  lines.push(pen.text(left, y + 17, words.title, { size: 18, ink: 'text', bold: true, width }));
  y += 22;
  if (words.by) {
    if (mark) lines.push(explicitMark(left, y + 15));
    lines.push(pen.text(left + mark, y + 15, words.by, { size: 14, ink: 'text', width: width - mark }));
    y += 22;
  }
  if (words.third) {
    lines.push(pen.text(left, y + 13, words.third, { size: 12, ink: 'muted', width }));
    y += 19;
  }
  const text = linked(data, words, lines.join(''));
  const cover = options.showArtwork ? linked(data, words, artwork(image, area.x, area.y, size)) : '';
  let bar = '';
  if (progress) {
    bar = bars(progress, { x: left, y: y + 12, width }, canvas, look.terminal ? 0 : 2.5);
    y += 26;
  }
  return {
    svg: cover + text + bar,
    height: Math.max(options.showArtwork ? size : 0, y - area.y),
  };
}

/** The bar between its two times. */
function bars(progress: Progress, area: Area, { pen, options }: Canvas, radius: number): string {
  const style = { size: 11, ink: 'muted' } as const;
  const [from, to] = [clock(progress.elapsedMs), clock(progress.durationMs)];
  if (!options.showTimes) return progressBar({ ...area, height: 5 }, progress, radius);
  const room = Math.ceil(pen.measure(to.replace(/\d/g, '0'), style)) + 2;
  const bar = { x: area.x + room + 8, y: area.y, width: area.width - 2 * (room + 8), height: 5 };
  return [
    pen.text(area.x, area.y + 6.5, from, { ...style, width: room }),
    progressBar(bar, progress, radius),
    pen.text(area.x + area.width, area.y + 6.5, to, { ...style, width: room, anchor: 'end' }),
  ].join('');
}

/** Small cover, two lines, and a bar under them. */
function drawCompact(data: NowPlayingCardData, words: Words, area: Area, canvas: Canvas): Drawn {
  const { pen, options, look } = canvas;
  const size = 52;
  const left = options.showArtwork ? area.x + size + 12 : area.x + 2;
  const width = area.x + area.width - left;
  const progress = progressOf(data, options);
  const playing = data.state === 'playing' && options.animate;
  const signs = data.state === 'playing' ? EQUALISER_WIDTH + 8 : 0;
  const by =
    data.state === 'last-played' && data.playedAt !== null && options.showTimes
      ? `${words.by} · ${ago(data.playedAt, data.now)}`
      : words.by;
  const y = area.y + (progress ? 0 : 6);
  const text = [
    pen.text(left, y + 16, words.title, { size: 14, ink: 'text', bold: true, width: width - signs }),
    pen.text(left, y + 35, by, { size: 12, ink: 'muted', width }),
  ].join('');
  return {
    height: size,
    svg: [
      options.showArtwork
        ? linked(data, words, artwork(hasItem(data) ? data.artwork : null, area.x, area.y, size))
        : '',
      linked(data, words, text),
      signs ? equaliser(area.x + area.width - EQUALISER_WIDTH, y + 16, playing) : '',
      progress
        ? progressBar({ x: left, y: area.y + 47, width, height: 4 }, progress, look.terminal ? 0 : 2)
        : '',
    ].join(''),
  };
}

/** One line. */
function drawRow(data: NowPlayingCardData, words: Words, area: Area, { pen, options }: Canvas): Drawn {
  const size = 28;
  const playing = data.state === 'playing';
  const bars = playing ? EQUALISER_WIDTH + 10 : 0;
  const left = area.x + 2 + (options.showArtwork ? size + 10 : 0) + bars;
  const width = area.x + area.width - left;
  const by = hasItem(data) ? words.by : '';
  const text = pen.pair(left, area.y + 18.5, words.title, by, { size: 13, width });
  const cover = options.showArtwork
    ? linked(data, words, artwork(hasItem(data) ? data.artwork : null, area.x + 2, area.y, size))
    : '';
  return {
    height: size,
    svg: [
      cover,
      playing ? equaliser(left - bars, area.y + 20, options.animate) : '',
      linked(data, words, text),
    ].join(''),
  };
}

const SHAPES = {
  card: { draw: drawCard, width: 460 },
  compact: { draw: drawCompact, width: 400 },
  row: { draw: drawRow, width: 480 },
} as const;

/** What somebody plays now, or played last. */
export function nowPlayingCard(data: NowPlayingCardData, options: WidgetOptions): string {
  const words = wordsOf(data, options);
  const layout = options.layout === 'compact' || options.layout === 'row' ? options.layout : 'card';
  const { draw, width } = SHAPES[layout];
  const item = [words.title, words.by].filter(Boolean).join(' by ');
  const content: CardContent = {
    user: data.user,
    title: `${words.heading}: ${hasItem(data) ? item : words.title}`,
    description: `${data.user.name} on Spotify. ${[words.heading, words.title, words.by, words.third].filter(Boolean).join('. ')}.`,
    heading: words.heading,
    command: data.state === 'playing' ? 'now-playing' : `now-playing # ${words.heading.toLowerCase()}`,
    ...(data.state === 'playing' && { equaliser: options.animate ? 'moving' : 'still' }),
    moves: data.state === 'playing',
    width,
    form: layout === 'card' ? 'full' : 'strip',
    draw: (area, canvas) => draw(data, words, area, canvas),
  };
  return cardFrame(content, options);
}
