import type { AnyRoute } from '@spindle/contracts';
import { type FieldProblem, problems } from '@spindle/service-kit';
import express, { type Request, type RequestHandler, type Response } from 'express';
import { z } from 'zod';

/** Bodies, uploads aside, may have this many bytes. */
const MAX_BODY = '1mb';

const readJson = express.json({ limit: MAX_BODY, type: ['application/json', '+json'], strict: false });
const readForm = express.urlencoded({ limit: '16kb', extended: false });

/** What an endpoint without a body accepts. */
const nothing = z.strictObject({});

function run(reader: RequestHandler, request: Request, response: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    void reader(request, response, (error?: unknown) => (error ? reject(error) : resolve()));
  });
}

function hasBody(request: Request): boolean {
  return (
    request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0
  );
}

async function readBody(route: AnyRoute, request: Request, response: Response): Promise<unknown> {
  if (!hasBody(request)) return {};
  const wanted = route.bodyType === 'form' ? 'application/x-www-form-urlencoded' : 'application/json';
  if (!request.is(route.bodyType === 'form' ? wanted : ['application/json', '+json'])) {
    throw problems.unsupportedMediaType(`The body must be ${wanted}.`);
  }
  await run(route.bodyType === 'form' ? readForm : readJson, request, response);
  return request.body === undefined ? {} : request.body;
}

function fieldProblems(part: string, error: z.ZodError): FieldProblem[] {
  return error.issues.flatMap((issue) => {
    const path = [part, ...issue.path.map(String)].join('.');
    if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }];
    return issue.keys.map((key) => ({ path: `${path}.${key}`, message: 'is not a field of this request' }));
  });
}

/** NUL, and halves of surrogate pairs: PostgreSQL stores neither, and no text of a person holds them. */
const isStorable = (text: string): boolean => !text.includes('\u0000') && text.isWellFormed();

/** Where texts are that cannot be stored. */
function unstorable(path: string, value: unknown): FieldProblem[] {
  if (typeof value === 'string')
    return isStorable(value) ? [] : [{ path, message: 'holds a character that is none' }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => unstorable(`${path}.${name}`, one));
}

export interface ParsedInput {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

/**
 * Reads and checks everything that a request brings, by its contract.
 *
 * @throws AppError 400 with one entry for each wrong field, 413, 415.
 */
export async function readInput(route: AnyRoute, request: Request, response: Response): Promise<ParsedInput> {
  const errors: FieldProblem[] = [];
  const check = (part: string, schema: z.ZodType | undefined, value: unknown): unknown => {
    if (!schema) return undefined;
    const parsed = schema.safeParse(value);
    if (!parsed.success) errors.push(...fieldProblems(part, parsed.error));
    else if (!route.takesAnyText) errors.push(...unstorable(part, parsed.data));
    return parsed.data;
  };
  const params = check('path', route.params, request.params);
  const query = check('query', route.query, request.query);
  const takesBody = route.bodyType !== 'multipart' && request.method !== 'GET' && request.method !== 'HEAD';
  const body = takesBody
    ? check('body', route.body ?? nothing, await readBody(route, request, response))
    : undefined;
  if (errors.length > 0) {
    throw problems.validation('Some of what was sent is not as this endpoint expects it.', { errors });
  }
  return { params, query, body: route.body ? body : undefined };
}
