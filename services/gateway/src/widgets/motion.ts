import { px } from './pen.ts';

/**
 * Movement by style sheet alone. It starts at the moment the card was drawn: a negative delay sets it to
 * where the track was then.
 */
export const MOTION = [
  '@keyframes q{0%{transform:scaleY(.3)}50%{transform:scaleY(1)}100%{transform:scaleY(.45)}}',
  '@keyframes blink{50%{opacity:0}}',
  '.q{transform-box:fill-box;transform-origin:50% 100%;animation:q 1s ease-in-out infinite alternate}',
  '.blink{animation:blink 1.1s steps(1) infinite}',
  '@media (prefers-reduced-motion:reduce){*{animation:none!important}}',
].join('');

const BARS = [
  { height: 6, seconds: 0.9, delay: -0.4 },
  { height: 12, seconds: 1.2, delay: -0.9 },
  { height: 8, seconds: 0.75, delay: -0.2 },
  { height: 10, seconds: 1.05, delay: -0.7 },
];

export const EQUALISER_WIDTH = 18;

/** Four bars, 18 × 12 px, that stand on `bottom`. */
export function equaliser(x: number, bottom: number, moving: boolean): string {
  return BARS.map(({ height, seconds, delay }, index) => {
    const motion = moving ? ` style="animation-duration:${seconds}s;animation-delay:${delay}s"` : '';
    const place = `x="${px(x + index * 5)}" y="${px(bottom - height)}" width="3" height="${height}" rx="1"`;
    return `<rect class="a${moving ? ' q' : ''}" ${place}${motion}/>`;
  }).join('');
}

/** Where a track is, ms. */
export interface Progress {
  readonly elapsedMs: number;
  readonly durationMs: number;
  /** It goes on from here. */
  readonly moving: boolean;
}

const seconds = (ms: number) => px(ms / 1_000);

/** The bar of a track. It fills from the left until the track's end, and stays full. */
export function progressBar(
  box: { x: number; y: number; width: number; height: number },
  { elapsedMs, durationMs, moving }: Progress,
  radius: number,
): string {
  const { x, y, width, height } = box;
  const left = width * (1 - Math.min(1, elapsedMs / durationMs));
  const shape = `width="${px(width)}" height="${px(height)}" rx="${px(radius)}"`;
  const motion = moving
    ? ` style="animation:bar ${seconds(durationMs)}s linear -${seconds(elapsedMs)}s both"`
    : '';
  const rule = moving
    ? `<style>@keyframes bar{from{transform:translateX(-${px(width)}px)}to{transform:none}}</style>`
    : '';
  return `${rule}<g transform="translate(${px(x)} ${px(y)})"><clipPath id="bar"><rect ${shape}/></clipPath><g clip-path="url(#bar)"><rect class="k" ${shape}/><rect class="a" ${shape} transform="translate(${px(-left)} 0)"${motion}/></g></g>`;
}
