import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { variablesByTopic } from './variables-by-topic.ts';

const README = fileURLToPath(new URL('../README.md', import.meta.url));
const BEGIN = '<!-- Made by `node tooling/configuration-table.ts --write`. -->';
const END = '<!-- End of the configuration. -->';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');

function defaultOf({ fallback, secret }: { readonly fallback?: string; readonly secret: boolean }): string {
  if (fallback !== undefined && fallback !== '' && fallback !== ',') return `\`${cell(fallback)}\``;
  return secret ? '*secret*' : '';
}

/** The configuration as Markdown tables, one a topic, from the declarations that the services read. */
export function configurationTables(): string {
  return variablesByTopic()
    .map(({ title, variables }) =>
      [
        `**${title}**`,
        '',
        '| variable | what for | default |',
        '|---|---|---|',
        ...variables.map((one) => `| \`${one.name}\` | ${cell(one.doc)} | ${defaultOf(one)} |`),
      ].join('\n'),
    )
    .join('\n\n');
}

/** A text with the tables between its two marks. @throws Error when it has no marks. */
export function withTables(text: string): string {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error('The README has no place for the configuration.');
  return `${text.slice(0, begin + BEGIN.length)}\n\n${configurationTables()}\n\n${text.slice(end)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--write')) writeFileSync(README, withTables(readFileSync(README, 'utf8')));
  else process.stdout.write(`${configurationTables()}\n`);
}
