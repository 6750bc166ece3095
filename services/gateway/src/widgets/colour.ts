/** Colours, and what can be read on what: WCAG 2.2, https://www.w3.org/TR/WCAG22/#contrast-minimum. */

/** Red, green and blue 0 to 255; opacity 0 to 1. */
export interface Colour {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  readonly alpha: number;
}

/** Least contrast of text. */
export const READABLE = 4.5;

const WHITE: Colour = { red: 255, green: 255, blue: 255, alpha: 1 };
const BLACK: Colour = { red: 0, green: 0, blue: 0, alpha: 1 };

/** From 3, 6 or 8 hexadecimal digits, with or without `#`. */
export function colourOf(hex: string): Colour {
  const digits = hex.replace('#', '');
  const long = digits.length === 3 ? digits.replace(/./g, '$&$&') : digits;
  const channel = (at: number) => Number.parseInt(long.slice(at, at + 2), 16);
  return {
    red: channel(0),
    green: channel(2),
    blue: channel(4),
    alpha: long.length === 8 ? channel(6) / 255 : 1,
  };
}

/** As CSS has it: `#rrggbb`, and `#rrggbbaa` where it lets through. */
export function cssOf({ red, green, blue, alpha }: Colour): string {
  const two = (value: number) => Math.round(value).toString(16).padStart(2, '0');
  return `#${two(red)}${two(green)}${two(blue)}${alpha < 1 ? two(alpha * 255) : ''}`;
}

/** `share` 0 to 1 of the way from one colour to another; opaque. */
export function mix(from: Colour, to: Colour, share: number): Colour {
  const between = (a: number, b: number) => Math.round(a + (b - a) * share);
  return {
    red: between(from.red, to.red),
    green: between(from.green, to.green),
    blue: between(from.blue, to.blue),
    alpha: 1,
  };
}

/** Relative luminance, https://www.w3.org/TR/WCAG22/#dfn-relative-luminance. */
function luminance({ red, green, blue }: Colour): number {
  const linear = (value: number) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

/** Contrast of two opaque colours, 1 to 21. */
export function contrast(one: Colour, other: Colour): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** The opaque colours that a background comes to: what lets through lies on white or on black. */
export function groundsOf(backgrounds: readonly Colour[]): Colour[] {
  return backgrounds.flatMap((one) =>
    one.alpha >= 1 ? [one] : [mix(WHITE, one, one.alpha), mix(BLACK, one, one.alpha)],
  );
}

/** Least contrast of a colour with any of the grounds. */
export const leastContrast = (colour: Colour, grounds: readonly Colour[]): number =>
  Math.min(...grounds.map((ground) => contrast(colour, ground)));

const STEPS = 50;

/** The colour nearest to the wanted that can be read on all grounds, lighter or darker; null: there is none. */
function nearestReadable(wanted: Colour, grounds: readonly Colour[]): Colour | null {
  for (let step = 0; step <= STEPS; step += 1) {
    for (const end of [WHITE, BLACK]) {
      const candidate = mix(wanted, end, step / STEPS);
      if (leastContrast(candidate, grounds) >= READABLE) return candidate;
    }
  }
  return null;
}

/** The only greys that can be read on white as well as on black are about this one (4.54 and 4.62). */
const BETWEEN: Colour = { red: 118, green: 118, blue: 118, alpha: 1 };

/** The wanted colour, made lighter or darker until it can be read. */
export function readable(wanted: Colour, grounds: readonly Colour[]): Colour {
  return nearestReadable({ ...wanted, alpha: 1 }, grounds) ?? BETWEEN;
}

/**
 * A background on which some text can be read wherever it lies. Half-transparent ones that no colour could
 * be read on, over white and over black, become as much more opaque, or clear, as it takes.
 */
export function readableGround(wanted: Colour): Colour {
  for (let step = 0; step <= STEPS; step += 1) {
    for (const alpha of [wanted.alpha + step / STEPS, wanted.alpha - step / STEPS]) {
      const candidate = { ...wanted, alpha: Math.min(1, Math.max(0, alpha)) };
      const grounds = groundsOf([candidate]);
      const best = Math.max(...[WHITE, BLACK, BETWEEN].map((text) => leastContrast(text, grounds)));
      if (best >= READABLE) return candidate;
    }
  }
  return { ...wanted, alpha: 1 };
}
