import { jobAcceptedSchema, PROBLEM_MEDIA_TYPE, problemSchema } from '@spindle/contracts';
import { z } from 'zod';
import type { Operation } from '../operations.ts';
import type { WireAnswer } from './wire.ts';

const strictProblem = z.strictObject(problemSchema.shape);

/** What only the inside of the system knows. */
const INSIDE =
  /node_modules|\.ts:\d+|\bat (?:async )?[\w.<>]+ \(|(?:SELECT|INSERT INTO|UPDATE|DELETE FROM) \w+ |syntax error at or near|PrismaClient|ECONNREFUSED|WRONGTYPE|ZodError/;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function wrongProblem({ status, headers, text }: WireAnswer): string | null {
  const type = String(headers['content-type'] ?? '');
  if (!type.startsWith(PROBLEM_MEDIA_TYPE)) return `is no problem document but ${type || 'nothing'}`;
  const parsed = strictProblem.safeParse(parse(text));
  if (!parsed.success) return `is a problem document of another shape: ${parsed.error.message}`;
  const { data } = parsed;
  if (data.status !== status) return `says ${data.status} in the document`;
  if (!/^\/problems\/[a-z0-9-]+$/.test(data.type)) return `has the type ${data.type}`;
  if (data.instance !== headers['x-request-id']) return 'names another request than its header';
  return null;
}

function wrongSuccess({ contract }: Operation, { status, headers, text }: WireAnswer): string | null {
  const type = String(headers['content-type'] ?? '');
  if (status === 302) return typeof headers.location === 'string' ? null : 'leads nowhere';
  if (status === 204 || status === 304) return text === '' ? null : 'has a body';
  if (contract.produces) {
    // Files are named in one media type, and come as what was asked for.
    return type === '' ? 'has no media type' : null;
  }
  if (!type.startsWith('application/json')) return `is no JSON but ${type || 'nothing'}`;
  const schema = status === 202 && contract.enqueues ? jobAcceptedSchema : contract.response;
  if (!schema) return 'has a body that no contract promises';
  const parsed = schema.safeParse(parse(text));
  return parsed.success ? null : `is not what the contract promises: ${parsed.error.message}`;
}

/**
 * What is wrong with an answer; null: nothing. Cards answer with a picture whatever is wrong.
 */
export function verdict(operation: Operation, answer: WireAnswer): string | null {
  const { status, headers, text } = answer;
  if (status >= 500) return `${status}: ${text.slice(0, 300)}`;
  if (status < 200) return `${status}`;
  const leak = INSIDE.exec(text);
  if (leak) return `${status} tells of the inside: ${leak[0]}`;
  const type = String(headers['content-type'] ?? '');
  const isCard = operation.contract.produces === 'image/svg+xml' && type.startsWith('image/svg+xml');
  const isPage =
    (operation.contract.id === 'callback' || operation.contract.produces === 'text/html') &&
    type.startsWith('text/html');
  if (isCard || isPage) return null;
  const wrong = status >= 400 ? wrongProblem(answer) : wrongSuccess(operation, answer);
  return wrong === null ? null : `${status} ${wrong}`;
}
