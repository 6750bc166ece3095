import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  DEFAULT_WIDGET_OPTIONS,
  LAYOUTS_OF_WIDGET,
  WIDGET_KINDS,
  WIDGET_THEMES,
  type WidgetOptions,
} from '@spindle/contracts';
import { renderNotice } from '../../services/gateway/src/widgets/notice-card.ts';
import { renderCard } from '../../services/gateway/src/widgets/render-card.ts';
import { EXAMPLES, STATES } from '../../services/gateway/test/support/example-cards.ts';

const image = (svg: string) =>
  `<img alt="" src="data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}">`;

const section = (title: string, cards: readonly string[]) =>
  `<section><h2>${title}</h2><div>${cards.map(image).join('')}</div></section>`;

/** A theme: every kind in every layout. */
function themeSection(theme: WidgetOptions['theme']): string {
  const cards = WIDGET_KINDS.flatMap((kind) =>
    LAYOUTS_OF_WIDGET[kind].map((layout) =>
      renderCard(EXAMPLES[kind], { ...DEFAULT_WIDGET_OPTIONS, theme, layout }),
    ),
  );
  return section(theme, cards);
}

/** What players do, what goes wrong, and options that change much. */
function specialSections(theme: WidgetOptions['theme']): string {
  const options = { ...DEFAULT_WIDGET_OPTIONS, theme };
  const states = Object.values(STATES).flatMap((data) => [
    renderCard(data, { ...options, showDevice: true }),
    renderCard(data, { ...options, layout: 'compact' }),
    renderCard(data, { ...options, layout: 'row' }),
  ]);
  const notices = [
    renderNotice({ kind: 'sharing-stopped', name: 'Anna' }, options),
    renderNotice({ kind: 'reconnect', name: 'Anna' }, options),
    renderNotice({ kind: 'no-such-user' }, options),
    renderNotice({ kind: 'nothing-yet', name: 'Anna' }, options),
    renderNotice({ kind: 'unavailable' }, options),
    renderNotice(
      { kind: 'bad-options', problems: ['width must be a whole number from 260 to 1000, not “12”', 'nope'] },
      options,
    ),
  ];
  const narrow = WIDGET_KINDS.flatMap((kind) =>
    LAYOUTS_OF_WIDGET[kind].map((layout) => renderCard(EXAMPLES[kind], { ...options, layout, width: 260 })),
  );
  const wide = WIDGET_KINDS.flatMap((kind) =>
    LAYOUTS_OF_WIDGET[kind].map((layout) =>
      renderCard(EXAMPLES[kind], { ...options, layout, width: 800, limit: 10 }),
    ),
  );
  const bare = WIDGET_KINDS.map((kind) =>
    renderCard(EXAMPLES[kind], {
      ...options,
      showHeader: false,
      showArtwork: false,
      showTimes: false,
      showFooter: false,
    }),
  );
  const own = WIDGET_KINDS.map((kind) =>
    renderCard(EXAMPLES[kind], {
      ...options,
      title: 'On my speakers',
      by: 'time',
      showFooter: false,
      colours: { bg: '00000000', accent: 'ff0088', border: '00000000' },
    }),
  );
  return [
    section(`${theme}: states`, states),
    section(`${theme}: notices`, notices),
    section(`${theme}: 260 px`, narrow),
    section(`${theme}: 800 px`, wide),
    section(`${theme}: parts left out`, bare),
    section(`${theme}: clear background`, own),
  ].join('');
}

/** All cards in all themes on one page. */
export function contactSheet(scheme: 'light' | 'dark'): string {
  const ground = scheme === 'light' ? '#ffffff' : '#0d1117';
  const style = `:root{color-scheme:${scheme}}body{margin:32px;width:1540px;background:${ground};color:#888;font:14px system-ui}div{display:flex;flex-wrap:wrap;gap:16px;align-items:flex-start}h2{margin:28px 0 12px}`;
  const themes = WIDGET_THEMES.map(themeSection).join('');
  return `<!doctype html><meta charset="utf-8"><title>Cards</title><style>${style}</style>${themes}${specialSections('auto')}`;
}

/** Writes the page, and beside it pictures of its sections where Chromium is at hand. */
export async function writeSheet(file: string, chromium: string | null): Promise<string[]> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, contactSheet('light'));
  if (!chromium) return [file];
  const { chromium: launcher } = await import('playwright-core');
  const browser = await launcher.launch({ executablePath: chromium, args: ['--no-sandbox'] });
  const written = [file];
  try {
    for (const scheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({
        colorScheme: scheme,
        viewport: { width: 1604, height: 1000 },
      });
      await page.setContent(contactSheet(scheme));
      for (const section of await page.locator('section').all()) {
        const name = ((await section.locator('h2').textContent()) ?? '').replace(/\W+/g, '-');
        const path = file.replace(/\.html$/, `-${scheme}-${name}.png`);
        await section.screenshot({ path, animations: 'disabled' });
        written.push(path);
      }
      await page.close();
    }
  } finally {
    await browser.close();
  }
  return written;
}
