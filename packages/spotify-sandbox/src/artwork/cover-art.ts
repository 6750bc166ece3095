import { randomFor, type SeededRandom } from '../seeded-random.ts';
import type { ImageKind } from './image-address.ts';
import { encodePng } from './png.ts';

type Rgb = readonly [number, number, number];
/** Opacity from 0 to 1 of a shape at a point; coordinates from 0 to 1. */
type Shape = (x: number, y: number) => number;

/** Draws a picture from its key: always the same one, a different one for every key. */
export function drawCover(kind: ImageKind, key: string, size: number): Buffer {
  const random = randomFor('artwork', kind, key);
  const hue = random.next();
  const dark = colour(hue, random.between(0.35, 0.75), random.between(0.16, 0.34));
  const light = colour(
    hue + random.between(0.06, 0.22),
    random.between(0.45, 0.85),
    random.between(0.5, 0.72),
  );
  const angle = random.between(0, 2 * Math.PI);
  const [dx, dy] = [Math.cos(angle) / 1.4, Math.sin(angle) / 1.4];
  const layers = Array.from({ length: kind === 'user' ? 2 : random.int(2, 4) }, () => ({
    shape: kind === 'artist' || kind === 'user' ? disc(random) : anyShape(random),
    paint: colour(hue + random.between(0.3, 0.7), random.between(0.4, 0.9), random.between(0.4, 0.85)),
    strength: random.between(0.35, 0.95),
  }));

  const pixels = new Uint8Array(size * size * 3);
  let at = 0;
  for (let row = 0; row < size; row += 1) {
    const y = (row + 0.5) / size;
    for (let column = 0; column < size; column += 1) {
      const x = (column + 0.5) / size;
      const mix = Math.min(1, Math.max(0, 0.5 + (x - 0.5) * dx + (y - 0.5) * dy));
      let red = dark[0] + (light[0] - dark[0]) * mix;
      let green = dark[1] + (light[1] - dark[1]) * mix;
      let blue = dark[2] + (light[2] - dark[2]) * mix;
      for (const { shape, paint, strength } of layers) {
        const cover = shape(x, y) * strength;
        if (cover <= 0) continue;
        red += (paint[0] - red) * cover;
        green += (paint[1] - green) * cover;
        blue += (paint[2] - blue) * cover;
      }
      pixels[at] = red;
      pixels[at + 1] = green;
      pixels[at + 2] = blue;
      at += 3;
    }
  }
  return encodePng(size, size, pixels);
}

const EDGE = 0.004;
/** 1 inside, 0 outside, soft over a hair's breadth; `distance` is negative inside. */
const soft = (distance: number): number => Math.min(1, Math.max(0, 0.5 - distance / (2 * EDGE)));

function anyShape(random: SeededRandom): Shape {
  return random.weighted<(random: SeededRandom) => Shape>([
    [disc, 4],
    [ring, 3],
    [waves, 3],
    [stripes, 2],
    [rays, 1],
  ])(random);
}

function disc(random: SeededRandom): Shape {
  const [cx, cy, radius] = [
    random.between(0.15, 0.85),
    random.between(0.15, 0.85),
    random.between(0.12, 0.42),
  ];
  return (x, y) => soft(Math.hypot(x - cx, y - cy) - radius);
}

function ring(random: SeededRandom): Shape {
  const [cx, cy, radius] = [random.between(0.2, 0.8), random.between(0.2, 0.8), random.between(0.15, 0.45)];
  const width = random.between(0.01, 0.06);
  return (x, y) => soft(Math.abs(Math.hypot(x - cx, y - cy) - radius) - width);
}

function waves(random: SeededRandom): Shape {
  const [level, height, count, phase] = [
    random.between(0.35, 0.8),
    random.between(0.02, 0.09),
    random.between(1, 4),
    random.between(0, 6.3),
  ];
  return (x, y) => soft(level + height * Math.sin(x * count * 6.283 + phase) - y);
}

function stripes(random: SeededRandom): Shape {
  const angle = random.between(0, Math.PI);
  const [dx, dy] = [Math.cos(angle), Math.sin(angle)];
  const count = random.int(4, 14);
  return (x, y) => soft((Math.abs((((x * dx + y * dy) * count + 100) % 1) - 0.5) - 0.18) / count);
}

function rays(random: SeededRandom): Shape {
  const [cx, cy, count] = [random.between(0.3, 0.7), random.between(0.6, 1.1), random.int(7, 17)];
  return (x, y) => (Math.sin(Math.atan2(y - cy, x - cx) * count) > 0.2 ? 0.8 : 0);
}

/** HSL to 8-bit RGB (CSS Color 4, section 7.1). All arguments from 0 to 1; the hue wraps. */
function colour(hue: number, saturation: number, lightness: number): Rgb {
  const spread = saturation * Math.min(lightness, 1 - lightness);
  const channel = (offset: number): number => {
    const k = (offset + hue * 12) % 12;
    return Math.round(255 * (lightness - spread * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [channel(0), channel(8), channel(4)];
}
