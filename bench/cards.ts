import { existsSync } from 'node:fs';
import { DEFAULT_WIDGET_OPTIONS, LAYOUTS_OF_WIDGET, WIDGET_KINDS } from '@spindle/contracts';
import { renderCard } from '../services/gateway/src/widgets/render-card.ts';
import { EXAMPLES } from '../services/gateway/test/support/example-cards.ts';
import { writeSheet } from './cards/sheet.ts';
import { conclude, figure, goal, line, option } from './report.ts';

// CPU of a card drawn anew, each kind in each of its layouts with ten rows and artwork.
// Options: --cards=1000 --sheet=bench/results/cards.html (all cards and themes as a page, and as pictures
// where Chromium is at CHROMIUM_PATH or /usr/bin/chromium)

const CARDS = option('cards', 1_000);
const GOAL_MS = 2;

/** Mean CPU of one drawing, ms. */
function measure(draw: () => string): number {
  const before = process.cpuUsage();
  for (let drawn = 0; drawn < CARDS; drawn += 1) draw();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / CARDS;
}

process.stdout.write(`\nCPU of a card, mean of ${CARDS}\n`);
let most = 0;
for (const kind of WIDGET_KINDS) {
  for (const layout of LAYOUTS_OF_WIDGET[kind]) {
    const draw = () => renderCard(EXAMPLES[kind], { ...DEFAULT_WIDGET_OPTIONS, layout, limit: 10 });
    const cpu = measure(draw);
    most = Math.max(most, cpu);
    line(`${kind}, ${layout}`, `${cpu.toFixed(3)} ms, ${Math.round(Buffer.byteLength(draw()) / 1_024)} KiB`);
  }
}
figure({
  what: 'A card drawn anew: CPU of the dearest kind',
  value: `${most.toFixed(3)} ms`,
  baseline: `goal: ${GOAL_MS} ms`,
  ratio: most / GOAL_MS,
});
goal(most < GOAL_MS, `every card under ${GOAL_MS} ms of CPU: ${most.toFixed(3)} ms at most`);

const sheet = process.argv.find((argument) => argument.startsWith('--sheet='))?.slice('--sheet='.length);
if (sheet) {
  const chromium = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
  const written = await writeSheet(sheet, existsSync(chromium) ? chromium : null);
  line('written', `${written.length} files, ${sheet} first`);
}
conclude();
