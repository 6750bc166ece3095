import { readFileSync } from 'node:fs';
import type { z } from 'zod';

/** One variable of the environment: how to read it and how to explain it. */
export interface Variable<T> {
  readonly name: string;
  /** One sentence for the operator. */
  readonly doc: string;
  /** Takes the text of the variable; its message completes "NAME …". */
  readonly read: z.ZodType<T, string>;
  /** Used when the variable is absent, written as it would be in the environment. */
  readonly fallback?: string;
  readonly optional: boolean;
  /** A secret may also come from the file named in `NAME_FILE`, and its value is never shown. */
  readonly secret: boolean;
  readonly example?: string;
}

interface VariableSpec<T> {
  readonly doc: string;
  readonly read: z.ZodType<T, string>;
  readonly fallback?: string;
  readonly secret?: boolean;
  readonly example?: string;
}

/** A variable that must be present unless it has a `fallback`. */
export function variable<T>(name: string, spec: VariableSpec<T>): Variable<T> {
  return { secret: false, ...spec, name, optional: false };
}

/** A variable that may be absent: then its value is `undefined`. */
export function optionalVariable<T>(
  name: string,
  spec: Omit<VariableSpec<T>, 'fallback'>,
): Variable<T | undefined> {
  return { secret: false, ...spec, name, optional: true };
}

// biome-ignore lint/suspicious/noExplicitAny: the one place that holds variables of every type
type Variables = Record<string, Variable<any>>;
type Values<V extends Variables> = { [K in keyof V]: V[K] extends Variable<infer T> ? T : never };

/** Reports what is wrong with variables taken together. */
export type ReportProblem = (name: string, problem: string) => void;

/** Variables that belong together, and the configuration that they make. */
export interface Topic<C> {
  readonly title: string;
  readonly variables: readonly Variable<unknown>[];
  read(source: VariableReader): C;
}

interface VariableReader {
  value<T>(variable: Variable<T>): T;
  readonly problem: ReportProblem;
  readonly failed: (names: readonly string[]) => boolean;
}

/**
 * Declares a topic. `shape` turns the single values into what the code wants and may report problems
 * of values that do not go together; it is not called while one of the values is itself wrong.
 */
export function defineTopic<V extends Variables, C = Values<V>>(
  title: string,
  variables: V,
  shape?: (values: Values<V>, problem: ReportProblem) => C,
): Topic<C> {
  const list = Object.values(variables);
  return {
    title,
    variables: list,
    read(source) {
      const entries = Object.entries(variables).map(([key, one]) => [key, source.value(one)]);
      const values = Object.fromEntries(entries) as Values<V>;
      // A topic with a problem is never handed out, since parsing ends in a ConfigError.
      if (source.failed(list.map((one) => one.name))) return values as unknown as C;
      return shape ? shape(values, source.problem) : (values as unknown as C);
    },
  };
}

/** Everything that is wrong with the configuration, said at once. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly { readonly variable: string; readonly problem: string }[];

  constructor(problems: readonly { variable: string; problem: string }[]) {
    const lines = problems.map(({ variable: name, problem }) => `  ${name} ${problem}`);
    super(`The configuration has ${problems.length === 1 ? 'a problem' : 'problems'}:\n${lines.join('\n')}`);
    this.problems = problems;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the one place that holds topics of every shape
type Topics = Record<string, Topic<any>>;
type ConfigurationOf<T extends Topics> = {
  readonly [K in keyof T]: T[K] extends Topic<infer C> ? Readonly<C> : never;
};

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ConfigReader<C> {
  /** @throws ConfigError naming every variable that is missing or wrong. */
  (environment: Environment, readFile?: (path: string) => string): C;
  readonly topics: Readonly<Topics>;
}

/** The configuration that a reader made by `defineConfig` gives. */
export type ConfigOf<R> = R extends ConfigReader<infer C> ? C : never;

const MAX_SHOWN = 60;

function quote(text: string): string {
  return JSON.stringify(text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);
}

function hint(one: Variable<unknown>): string {
  const sample = one.example ?? one.fallback;
  const file = one.secret ? ` (or put it into a file and set ${one.name}_FILE)` : '';
  return `${one.doc}${sample ? ` For example: ${one.name}=${sample}` : ''}${file}`;
}

/** Reads variables one by one and collects what is wrong instead of stopping at the first. */
class CollectingReader implements VariableReader {
  readonly problems: { variable: string; problem: string }[] = [];
  readonly #environment: Environment;
  readonly #readFile: (path: string) => string;

  constructor(environment: Environment, readFile: (path: string) => string) {
    this.#environment = environment;
    this.#readFile = readFile;
  }

  readonly problem: ReportProblem = (name, problem) => {
    this.problems.push({ variable: name, problem });
  };

  readonly failed = (names: readonly string[]): boolean =>
    this.problems.some(
      (one) => names.includes(one.variable) || names.includes(one.variable.slice(0, -'_FILE'.length)),
    );

  value<T>(one: Variable<T>): T {
    const text = this.#text(one) ?? one.fallback;
    if (text === undefined) {
      if (!one.optional && !this.failed([one.name])) this.problem(one.name, `is not set. ${hint(one)}`);
      return undefined as T;
    }
    const read = one.read.safeParse(text);
    if (read.success) return read.data;
    const why = read.error.issues.map((issue) => issue.message).join('; ');
    this.problem(one.name, `${one.secret ? '' : `is ${quote(text)}: `}${why}. ${hint(one)}`);
    return undefined as T;
  }

  /**
   * An empty value counts as absent, and so does the empty file of a variable that may be absent: compose
   * files and `.env` templates write absence that way.
   */
  #text(one: Variable<unknown>): string | undefined {
    const direct = this.#environment[one.name]?.trim() || undefined;
    const path = one.secret ? this.#environment[`${one.name}_FILE`]?.trim() || undefined : undefined;
    if (path === undefined) return direct;
    if (direct !== undefined) {
      this.problem(one.name, `and ${one.name}_FILE are both set. Keep one of them.`);
      return undefined;
    }
    try {
      const content = this.#readFile(path).trim();
      if (content) return content;
      if (one.optional || one.fallback !== undefined) return undefined;
      this.problem(`${one.name}_FILE`, `names ${quote(path)}, which is empty. ${hint(one)}`);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
      this.problem(`${one.name}_FILE`, `names ${quote(path)}, which cannot be read${code}. ${hint(one)}`);
    }
    return undefined;
  }
}

/** Frozen all the way down, so that no part of a process can change another's configuration. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}

/**
 * Composes topics into the configuration of one process:
 *
 *     const readConfig = defineConfig({ base, ops, database });
 *     const config = readConfig(process.env); // { base: …, ops: …, database: … }
 */
export function defineConfig<T extends Topics>(topics: T): ConfigReader<ConfigurationOf<T>> {
  const read = (environment: Environment, readFile = (path: string) => readFileSync(path, 'utf8')) => {
    const reader = new CollectingReader(environment, readFile);
    const entries = Object.entries(topics).map(([key, topic]) => [key, topic.read(reader)]);
    if (reader.problems.length > 0) throw new ConfigError(reader.problems);
    return deepFreeze(Object.fromEntries(entries) as ConfigurationOf<T>);
  };
  return Object.assign(read, { topics });
}
