import type { z } from 'zod';
import { type JobAccepted, jobAcceptedSchema } from './jobs.ts';
import { type Problem, problemSchema } from './problem.ts';
import type { AnyRoute, RouteContract, RouteRequest, RouteResponse } from './route.ts';

/** The server answered with a problem document (or with something that is none: `problem.type` is then `about:blank`). */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly problem: Problem;
  /** Seconds to wait, from `Retry-After`. */
  readonly retryAfter: number | null;

  constructor(problem: Problem, retryAfter: number | null) {
    super(problem.detail ?? problem.title);
    this.problem = problem;
    this.retryAfter = retryAfter;
  }
}

export interface ClientOptions {
  /** Origin of the gateway; empty for the page's own. */
  readonly baseUrl?: string;
  readonly fetch?: typeof fetch;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly idempotencyKey?: string;
  /** Seconds (≤ 60) to wait for the result of a job. */
  readonly wait?: number;
}

export type ClientAnswer<R> =
  | { readonly job: JobAccepted['job']; readonly result: null }
  | { readonly job: null; readonly result: RouteResponse<R> };

/** Address of a route with its parameters and query filled in. */
export function routeUrl(
  route: Pick<AnyRoute, 'path'>,
  params: Readonly<Record<string, unknown>> = {},
  query: Readonly<Record<string, unknown>> = {},
): string {
  const path = route.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params[name])));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null) continue;
    search.set(name, value instanceof Date ? value.toISOString() : String(value));
  }
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

async function toApiError(response: Response): Promise<ApiError> {
  const retryAfter = Number(response.headers.get('retry-after'));
  const body: unknown = await response.json().catch(() => null);
  const parsed = problemSchema.safeParse(body);
  return new ApiError(
    parsed.success
      ? parsed.data
      : {
          type: 'about:blank',
          title: response.statusText || 'The server did not answer as expected',
          status: response.status,
        },
    Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : null,
  );
}

/**
 * A client of the whole API from its contracts alone.
 * `call` answers the parsed response; `enqueue` the job, or the result when it came within `wait`.
 * Both throw {@link ApiError}.
 */
export function createClient(options: ClientOptions = {}) {
  const send = async (
    route: AnyRoute,
    request: { params?: unknown; query?: unknown; body?: unknown },
    callOptions: CallOptions,
  ): Promise<Response> => {
    const url = `${options.baseUrl ?? ''}${routeUrl(
      route,
      (request.params ?? {}) as Record<string, unknown>,
      (request.query ?? {}) as Record<string, unknown>,
    )}`;
    const headers: Record<string, string> = { accept: 'application/json', ...options.headers };
    if (request.body !== undefined) headers['content-type'] = 'application/json';
    if (callOptions.idempotencyKey) headers['idempotency-key'] = callOptions.idempotencyKey;
    if (callOptions.wait !== undefined) headers.prefer = `wait=${callOptions.wait}`;
    const response = await (options.fetch ?? fetch)(url, {
      method: route.method.toUpperCase(),
      headers,
      credentials: 'same-origin',
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      ...(callOptions.signal ? { signal: callOptions.signal } : {}),
    });
    if (!response.ok) throw await toApiError(response);
    return response;
  };

  return {
    async call<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, O extends z.ZodType>(
      route: RouteContract<P, Q, B, O>,
      request: RouteRequest<RouteContract<P, Q, B, O>>,
      callOptions: CallOptions = {},
    ): Promise<RouteResponse<RouteContract<P, Q, B, O>>> {
      const response = await send(route as unknown as AnyRoute, request, callOptions);
      const body: unknown = response.status === 204 ? undefined : await response.json();
      return (route.response ? route.response.parse(body) : undefined) as RouteResponse<
        RouteContract<P, Q, B, O>
      >;
    },

    async enqueue<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, O extends z.ZodType>(
      route: RouteContract<P, Q, B, O>,
      request: RouteRequest<RouteContract<P, Q, B, O>>,
      callOptions: CallOptions = {},
    ): Promise<ClientAnswer<RouteContract<P, Q, B, O>>> {
      const response = await send(route as unknown as AnyRoute, request, callOptions);
      const body: unknown = await response.json();
      if (response.status === 202) return { job: jobAcceptedSchema.parse(body).job, result: null };
      return {
        job: null,
        result: (route.response ? route.response.parse(body) : undefined) as RouteResponse<
          RouteContract<P, Q, B, O>
        >,
      };
    },
  };
}
export type Client = ReturnType<typeof createClient>;
