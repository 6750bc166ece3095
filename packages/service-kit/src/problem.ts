/** One wrong part of a request. `path` is dotted, as in `body.name`. */
export interface FieldProblem {
  readonly path: string;
  readonly message: string;
}

export interface AppErrorOptions {
  /** Stable and machine-readable; also the last part of the problem's `type`. */
  readonly code: string;
  readonly status: number;
  readonly title: string;
  /** A sentence the caller may read. */
  readonly detail: string;
  readonly errors?: readonly FieldProblem[];
  /** When asking again makes sense, in ms from now. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** An error that may be shown to whoever asked; everything but `cause` is public. */
export class AppError extends Error {
  override readonly name: string = 'AppError';
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly errors: readonly FieldProblem[];
  readonly retryAfterMs: number | undefined;

  constructor(options: AppErrorOptions) {
    super(options.detail, { cause: options.cause });
    this.code = options.code;
    this.status = options.status;
    this.title = options.title;
    this.errors = options.errors ?? [];
    this.retryAfterMs = options.retryAfterMs;
  }

  get detail(): string {
    return this.message;
  }
}

interface FamilyOptions {
  readonly code?: string;
  readonly errors?: readonly FieldProblem[];
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

function family(status: number, title: string, code: string) {
  return (detail: string, options: FamilyOptions = {}): AppError =>
    new AppError({ status, title, code, detail, ...options });
}

/** The families of problems. `throw problems.notFound('There is no such play.')` */
export const problems = {
  validation: family(400, 'The request is not valid', 'validation'),
  unauthenticated: family(401, 'Sign in first', 'unauthenticated'),
  forbidden: family(403, 'Not allowed', 'forbidden'),
  notFound: family(404, 'Not found', 'not-found'),
  methodNotAllowed: family(405, 'Method not allowed', 'method-not-allowed'),
  conflict: family(409, 'Conflict', 'conflict'),
  gone: family(410, 'Gone', 'gone'),
  tooLarge: family(413, 'Too large', 'too-large'),
  unsupportedMediaType: family(415, 'Unsupported media type', 'unsupported-media-type'),
  unprocessable: family(422, 'Cannot be processed', 'unprocessable'),
  tooManyRequests: family(429, 'Too many requests', 'too-many-requests'),
  internal: family(500, 'Something went wrong', 'internal'),
  upstream: family(502, 'Spotify did not answer as expected', 'upstream'),
  unavailable: family(503, 'Not available right now', 'unavailable'),
} as const;

/** What may be told of anything that was thrown: an AppError as it is, all else without its words. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  return problems.internal('The error was recorded. Please try again.', { cause: thrown });
}
