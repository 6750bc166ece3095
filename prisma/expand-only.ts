/** A statement of a migration that old code, which runs beside the new, may not survive, or that locks for long. */
export interface Finding {
  readonly statement: string;
  readonly why: string;
  /** The comment above the statement that says why it is all right: `-- contract: …` or `-- locks: …`. */
  readonly excuse: 'contract' | 'locks';
}

/** Tables that grow with what listeners hear; a lock on one of them is felt. */
const BIG = ['plays', 'play_periods', 'listening_sessions', 'tracks', 'track_artists', 'albums', 'artists'];

interface Rule {
  readonly pattern: RegExp;
  readonly why: string;
  readonly excuse: Finding['excuse'];
  /** Only for these tables. */
  readonly tables?: readonly string[];
}

const NAME = '"?(?<table>\\w+)"?';
const ALTER = `^ALTER TABLE (?:IF EXISTS )?(?:ONLY )?${NAME}\\b.*`;

const RULES: readonly Rule[] = [
  {
    pattern: new RegExp(`^DROP TABLE (?:IF EXISTS )?${NAME}`, 'is'),
    why: 'drops a table',
    excuse: 'contract',
  },
  { pattern: new RegExp(`${ALTER}\\bDROP COLUMN\\b`, 'is'), why: 'drops a column', excuse: 'contract' },
  {
    pattern: new RegExp(`${ALTER}\\bRENAME\\b`, 'is'),
    why: 'renames what old code names',
    excuse: 'contract',
  },
  {
    pattern: /^ALTER (?:TYPE|INDEX|SEQUENCE) .*\bRENAME\b/is,
    why: 'renames what old code names',
    excuse: 'contract',
  },
  {
    pattern: /^DROP (?:TYPE|VIEW|FUNCTION|SEQUENCE)\b/is,
    why: 'drops what old code may use',
    excuse: 'contract',
  },
  {
    pattern: new RegExp(`${ALTER}\\bALTER COLUMN "?\\w+"? (?:SET DATA )?TYPE\\b`, 'is'),
    why: 'changes the type of a column, and writes the table anew',
    excuse: 'contract',
  },
  {
    pattern: new RegExp(`${ALTER}\\bSET NOT NULL\\b`, 'is'),
    why: 'refuses rows that old code may write',
    excuse: 'contract',
  },
  {
    pattern: new RegExp(`${ALTER}\\bDROP DEFAULT\\b`, 'is'),
    why: 'refuses rows that old code may write',
    excuse: 'contract',
  },
  {
    pattern: new RegExp(
      `${ALTER}\\bADD COLUMN(?:(?!,\\s*(?:ADD|ALTER|DROP)\\b)(?!\\bDEFAULT\\b).)*\\bNOT NULL\\b(?!\\s+DEFAULT)`,
      'is',
    ),
    why: 'adds a column that old code does not fill and that has no default',
    excuse: 'contract',
  },
  {
    pattern: new RegExp(
      `${ALTER}\\bADD CONSTRAINT "?\\w+"? (?:CHECK|FOREIGN KEY)(?!.*\\bNOT VALID\\b)`,
      'is',
    ),
    why: 'looks at every row under a lock, and may refuse rows that old code writes',
    excuse: 'locks',
  },
  {
    pattern: new RegExp(`${ALTER}\\bADD CONSTRAINT "?\\w+"? (?:UNIQUE|PRIMARY KEY|EXCLUDE)`, 'is'),
    why: 'refuses rows that old code may write',
    excuse: 'contract',
  },
  {
    pattern: new RegExp(`^CREATE UNIQUE INDEX .*?\\bON (?:ONLY )?${NAME}`, 'is'),
    why: 'refuses rows that old code may write',
    excuse: 'contract',
  },
  {
    pattern: new RegExp(`^CREATE INDEX (?!CONCURRENTLY\\b).*?\\bON (?:ONLY )?${NAME}`, 'is'),
    why: 'stops writers while the index is made',
    excuse: 'locks',
    tables: BIG,
  },
  {
    pattern: new RegExp(`^(?:UPDATE|DELETE FROM) (?:ONLY )?${NAME}`, 'is'),
    why: 'writes a large table in one transaction',
    excuse: 'locks',
    tables: BIG,
  },
];

/**
 * The statements of a migration that need an excuse and have none. What happens to tables and columns that the same
 * migration makes concerns nobody.
 */
export function unexcused(sql: string): Finding[] {
  const statements = sql.split(';').map((text) => ({
    comments: [...text.matchAll(/^\s*--(.*)$/gm)].map((match) => match[1]?.trim() ?? ''),
    text: text
      .replace(/^\s*--.*$/gm, '')
      .trim()
      .replace(/\s+/g, ' '),
  }));
  const own = new Set(
    statements.flatMap(({ text }) => /^CREATE TABLE (?:IF NOT EXISTS )?"?(\w+)"?/i.exec(text)?.[1] ?? []),
  );
  const fresh = new Set(
    [...sql.matchAll(/^\s*(?:ALTER TABLE "?(\w+)"? )?ADD COLUMN\s+"(\w+)"/gim)].map((match) => match[2]),
  );
  return statements.flatMap(({ text, comments }) =>
    RULES.flatMap(({ pattern, why, excuse, tables }): Finding[] => {
      const match = pattern.exec(text);
      const table = match?.groups?.table;
      if (!match || (table && own.has(table)) || (tables && !tables.includes(table ?? ''))) return [];
      // Old code leaves a column that it does not know empty, and nothing is not equal to nothing.
      const indexed = /^CREATE UNIQUE INDEX .*?\bON [^(]*\(((?:"\w+"(?:, )?)+)\)/i.exec(text)?.[1];
      if (indexed?.split(', ').some((column) => fresh.has(column.replaceAll('"', '')))) return [];
      if (comments.some((one) => one.startsWith(`${excuse}:`) && one.length > excuse.length + 10)) return [];
      return [{ statement: text, why, excuse }];
    }),
  );
}
