import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '../../project.ts';

/** What the tests look at of a service in docker-compose.yml. */
export interface ComposeService {
  readonly image: string;
  readonly build?: { readonly context: string; readonly target: string };
  readonly command?: readonly string[];
  readonly user?: string;
  readonly restart?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly logging?: { readonly options: { readonly 'max-size': string } };
  readonly stop_grace_period?: string;
  readonly ports?: readonly string[];
  readonly networks?: readonly string[] | Readonly<Record<string, unknown>>;
  readonly network_mode?: string;
  readonly volumes?: readonly string[];
  readonly secrets?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly deploy?: {
    readonly resources: { readonly limits: { readonly memory: string; readonly pids: number } };
  };
  readonly container_name?: string;
  readonly profiles?: readonly string[];
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly networks?: Readonly<Record<string, { readonly internal?: boolean } | null>>;
  readonly volumes?: Readonly<Record<string, unknown>>;
  readonly secrets?: Readonly<Record<string, { readonly file: string }>>;
}

export const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** A compose file with its anchors and merges carried out, and its variables as they are. */
export function composeFile(path: string): ComposeFile {
  return parse(textOf(path), { merge: true }) as ComposeFile;
}

/** `${NAME}`, `${NAME:-default}`, `${NAME:?message}` and `$$`, as Compose replaces them. Defaults may nest. */
export function interpolate(text: string, variables: Readonly<Record<string, string>>): string {
  const innermost = /\$\{([A-Z_][A-Z0-9_]*)(?::([-?])([^${}]*))?\}/;
  let rest = text.replaceAll('$$', '\u0000');
  for (let match = innermost.exec(rest); match; match = innermost.exec(rest)) {
    const [whole, name = '', sign, word = ''] = match;
    const value = variables[name] ?? '';
    if (value === '' && sign === '?') throw new Error(`${name}: ${word}`);
    rest = rest.replace(whole, () => (value === '' && sign === '-' ? word : value));
  }
  return rest.replaceAll('\u0000', '$');
}

/** The names of all variables that a text asks the operator for. */
export const askedFor = (text: string): string[] => [
  ...new Set(
    [...text.replaceAll('$$', '').matchAll(/\$\{([A-Z_][A-Z0-9_]*)/g)].map(([, name]) => name ?? ''),
  ),
];

/** Seconds of `90s`, `1m30s`. */
export function seconds(text: string): number {
  const parts = [...text.matchAll(/(\d+)(h|m|s)/g)];
  return parts.reduce(
    (sum, [, n, unit]) => sum + Number(n) * (unit === 'h' ? 3600 : unit === 'm' ? 60 : 1),
    0,
  );
}
