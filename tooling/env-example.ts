import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { variablesByTopic } from './variables-by-topic.ts';

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

/** The text of `.env.example`: every variable of every topic once, with what it is for. */
export function envExample(): string {
  const sections = variablesByTopic().map(({ title, variables }) => {
    const entries = variables.map((variable) => {
      const fallback = variable.fallback === ',' ? '' : variable.fallback;
      return `${comment(variable.doc)}\n#${variable.name}=${fallback ?? variable.example ?? ''}\n`;
    });
    return `\n# ── ${title} ${'─'.repeat(Math.max(0, WIDTH - title.length - 6))}\n\n${entries.join('\n')}`;
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
