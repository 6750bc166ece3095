import axios, { type AxiosInstance, isAxiosError } from 'axios';
import { UpstreamFailure } from './errors.ts';

const TIMEOUT_MS = 15_000;
/** Longest body that is read, bytes: a page of 50 tracks has some 150 KB. */
const MAX_BYTES = 8 * 1024 * 1024;

/** The one axios instance: no retry (that is the queue's), every status is an answer, bodies stay text. */
export function createHttp(): AxiosInstance {
  return axios.create({
    timeout: TIMEOUT_MS,
    maxRedirects: 0,
    maxContentLength: MAX_BYTES,
    validateStatus: () => true,
    responseType: 'text',
    // Player commands answer text that is no JSON; who wants JSON parses it.
    transformResponse: (data: unknown) => data,
    headers: { 'user-agent': 'Spindle' },
  });
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

export interface HttpCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** An object is sent as JSON, URLSearchParams as a form. */
  readonly body?: object | URLSearchParams;
  readonly signal?: AbortSignal;
}

/**
 * One request.
 *
 * @throws UpstreamFailure (status 0) when no whole answer came; it carries the code of the failure but
 *   nothing of the request, which holds tokens.
 */
export async function send(http: AxiosInstance, call: HttpCall): Promise<HttpAnswer> {
  try {
    const response = await http.request<string>({
      method: call.method,
      url: call.url,
      ...(call.headers ? { headers: { ...call.headers } } : {}),
      ...(call.query ? { params: call.query } : {}),
      ...(call.body === undefined ? {} : { data: call.body }),
      ...(call.signal ? { signal: call.signal } : {}),
    });
    return { status: response.status, headers: { ...response.headers }, text: response.data ?? '' };
  } catch (error) {
    if (call.signal?.aborted) throw call.signal.reason;
    const code = isAxiosError(error) ? (error.code ?? 'no answer') : 'no answer';
    throw new UpstreamFailure(`Spotify could not be reached (${code})`, 0);
  }
}
