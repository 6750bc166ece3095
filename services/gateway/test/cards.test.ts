import { describe, expect, it } from '@jest/globals';
import {
  DEFAULT_WIDGET_OPTIONS,
  LAYOUTS_OF_WIDGET,
  parseWidgetQuery,
  WIDGET_KINDS,
  WIDGET_OPTION_FIELDS,
  WIDGET_THEMES,
  type WidgetOptions,
} from '@spindle/contracts';
import fc from 'fast-check';
import { SaxesParser, type SaxesTagPlain } from 'saxes';
import type { CardData, CardNotice } from '../src/widgets/card-data.ts';
import { READABLE } from '../src/widgets/colour.ts';
import { renderNotice } from '../src/widgets/notice-card.ts';
import { renderCard } from '../src/widgets/render-card.ts';
import { EXAMPLES } from './support/example-cards.ts';

const NOTICES: readonly CardNotice[] = [
  { kind: 'sharing-stopped', name: 'Anna' },
  { kind: 'reconnect', name: null },
  { kind: 'no-such-user' },
  { kind: 'nothing-yet', name: 'Anna' },
  { kind: 'unavailable' },
  { kind: 'bad-options', problems: ['theme must be one of …, not “nope”'] },
];

interface Parsed {
  readonly tags: readonly SaxesTagPlain[];
  /** Text by the element that holds it. */
  readonly texts: readonly { readonly in: string; readonly text: string }[];
}

/** Reads a card as a strict parser of XML does. @throws Error for what is not well-formed. */
function parse(svg: string): Parsed {
  const tags: SaxesTagPlain[] = [];
  const texts: { in: string; text: string }[] = [];
  const open: string[] = [];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', (tag) => {
    tags.push(tag);
    open.push(tag.name);
  });
  parser.on('closetag', () => open.pop());
  parser.on('text', (text) => {
    texts.push({ in: open.at(-1) ?? '', text });
  });
  parser.write(svg).close();
  return { tags, texts };
}

const HARMLESS = new Set(
  'svg title desc style rect text tspan a g path circle image clipPath defs linearGradient stop use line polygon'.split(
    ' ',
  ),
);

