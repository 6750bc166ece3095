import fc from 'fast-check';

/** As much of JSON Schema as the document uses. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** As lists make their cursors; what they hold is never theirs. */
const cursor = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Texts on which programs choke. */
export const NASTY_TEXTS: readonly string[] = [
  ...['', ' ', '0', '-1', '1e309', 'NaN', 'null', 'undefined', 'true', '[object Object]', '2147483648'],
  ...['\u0000', 'a\u0000b', '\ud800', '\udc00a', '\u202eabc', '\ufeff', 'a\nb\r\nc: d', '\u001b[31m', '𝒳😀ñ'],
  ...["'", "' OR 1=1 --", '"; DROP TABLE users; --', '%', '_%', '\\', '$1', '{}', '{{7*7}}'],
  ...[
    '../../../../etc/passwd',
    '..%2f..%2f',
    '..\\..\\',
    '/etc/passwd',
    '%00',
    '%',
    '%zz',
    '.',
    '..',
    '//evil.example',
  ],
  ...['<script>alert(1)</script>', '"><svg onload=alert(1)>', '&lt;', ']]>', 'javascript:alert(1)'],
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'],
  ...['http://127.0.0.1:1/', 'http://[::ffff:127.0.0.1]/', 'file:///etc/passwd', 'https://a:b@evil.example/'],
  ...['2026-02-30', '9999-12-31', '0000-00-00', '+275760-09-13T00:00:00.001Z', '-000001-01-01T00:00:00Z'],
  ...[
    '2026-01-01T00:00:00+99:99',
    '1970-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999Z',
    '0001-01-01T00:00:00Z',
  ],
  ...[
    ...[
      ['x', 1],
      ['----------', 1],
      ['2026-13-45 99:99:99', 1],
      ['999999999999999', 1],
      ['infinity', 2 ** 40],
      ['a\u0000', 1],
      [1e308],
      { id: -1 },
      -1,
      '9'.repeat(30),
      null,
    ].map(cursor),
    'x'.repeat(513),
    'ä'.repeat(5_000),
    '\u0301'.repeat(2_000),
    '* * * * *',
    '0 0 31 2 *',
    'eyJhIjoxfQ',
    'W10=',
  ],
];

const NASTY_NUMBERS = [0, -0, -1, 1.5, 2 ** 31, 2 ** 31 - 1, -(2 ** 31), 2 ** 53, 1e308, -1e308, 5e-324];

function nest(depth: number): unknown {
  let value: unknown = 'deep';
  for (let level = 0; level < depth; level += 1) value = level % 2 ? [value] : { a: value };
  return value;
}

/** Anything that JSON can say and nobody expects. */
export const nastyValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...NASTY_TEXTS) },
  { weight: 2, arbitrary: fc.constantFrom(...NASTY_NUMBERS) },
  { weight: 2, arbitrary: fc.constantFrom(null, true, false, [], {}, [null], [[]], { a: { b: [] } }) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 1, arbitrary: fc.integer({ min: 10, max: 400 }).map(nest) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 80 }) },
);

function text({ pattern, format, minLength = 0, maxLength = 40 }: JsonSchema): fc.Arbitrary<string> {
  if (pattern !== undefined) {
    const regex = new RegExp(pattern);
    // fast-check cannot look ahead: what those parts forbid is left out afterwards.
    return fc
      .stringMatching(new RegExp(pattern.replaceAll(/\(\?[=!][^)]*\)/g, '')))
      .filter((one) => regex.test(one));
  }
  const day = fc.date({ min: new Date('2000-01-01'), max: new Date('2030-01-01'), noInvalidDate: true });
  switch (format) {
    case 'date':
      return day.map((date) => date.toISOString().slice(0, 10));
    case 'date-time':
      return day.map((date) => date.toISOString());
    case 'uri':
      return fc.webUrl();
    default:
      return fc.string({
        unit: 'grapheme',
        minLength: Math.min(minLength, 200),
        maxLength: Math.max(Math.min(minLength, 200), Math.min(maxLength, 200)),
      });
  }
}

/** Values that a schema allows, as far as it says. */
export function allowedBy(schema: JsonSchema): fc.Arbitrary<unknown> {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map(allowedBy));
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const { type } = schema;
  if (Array.isArray(type)) {
    return fc.oneof(...type.map((one: string) => allowedBy({ ...schema, type: one })));
  }
  switch (type) {
    case 'string':
      return text(schema);
    case 'integer':
      return fc.integer({
        min: Math.max(schema.minimum ?? 0, -(2 ** 53)),
        max: Math.min(schema.maximum ?? 5_000, 2 ** 53),
      });
    case 'number':
      return fc.double({ min: schema.minimum ?? 0, max: schema.maximum ?? 5_000, noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(allowedBy(schema.items ?? {}), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.max(schema.minItems ?? 0, Math.min(schema.maxItems ?? 4, 4)),
      });
    case 'object': {
      const fields = Object.entries(schema.properties ?? {}).map(
        ([name, one]) => [name, allowedBy(one)] as const,
      );
      return fc.record(Object.fromEntries(fields), { requiredKeys: [...(schema.required ?? [])] });
    }
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

/** Puts `nasty` into some place of a value, takes a field away, or adds one. */
export function mutate(value: unknown, where: readonly number[], nasty: unknown, extra: string): unknown {
  const [here = 0, ...deeper] = where;
  if (typeof value !== 'object' || value === null || where.length === 0) return nasty;
  if (Array.isArray(value)) {
    if (value.length === 0) return [nasty];
    const index = here % value.length;
    return value.map((one, at) => (at === index ? mutate(one, deeper, nasty, extra) : one));
  }
  const entries = Object.entries(value);
  if (entries.length === 0 || here % 7 === 0) return withField(value, extra, nasty);
  const [name = '', inner] = entries[here % entries.length] ?? [];
  if (here % 5 === 0) return Object.fromEntries(entries.filter(([one]) => one !== name));
  return withField(value, name, mutate(inner, deeper, nasty, extra));
}

/** A copy with one more own field, whatever it is called. */
function withField(value: object, name: string, field: unknown): object {
  const copy = { ...value };
  Object.defineProperty(copy, name, { value: field, enumerable: true, configurable: true, writable: true });
  return copy;
}
