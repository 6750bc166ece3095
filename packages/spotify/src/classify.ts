import { QuotaExceeded, RateLimited, SpotifyRefusal, TokenExpired, UpstreamFailure } from './errors.ts';

export interface FailedAnswer {
  /** Path of the Web API without its query: `/v1/me/player`. */
  readonly path: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** The body as it came: JSON, plain text or nothing. */
  readonly text: string;
  /** Bucket of the endpoint, for quota errors. */
  readonly bucket: string;
  /** Epoch ms. */
  readonly nowMs: number;
}

interface ErrorBody {
  readonly message: string;
  readonly reason: string;
}

function readBody(text: string): ErrorBody {
  try {
    const body = JSON.parse(text) as { error?: { message?: unknown; reason?: unknown } | string };
    const error = typeof body.error === 'object' ? body.error : { message: body.error };
    return {
      message: String(error?.message ?? ''),
      reason: String((error as { reason?: unknown })?.reason ?? ''),
    };
  } catch {
    return { message: text.slice(0, 300), reason: '' };
  }
}

/** Seconds to wait by `Retry-After` (seconds or a date), or null when Spotify left it out. */
export function retryAfterSeconds(headers: Readonly<Record<string, unknown>>, nowMs: number): number | null {
  const value = headers['retry-after'];
  if (typeof value !== 'string' || value.trim() === '') return null;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, (date - nowMs) / 1000);
}

/** When Spotify does not say how long, wait this long at first; the governor grows it. */
export const FALLBACK_RETRY_S = 5;
/** A wait longer than this is a lock-out of the account even where no reason says so. */
const LOCK_OUT_S = 300;

const REMOVED = [
  /^\/v1\/(tracks|albums|artists|episodes|shows|audiobooks|chapters|markets)$/,
  /^\/v1\/browse\//,
  /^\/v1\/users\//,
  /^\/v1\/artists\/[^/]+\/(top-tracks|related-artists)$/,
  /^\/v1\/playlists\/[^/]+\/(tracks|followers)/,
  /^\/v1\/(audio-features|audio-analysis|recommendations)/,
];

function forbidden(answer: FailedAnswer, body: ErrorBody): SpotifyRefusal {
  const words = `${body.message} ${body.reason}`.toLowerCase();
  const refuse = (code: ConstructorParameters<typeof SpotifyRefusal>[0]) =>
    new SpotifyRefusal(code, answer.status, words.trim());
  if (words.includes('premium subscription required for the owner')) return refuse('owner_not_premium');
  if (words.includes('not registered') || words.includes('may not be registered'))
    return refuse('not_allow_listed');
  if (body.reason === 'PREMIUM_REQUIRED' || words.includes('premium required'))
    return refuse('premium_required');
  if (words.includes('insufficient client scope') || words.includes('permissions missing'))
    return refuse('missing_scope');
  if (
    ['DEVICE_NOT_CONTROLLABLE', 'REMOTE_CONTROL_DISALLOW', 'VOLUME_CONTROL_DISALLOW'].includes(body.reason)
  ) {
    return refuse('restricted_device');
  }
  if (REMOVED.some((pattern) => pattern.test(answer.path))) return refuse('endpoint_gone');
  return refuse('forbidden');
}

/**
 * What a failed answer means, from its path, status and body alone: the one place that reads Spotify's
 * wordings. 403 has at least six meanings, and a bare one never says anything about the person.
 */
export function classify(answer: FailedAnswer): Error {
  const body = readBody(answer.text);
  switch (true) {
    case answer.status === 429: {
      const seconds = retryAfterSeconds(answer.headers, answer.nowMs);
      const until = new Date(answer.nowMs + (seconds ?? FALLBACK_RETRY_S) * 1000);
      return body.reason === 'QUOTA_EXCEEDED' || (seconds ?? 0) > LOCK_OUT_S
        ? new QuotaExceeded({ until, bucket: answer.bucket })
        : new RateLimited({ until });
    }
    case answer.status === 401:
      return /permissions missing|insufficient/i.test(body.message)
        ? new SpotifyRefusal('missing_scope', 401, body.message)
        : new TokenExpired(body.message);
    case answer.status === 403:
      return forbidden(answer, body);
    case answer.status === 404:
      if (body.reason === 'NO_ACTIVE_DEVICE')
        return new SpotifyRefusal('no_active_device', 404, body.message);
      return new SpotifyRefusal(
        REMOVED.some((pattern) => pattern.test(answer.path)) ? 'endpoint_gone' : 'not_found',
        404,
        body.message,
      );
    case answer.status === 410:
      return new SpotifyRefusal('endpoint_gone', 410, body.message);
    case answer.status >= 500:
      return new UpstreamFailure(`Spotify answered ${answer.status}`, answer.status);
    default:
      return new SpotifyRefusal('bad_request', answer.status, body.message);
  }
}
