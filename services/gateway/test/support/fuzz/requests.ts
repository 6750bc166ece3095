import { routes } from '@spindle/contracts';
import { openApiDocument } from '@spindle/contracts/openapi';
import fc from 'fast-check';
import type { Operation } from '../operations.ts';
import { allowedBy, type JsonSchema, mutate, NASTY_TEXTS, nastyValue } from './values.ts';

/** A request as it goes over the wire. */
export interface WireRequest {
  readonly method: string;
  /** Path and query, encoded. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/** What is known to exist, so that not every request ends at a 404. */
export interface KnownThings {
  readonly params: Readonly<Record<string, string>>;
  readonly words: readonly string[];
}

interface DocumentedOperation {
  readonly parameters?: readonly { name: string; in: string; required?: boolean; schema: JsonSchema }[];
  readonly requestBody?: { content: Record<string, { schema: JsonSchema }> };
}

const { paths = {} } = openApiDocument(routes, { version: '0', serverUrl: 'http://here' });

const JSON_TYPE = 'application/json';
const FORM_DATA = 'multipart/form-data';
const FORM_TYPE = 'application/x-www-form-urlencoded';

const wild = fc.constantFrom(...NASTY_TEXTS);

const encoded = (value: unknown): string =>
  encodeURIComponent((typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).toWellFormed());

/** Values that belong into headers of this name, and values that do not. */
const HEADERS: Readonly<Record<string, readonly string[]>> = {
  accept: ['*/*', 'text/html', 'application/json;q=0', 'a', ',,,;q=x', 'x'.repeat(3_000)],
  'accept-language': ['de', 'x'.repeat(2_000), ';;'],
  authorization: [
    'Bearer',
    'Bearer x',
    'Basic Og==',
    'Basic !!!!',
    'Digest x',
    'Token spn_x',
    'Bearer spg_x',
    'Bearer a.b.c',
  ],
  cookie: [
    'spindle.sid=s%3Ax.y',
    'spindle.sid=%',
    ';;;',
    '__proto__=1',
    'spindle_room_AAAAAA=x',
    `a=${'x'.repeat(6_000)}`,
  ],
  'content-encoding': ['gzip', 'br', 'deflate', 'identity', 'compress', 'gzip, gzip'],
  'content-type': [
    'text/plain',
    'application/json; charset=utf-7',
    'application/json; charset=',
    'x',
    ';',
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary=a',
    FORM_TYPE,
    'application/merge-patch+json',
  ],
  expect: ['nothing'],
  'idempotency-key': ['a', ' ', 'x'.repeat(300), 'ä', '../', '{}', '__proto__'],
  'if-modified-since': ['never', 'Thu, 01 Jan 1970 00:00:00 GMT'],
  'if-none-match': ['*', 'W/"x"', '"', ',', 'x'.repeat(3_000)],
  origin: ['null', 'https://evil.example', 'http://', 'x'],
  prefer: ['wait=0', 'wait=-1', 'wait=x', 'wait', 'wait=1.5', 'respond-async', ',,,'],
  range: ['bytes=0-0', 'bytes=-1', 'bytes=9-1', 'x'],
  'sec-fetch-site': ['cross-site', 'none', 'x'],
  'x-cron-secret': ['x', ''],
  'x-forwarded-for': ['x', '::1, 127.0.0.1', ','.repeat(50)],
  'x-http-method-override': ['DELETE'],
  'x-request-id': ['a', 'x'.repeat(200), '<script>', '../..'],
};
const headerSet = fc
  .array(
    fc
      .constantFrom(...Object.keys(HEADERS))
      .chain((name) => fc.constantFrom(...(HEADERS[name] ?? [])).map((value) => [name, value] as const)),
    { minLength: 1, maxLength: 3 },
  )
  .map((pairs): Record<string, string> => Object.fromEntries(pairs));

/** Bodies that are no JSON, or none that a parser likes. */
const brokenBody = fc.constantFrom<Buffer>(
  Buffer.from(''),
  Buffer.from('{'),
  Buffer.from('{"a":1}}'),
  Buffer.from('{"a":1,"a":2}'),
  Buffer.from('nul'),
  Buffer.from('"text"'),
  Buffer.from('[1,2'),
  Buffer.from('['.repeat(20_000)),
  Buffer.from('{"a":'.repeat(20_000)),
  Buffer.from([0xff, 0xfe, 0x00, 0x7b]),
  Buffer.from('{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}}}'),
  Buffer.from('{"a":1e999999,"b":-0}'),
  Buffer.from(`{"a":"${'x'.repeat(1_100_000)}"}`),
  Buffer.from(
    `--a\r\ncontent-disposition: form-data; name="file"; filename="../../x.json"\r\n\r\n[]\r\n--a--\r\n`,
  ),
  Buffer.from(`--a\r\ncontent-disposition: form-data; name="file"; filename="${'x'.repeat(3_000)}"\r\n\r\n[`),
);

/** Requests to one operation: some right, most wrong in one way, a few in all. */
export function requestTo(operation: Operation, known: KnownThings): fc.Arbitrary<WireRequest> {
  const documented = (paths[operation.path]?.[operation.method.toLowerCase() as 'get'] ??
    {}) as DocumentedOperation;
  const parameters = documented.parameters ?? [];
  const word = fc.constantFrom(...known.words);
  const nasty = fc.oneof({ weight: 3, arbitrary: nastyValue }, { weight: 1, arbitrary: word });

  const names = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const inPath = (arbitraryOf: (name: string) => fc.Arbitrary<string>) =>
    fc.record(Object.fromEntries(names.map((name) => [name, arbitraryOf(name)])));
  const realParams = inPath((name) =>
    fc.constant(encoded(known.params[`${name} of ${operation.path}`] ?? known.params[name] ?? '1')),
  );
  const wrongParams = inPath((name) => {
    const schema = parameters.find((one) => one.in === 'path' && one.name === name)?.schema ?? {};
    const segment = fc.oneof(
      allowedBy(schema).map(encoded),
      wild.map(encoded),
      fc.constantFrom(...RAW_SEGMENTS),
    );
    // Without it, the address would be that of another operation.
    return segment.filter((one) => one !== '');
  });

  const inQuery = parameters.filter((one) => one.in === 'query');
  const rightQuery = fc
    .record(Object.fromEntries(inQuery.map(({ name, schema }) => [name, allowedBy(schema)])), {
      requiredKeys: inQuery.filter((one) => one.required).map((one) => one.name),
    })
    .map((fields) => queryOf(Object.entries(fields)));
  const someName = fc.constantFrom(...inQuery.map((one) => one.name), 'unknown', '__proto__');
  const oneMore = fc.tuple(
    fc.oneof({ weight: 3, arbitrary: someName }, { weight: 1, arbitrary: wild }),
    nasty,
  );
  const wrongQuery = fc
    .tuple(
      rightQuery,
      fc.array(oneMore, { maxLength: 2 }),
      fc.constantFrom('', '', '&%', '&=&&', '&a[b][c]=1', '&%00=1'),
    )
    .map(([right, more, tail]) => [right, queryOf(more)].filter(Boolean).join('&') + tail);

  const [type = JSON_TYPE, content] = Object.entries(documented.requestBody?.content ?? {})[0] ?? [];
  const takesBody = content !== undefined;
  const written = (value: unknown): Carried => {
    if (type !== FORM_TYPE) return { bytes: Buffer.from(JSON.stringify(value) ?? ''), type };
    const fields = typeof value === 'object' && value !== null ? Object.entries(value) : [['a', value]];
    return { bytes: Buffer.from(queryOf(fields as [string, unknown][])), type };
  };
  const rightValue = content ? allowedBy(content.schema) : fc.constant({});
  const rightBody: fc.Arbitrary<Carried | null> = !takesBody
    ? fc.constant(null)
    : type === FORM_DATA
      ? fc.nat(9).map((n) => upload(`[{"ts":"2020-01-0${n}T00:00:00Z"}]`))
      : rightValue.map(written);
  const mutated = fc
    .tuple(rightValue, fc.array(fc.nat(30), { maxLength: 4 }), nasty, wild)
    .map(([value, where, thing, extra]) => written(mutate(value, where, thing, extra)));
  const wrongBody: fc.Arbitrary<Carried | null> = fc.oneof(
    { weight: 8, arbitrary: mutated },
    { weight: 1, arbitrary: brokenBody.map((bytes) => ({ bytes, type })) },
    { weight: 1, arbitrary: brokenBody.map((bytes) => ({ bytes, type: `${FORM_DATA}; boundary=a` })) },
    { weight: 1, arbitrary: fc.constant(null) },
  );
  const noHeaders = fc.constant<Record<string, string>>({});

  const mixes = [
    { weight: 3, arbitrary: fc.tuple(realParams, rightQuery, rightBody, noHeaders) },
    { weight: names.length > 0 ? 2 : 0, arbitrary: fc.tuple(wrongParams, rightQuery, rightBody, noHeaders) },
    { weight: 2, arbitrary: fc.tuple(realParams, wrongQuery, rightBody, noHeaders) },
    { weight: takesBody ? 5 : 1, arbitrary: fc.tuple(realParams, rightQuery, wrongBody, noHeaders) },
    { weight: 2, arbitrary: fc.tuple(realParams, rightQuery, rightBody, headerSet) },
    { weight: 1, arbitrary: fc.tuple(wrongParams, wrongQuery, wrongBody, headerSet) },
  ];
  return fc.oneof(...mixes.filter((one) => one.weight > 0)).map(([named, search, what, headers]) => {
    const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => String(named[name]));
    return {
      method: operation.method,
      target: search ? `${path}?${search}` : path,
      headers: { ...(what && { 'content-type': what.type }), ...headers },
      ...(what && { body: what.bytes }),
    };
  });
}

interface Carried {
  readonly bytes: Buffer;
  readonly type: string;
}

/** Some parts of a path go out as they are: it is the server that has to make sense of them. */
const RAW_SEGMENTS = [
  '%00',
  '%',
  '%zz',
  '..',
  '%2e%2e',
  '..%2f..%2f',
  '%c0%af',
  '*',
  '%E0%A4%A',
  ';',
  '1;x=1',
];

const queryOf = (fields: readonly (readonly [name: string, value: unknown])[]): string =>
  fields.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&');

const upload = (text: string): Carried => ({
  type: `${FORM_DATA}; boundary=a`,
  bytes: Buffer.from(
    `--a\r\ncontent-disposition: form-data; name="file"; filename="x.json"\r\n\r\n${text}\r\n--a--\r\n`,
  ),
});
