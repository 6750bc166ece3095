import type { PastListen } from '@spindle/db';
import { AddressRefused, type ResolveHost, relayConnections } from '@spindle/worker-kit';
import axios, { type AxiosResponse, isAxiosError } from 'axios';

/** What a server made of listens. Messages are sentences for the listener. */
export type SubmitOutcome =
  | { readonly kind: 'taken' }
  /** Something in these listens is not as the server wants it. */
  | { readonly kind: 'refused' }
  /** Of no use to go on before the listener has done something. */
  | { readonly kind: 'stop'; readonly message: string }
  /** May heal; `waitMs` where the server says how long it takes. */
  | { readonly kind: 'later'; readonly message: string; readonly waitMs: number | null };

export interface Submission {
  /** Root of the server's API. */
  readonly url: string;
  readonly token: string;
  readonly listens: readonly PastListen[];
  readonly signal: AbortSignal;
}

/**
 * Submits listens as to ListenBrainz, once.
 *
 * @throws the signal's reason when it aborts meanwhile.
 */
export type ListenSubmitter = (submission: Submission) => Promise<SubmitOutcome>;

/** ListenBrainz takes seconds for a hundred listens when it is busy, ms. */
const TIMEOUT_MS = 30_000;
/** Answers are a line; more is not read, bytes. */
const MAX_ANSWER = 64 * 1024;
/** Longest wait that a server may ask for, ms. */
const LONGEST_TOLD_WAIT_MS = 86_400_000;

const headerOf = (answer: AxiosResponse, name: string): string | null => {
  const value: unknown = answer.headers[name];
  return typeof value === 'string' ? value.trim() : null;
};

/** The wait that an answer asks for, ms: `Retry-After` (RFC 9110) or ListenBrainz's `X-RateLimit-Reset-In`. */
function toldWait(answer: AxiosResponse, nowMs: number): number | null {
  const retryAfter = headerOf(answer, 'retry-after');
  const resetIn = headerOf(answer, 'x-ratelimit-reset-in');
  const seconds = [retryAfter, resetIn].find((one) => one !== null && /^\d{1,9}(\.\d+)?$/.test(one));
  const until = retryAfter === null ? Number.NaN : Date.parse(retryAfter);
  const ms = seconds != null ? Number(seconds) * 1_000 : until - nowMs;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), LONGEST_TOLD_WAIT_MS) : null;
}

function isOk(body: unknown): boolean {
  if (typeof body !== 'string') return false;
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null && 'status' in parsed && parsed.status === 'ok';
  } catch {
    return false;
  }
}

function judge(answer: AxiosResponse, nowMs: number): SubmitOutcome {
  const { status } = answer;
  const later = (message: string): SubmitOutcome => ({
    kind: 'later',
    message,
    waitMs: toldWait(answer, nowMs),
  });
  if (status >= 200 && status < 300)
    return isOk(answer.data)
      ? { kind: 'taken' }
      : later('The server does not answer as ListenBrainz does. Is it the address of its API?');
  if (status === 401 || status === 403)
    return { kind: 'stop', message: 'The server refuses the token. Enter a new one to go on.' };
  if (status === 400 || status === 413 || status === 422) return { kind: 'refused' };
  if (status === 429) return later('The server asks us to wait.');
  if (status >= 300 && status < 400)
    return later('The server sends us elsewhere, where we do not follow. Is it the address of its API?');
  if (status === 404 || status === 405)
    return later('There is nothing to submit listens to at this address. Is it the address of its API?');
  return later(`The server failed (${status}).`);
}

/** @param options.resolve how names are looked up; by the system unless told. */
export function createListenSubmitter(options: {
  readonly allowPrivate: boolean;
  readonly nowMs: () => number;
  readonly resolve?: ResolveHost;
}): ListenSubmitter {
  const connections = relayConnections(options);
  const http = axios.create({
    timeout: TIMEOUT_MS,
    // A redirect could lead where the guard does not look, and would carry the token along.
    maxRedirects: 0,
    maxContentLength: MAX_ANSWER,
    // A proxy would connect in our place, to addresses that nobody has checked.
    proxy: false,
    validateStatus: () => true,
    responseType: 'text',
    transformResponse: (data: unknown) => data,
    headers: { 'user-agent': 'Spindle' },
    httpAgent: connections.httpAgent,
    httpsAgent: connections.httpsAgent,
  });

  return async ({ url, token, listens, signal }) => {
    try {
      connections.check(url);
      const answer = await http.post(
        `${url}/1/submit-listens`,
        { listen_type: 'import', payload: listens },
        // The timeout of axios begins with the answer; connecting may hang too.
        {
          headers: { authorization: `Token ${token}` },
          signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
        },
      );
      return judge(answer, options.nowMs());
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (isRefusedAddress(error)) {
        return {
          kind: 'stop',
          message:
            'The server is not on the public internet. The operator of this instance can allow such servers (RELAY_ALLOW_PRIVATE).',
        };
      }
      // Neither the error nor its request is passed on: they hold the token.
      const code = isAxiosError(error) && error.code ? ` (${error.code})` : '';
      return { kind: 'later', message: `The server cannot be reached${code}.`, waitMs: null };
    }
  };
}

function isRefusedAddress(error: unknown): boolean {
  return (
    error instanceof AddressRefused ||
    (error instanceof Error && error.cause !== undefined && isRefusedAddress(error.cause))
  );
}
