import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Topic, topics } from '@spindle/service-kit';
import { compose } from './container-topics.ts';
import { SERVICE_CONFIGS } from './service-configs.ts';

const WIDTH = 100;

const HEAD = `# Spindle's configuration. Copy to .env and uncomment what you change; \`npm start\` and \`docker compose\`
# read it. Nothing here is needed to try Spindle: \`npm start\` brings PostgreSQL, Redis, secrets and a
# Spotify sandbox of its own. Every secret may instead come from a file, named in NAME_FILE.
#
# Made by \`node tooling/env-example.ts --write\` from the declarations that the services read.
`;

function comment(text: string): string {
  const lines: string[] = [];
  let line = '#';
  for (const word of text.split(/\s+/)) {
    if (line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = '#';
    }
    line += ` ${word}`;
  }
  return [...lines, line].join('\n');
}

/** What all services share, then what single ones have, then what only containers ask. */
function allTopics(): Topic<unknown>[] {
  const shared = Object.values(topics).filter((topic) => 'variables' in topic);
  const own = Object.values(SERVICE_CONFIGS).flatMap((config) => Object.values(config.topics));
  return [...new Set<Topic<unknown>>([...shared, ...own, compose])];
}

/** The text of `.env.example`: every variable of every topic once, with what it is for. */
export function envExample(): string {
  const seen = new Set<string>();
  const sections = allTopics().map((topic) => {
    const fresh = topic.variables.filter((variable) => !seen.has(variable.name));
    for (const variable of fresh) seen.add(variable.name);
    if (fresh.length === 0) return '';
    const entries = fresh.map((variable) => {
      const fallback = variable.fallback === ',' ? '' : variable.fallback;
      return `${comment(variable.doc)}\n#${variable.name}=${fallback ?? variable.example ?? ''}\n`;
    });
    return `\n# ── ${topic.title} ${'─'.repeat(Math.max(0, WIDTH - topic.title.length - 6))}\n\n${entries.join('\n')}`;
  });
  return HEAD + sections.join('');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--write')) {
    writeFileSync(fileURLToPath(new URL('../.env.example', import.meta.url)), envExample());
  } else {
    process.stdout.write(envExample());
  }
}
