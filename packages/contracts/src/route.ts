import type { z } from 'zod';

/** Who may call an endpoint; the gateway turns it into 401 (nobody), 403 (not allowed) or a caller. */
export type RouteAuth =
  /** Anybody. */
  | 'public'
  /** A signed-in listener: browser session, personal API token or a user JWT. */
  | 'user'
  /** Who has joined the room that the path names: a listener, or a guest by the room's cookie or token. */
  | 'guest'
  /** A listener who is an admin of the instance, or a JWT from the admin password. */
  | 'admin'
  /** The cron secret. */
  | 'cron'
  /** A service client's JWT or the cron secret. */
  | 'service';

export type HttpMethod = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** Named limits; the gateway gives each its points and window. `probe`: none, supervisors ask every second. */
export type RateLimitClass =
  | 'read'
  | 'write'
  | 'enqueue'
  | 'sign-in'
  | 'upload'
  | 'public'
  /** What guests do in a room. */
  | 'room'
  | 'room-search'
  /** Trying codes of rooms. */
  | 'room-code'
  | 'probe';

export interface RouteContract<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Response extends z.ZodType = z.ZodType,
> {
  /** Stable name, unique in the API; the OpenAPI `operationId`. */
  readonly id: string;
  readonly method: HttpMethod;
  /** Express style: `/api/plays/:id`. */
  readonly path: string;
  /** Further paths that answer the same. */
  readonly aliases?: readonly string[];
  /** Further methods that answer the same (`GET or POST` endpoints). */
  readonly alsoMethods?: readonly HttpMethod[];
  readonly tag: string;
  readonly summary: string;
  readonly auth: RouteAuth;
  /** Scope that a personal API token needs; browser sessions have all. */
  readonly scope?: ApiTokenScope;
  readonly limit: RateLimitClass;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  /** How the body comes; `multipart` and `form` bodies are documented but read by the handler itself. */
  readonly bodyType?: 'json' | 'form' | 'multipart';
  /** Texts may hold what cannot be stored (NUL, halves of surrogate pairs): the handler sees to that itself. */
  readonly takesAnyText?: boolean;
  /** Answer on success. */
  readonly response?: Response;
  /** Status on success; 200 unless told, 204 where there is no response schema. */
  readonly status?: 200 | 201 | 202 | 204 | 302;
  /** Media type on success; `application/json` unless told. */
  readonly produces?: string;
  /**
   * The endpoint enqueues a job: it answers `202 { job }` with `Location`, honours `Idempotency-Key`,
   * and with `Prefer: wait=N` answers `200` with `response` when the job ends in time.
   */
  readonly enqueues?: boolean;
}

export const API_TOKEN_SCOPES = ['read', 'write', 'scrobble'] as const;
export type ApiTokenScope = (typeof API_TOKEN_SCOPES)[number];

/** Declares an endpoint: the only place that knows its address, inputs and answer. */
export function defineRoute<
  Params extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodType = z.ZodUndefined,
  Body extends z.ZodType = z.ZodUndefined,
  Response extends z.ZodType = z.ZodUndefined,
>(route: RouteContract<Params, Query, Body, Response>): RouteContract<Params, Query, Body, Response> {
  return route;
}

// The contract's four schemas are invariant in their generics, so a list of mixed routes needs the widest form.
export type AnyRoute = RouteContract<z.ZodType, z.ZodType, z.ZodType, z.ZodType>;

type SchemaOutput<S> = S extends z.ZodUndefined ? undefined : S extends z.ZodType ? z.output<S> : undefined;
type SchemaInput<S> = S extends z.ZodUndefined ? undefined : S extends z.ZodType ? z.input<S> : undefined;

/** What a handler receives, parsed. */
export interface RouteInput<R> {
  readonly params: R extends RouteContract<infer P, z.ZodType, z.ZodType, z.ZodType>
    ? SchemaOutput<P>
    : never;
  readonly query: R extends RouteContract<z.ZodType, infer Q, z.ZodType, z.ZodType> ? SchemaOutput<Q> : never;
  readonly body: R extends RouteContract<z.ZodType, z.ZodType, infer B, z.ZodType> ? SchemaOutput<B> : never;
}

/** What a handler returns, before serialisation. */
export type RouteOutput<R> =
  R extends RouteContract<z.ZodType, z.ZodType, z.ZodType, infer O> ? SchemaInput<O> : never;

/** What a caller of the typed client passes. */
export type RouteRequest<R> =
  R extends RouteContract<infer P, infer Q, infer B, z.ZodType>
    ? (P extends z.ZodUndefined ? { params?: undefined } : { params: z.input<P> }) &
        (Q extends z.ZodUndefined ? { query?: undefined } : { query?: z.input<Q> }) &
        (B extends z.ZodUndefined ? { body?: undefined } : { body: z.input<B> })
    : never;

/** What a caller of the typed client gets. */
export type RouteResponse<R> =
  R extends RouteContract<z.ZodType, z.ZodType, z.ZodType, infer O> ? SchemaOutput<O> : never;
