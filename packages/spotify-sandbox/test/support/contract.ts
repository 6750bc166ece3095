import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import { parse } from 'yaml';
import type { AppMode } from '../../src/index.ts';

type Json = Record<string, unknown>;

/** Checks answers against `schema/web-api.yaml` in the variant of one mode. */
export interface Contract {
  /** Every operation and success status the schema knows, as `GET /v1/me 200`. */
  operations: readonly string[];
  /** What is wrong with an answer; null when nothing is. */
  complaint(operation: string, body: { text: string; json: unknown }): string | null;
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function loadContract(mode: AppMode): Contract {
  const file = new URL('../../schema/web-api.yaml', import.meta.url);
  const { schemas, paths } = parse(readFileSync(file, 'utf8'), { merge: true }) as {
    schemas: Json;
    paths: Record<string, Record<string, Json>>;
  };
  const ajv = new Ajv({ strict: false, allErrors: false });
  ajv.addFormat('uri', (text) => URL.canParse(text));
  ajv.addFormat('email', /^[^@\s]+@[^@\s]+$/);
  const definitions = Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, expand(schema, mode)]),
  );
  const compile = (schema: unknown): ValidateFunction =>
    ajv.compile({ ...(expand(schema, mode) as Json), definitions });
  const failure = compile({ $ref: 'Error' });

  const rules = new Map<string, ValidateFunction | 'empty' | 'text'>();
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, answers] of Object.entries(methods)) {
      for (const [status, schema] of Object.entries(answers)) {
        const rule = schema === 'empty' || schema === 'text' ? schema : compile(schema);
        rules.set(`${method.toUpperCase()} ${path} ${status}`, rule);
      }
    }
  }
  return {
    operations: [...rules.keys()],
    complaint: (operation, { text, json }) => {
      const status = Number(operation.split(' ').at(-1));
      if (status >= 400) {
        if (json === undefined) return text === '' ? `${operation}: an error without a word` : null;
        return failure(json) ? null : `${operation}: ${ajv.errorsText(failure.errors)} in ${text}`;
      }
      const rule = rules.get(operation);
      if (rule === undefined) return `${operation}: not in the schema`;
      if (rule === 'empty') return text === '' ? null : `${operation}: should be empty, is ${text}`;
      if (rule === 'text')
        return json === undefined && text !== '' ? null : `${operation}: should be plain text, is ${text}`;
      if (rule(json)) return null;
      const [error] = rule.errors ?? [];
      return `${operation}: ${error?.instancePath} ${error?.message} ${JSON.stringify(error?.params)}`;
    },
  };
}

/** Spells out the schema's conventions as plain JSON Schema. */
function expand(schema: unknown, mode: AppMode): unknown {
  if (Array.isArray(schema)) return schema.map((entry) => expand(entry, mode));
  if (!isObject(schema)) return schema;
  if (typeof schema.$ref === 'string') return { $ref: `#/definitions/${schema.$ref}` };
  if (typeof schema.page === 'string') return page(schema.page);
  if (isObject(schema.list)) {
    const [[name, entry] = []] = Object.entries(schema.list);
    const items = { oneOf: [{ $ref: `#/definitions/${String(entry)}` }, { type: 'null' }] };
    return closed({ [String(name)]: { type: 'array', items } }, []);
  }
  if (!isObject(schema.properties)) {
    return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, expand(value, mode)]));
  }
  const extended = mode === 'extended' && isObject(schema.extended) ? schema.extended : {};
  const properties = Object.fromEntries(
    Object.entries({ ...schema.properties, ...extended }).map(([name, value]) => [name, expand(value, mode)]),
  );
  return closed(properties, (schema.optional as string[] | undefined) ?? []);
}

function closed(properties: Json, optional: readonly string[]): Json {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', properties, required, additionalProperties: false };
}

function page(entry: string): Json {
  const items = entry === 'null' ? { type: 'null' } : { $ref: `#/definitions/${entry}` };
  const link = { type: ['string', 'null'], format: 'uri' };
  return closed(
    {
      href: { type: 'string', format: 'uri' },
      items: { type: 'array', items },
      limit: { type: 'integer', minimum: 1 },
      next: link,
      offset: { type: 'integer', minimum: 0 },
      previous: link,
      total: { type: 'integer', minimum: 0 },
    },
    [],
  );
}