/** Nothing in a card runs, or loads anything; its links lead to Spotify or to the listener's page. */
function harmIn({ tags, texts }: Parsed): string[] {
  const found: string[] = [];
  for (const { name, attributes } of tags) {
    if (!HARMLESS.has(name)) found.push(name);
    for (const [attribute, value] of Object.entries(attributes)) {
      if (/^on/i.test(attribute)) found.push(attribute);
      if (!/href$/.test(attribute)) continue;
      const allowed =
        name === 'image'
          ? /^data:image\/(?:png|jpeg|webp|gif);base64,/
          : /^(?:#|https:\/\/open\.spotify\.com\/|https:\/\/spindle\.example\/u\/)/;
      if (!allowed.test(value)) found.push(`${name} ${value.slice(0, 80)}`);
    }
  }
  for (const { in: element, text } of texts)
    if (element === 'style' && /@import|url\(\s*['"]?(?!#)/.test(text)) found.push(text);
  return found;
}
const expectHarmless = (parsed: Parsed) => expect(harmIn(parsed)).toEqual([]);

const withNames = (data: CardData, name: string): CardData => {
  const user = { ...data.user, name };
  if (data.kind === 'now-playing')
    return { ...data, user, artwork: null, title: name, artists: [name], album: name, device: name };
  if ('rows' in data)
    return {
      ...data,
      user,
      rows: data.rows.map((row) => ({ ...row, artwork: null, title: name, artists: [name] })),
    } as CardData;
  return { ...data, user, ...('label' in data && { label: name }) } as CardData;
};

describe('every card', () => {
  it('is well-formed and harmless in every theme and layout, and names itself for who cannot see it', () => {
    for (const kind of WIDGET_KINDS)
      for (const layout of LAYOUTS_OF_WIDGET[kind])
        for (const theme of WIDGET_THEMES) {
          const parsed = parse(
            renderCard(EXAMPLES[kind], { ...DEFAULT_WIDGET_OPTIONS, theme, layout, limit: 10 }),
          );
          expectHarmless(parsed);
          const [root] = parsed.tags;
          expect(root).toMatchObject({ name: 'svg', attributes: { role: 'img' } });
          const title = parsed.texts.find((one) => one.in === 'title')?.text ?? '';
          expect(title.length).toBeGreaterThan(5);
          expect(parsed.texts.map((one) => one.text).join(' ')).toContain('Spotify');
        }
    for (const notice of NOTICES) {
      const parsed = parse(renderNotice(notice, DEFAULT_WIDGET_OPTIONS));
      expectHarmless(parsed);
      expect(parsed.texts.some((one) => one.in === 'text')).toBe(true);
    }
  });

  it('stays so whatever things are called', () => {
    const nasty = fc.constantFrom(
      ']]>',
      '<script>alert(1)</script>',
      '"><image href="https://example.org/x" onload="alert(1)"/>',
      '<!--',
      '<![CDATA[',
      '&#0;&amp;&nope;',
      '\u0000\u0008\u001f\u007f\u0085\ufffe\uffff',
      '\ud83d',
      '\udc00x',
      '\u202eright to left\u202c',
      'שלום עולם',
      'الموسيقى 123',
      '夜に駆ける',
      '👩‍👩‍👧‍👦🇵🇹',
      '\n\t\r',
      '',
      'x'.repeat(5_000),
      '字'.repeat(5_000),
      "');}</style><script>",
      'javascript:alert(1)',
    );
    const names = fc.oneof(
      nasty,
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.tuple(nasty, nasty).map(([a, b]) => a + b),
    );
    const kinds = fc.constantFrom(...WIDGET_KINDS);
    const themes = fc.constantFrom(...WIDGET_THEMES);
    fc.assert(
      fc.property(kinds, themes, names, fc.boolean(), (kind, theme, name, titled) => {
        const { options } = parseWidgetQuery(titled ? { theme, title: name } : { theme }, kind);
        expectHarmless(parse(renderCard(withNames(EXAMPLES[kind], name), { ...options, showDevice: true })));
      }),
      { numRuns: 10_000 },
    );
  }, 120_000);

  it('cuts a long title and has all of it for who asks', () => {
    const long = 'A very long title that no card has room for, whatever its width may be, and then some more';
    for (const layout of LAYOUTS_OF_WIDGET['now-playing']) {
      const { texts } = parse(
        renderCard(withNames(EXAMPLES['now-playing'], long), {
          ...DEFAULT_WIDGET_OPTIONS,
          layout,
          width: 300,
        }),
      );
      expect(texts.some((one) => one.in === 'text' && one.text.endsWith('…'))).toBe(true);
      expect(texts.some((one) => ['title', 'desc'].includes(one.in) && one.text.includes(long))).toBe(true);
    }
  });

  it('has the width that was asked for', () => {
    for (const kind of WIDGET_KINDS)
      for (const width of [260, 500, 1_000]) {
        const [root] = parse(renderCard(EXAMPLES[kind], { ...DEFAULT_WIDGET_OPTIONS, width })).tags;
        expect({ kind, width: root?.attributes['width'] }).toEqual({ kind, width: String(width) });
      }
  });

  it('moves only for those who want it', () => {
    const moving = (options: Partial<WidgetOptions>) =>
      renderCard(EXAMPLES['now-playing'], { ...DEFAULT_WIDGET_OPTIONS, ...options });
    expect(moving({})).toMatch(/prefers-reduced-motion/);
    expect(moving({ animate: false })).not.toMatch(/animation|@keyframes/);
  });
});

/** Relative luminance and contrast, WCAG 2.2, worked out here once more. */
function contrastOf(one: string, other: string): number {
  const luminance = (hex: string) => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
      const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

describe('colours of one’s own', () => {
  it('can be read, whatever they are', () => {
    const hex = fc.integer({ min: 0, max: 0xffffff }).map((value) => value.toString(16).padStart(6, '0'));
    fc.assert(
      fc.property(hex, hex, hex, hex, (bg, text, muted, accent) => {
        const { options } = parseWidgetQuery({ theme: 'light', bg, text, muted, accent });
        const svg = renderCard(EXAMPLES['now-playing'], options);
        const fill = (name: string) => new RegExp(`\\.${name}\\{fill:(#[0-9a-f]{6})`).exec(svg)?.[1] ?? '';
        // Colours are whole numbers, so a hair may be lost.
        for (const ink of ['t', 'm', 'a'])
          expect(contrastOf(fill(ink), fill('g'))).toBeGreaterThanOrEqual(READABLE - 0.05);
      }),
    );
  });
});

describe('the options of a card', () => {
  it('fall back one by one, and say what is wrong', () => {
    const { options, problems } = parseWidgetQuery(
      { theme: 'nope', width: '99999', limit: '3', bg: 'red', colour: 'x', title: ['a', 'b'] },
      'top-tracks',
    );
    expect(options).toEqual({ ...DEFAULT_WIDGET_OPTIONS, limit: 3 });
    expect(problems).toHaveLength(5);
    for (const name of ['theme', 'width', 'bg', 'colour', 'title'])
      expect(problems.some((problem) => problem.includes(name))).toBe(true);
  });

  it('of the form are options of the address, with their defaults', () => {
    for (const { name, default: usual } of WIDGET_OPTION_FIELDS) {
      const { options, problems } = parseWidgetQuery(usual === null ? {} : { [name]: usual });
      expect({ name, problems }).toEqual({ name, problems: [] });
      expect(options).toEqual(DEFAULT_WIDGET_OPTIONS);
    }
  });
});
