/** A refusal of the Web API, in one of the shapes Spotify uses. */
export class ApiError extends Error {
  readonly status: number;
  readonly reason: string | undefined;
  readonly headers: Record<string, string>;
  /** Answered as `text/plain` instead of JSON. */
  readonly plainText: boolean;

  constructor(
    status: number,
    message: string,
    more: { reason?: string; headers?: Record<string, string>; plainText?: boolean } = {},
  ) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.reason = more.reason;
    this.headers = more.headers ?? {};
    this.plainText = more.plainText ?? false;
  }

  get body(): { error: { status: number; message: string; reason?: string } } {
    const { status, message, reason } = this;
    return { error: { status, message, ...(reason !== undefined && { reason }) } };
  }
}

export const badRequest = (message: string): ApiError => new ApiError(400, message);
export const notFound = (message = 'Resource not found'): ApiError => new ApiError(404, message);
export const forbidden = (message = 'Forbidden'): ApiError => new ApiError(403, message);

/** A player command that cannot be carried out. */
export function playerError(status: 403 | 404, reason: string, message: string): ApiError {
  return new ApiError(status, `Player command failed: ${message}`, { reason });
}
