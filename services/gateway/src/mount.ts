import type { AnyRoute, HttpMethod, RouteContract, RouteInput, RouteOutput } from '@spindle/contracts';
import type { AddJobOptions } from '@spindle/queues';
import { problems } from '@spindle/service-kit';
import type { Request, RequestHandler, Response, Router } from 'express';
import type { z } from 'zod';
import type { Authenticate } from './auth/authenticate.ts';
import { authorize } from './auth/authorize.ts';
import { ANONYMOUS, type Caller, callerKey } from './caller.ts';
import type { GatewayContext } from './context.ts';
import { addOnce, idempotencyKeyOf } from './idempotency.ts';
import { answerJob } from './job-answer.ts';
import { markLong } from './metrics/http-metrics.ts';
import type { RateLimits } from './middleware/rate-limit.ts';
import { requestId } from './middleware/request-log.ts';
import { requireOwnNavigation } from './middleware/same-origin.ts';
import { type ParsedInput, readInput } from './request-input.ts';
import type { InRoom } from './rooms/door.ts';
import type { HttpDoor } from './rooms/http-door.ts';

/** Around the parsed input: who asks, and the raw request for the few handlers that need it. */
export interface Call {
  readonly caller: Caller;
  readonly requestId: string;
  readonly request: Request;
  readonly response: Response;
  /** Set where the contract asks for a guest: the room of the path, and who they are in it. */
  readonly inRoom?: InRoom;
}

type Contract<
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  O extends z.ZodType,
> = RouteContract<P, Q, B, O>;
type Awaitable<T> = T | Promise<T>;

/** What a handler returns; nothing at all where the contract promises no body. */
// biome-ignore lint/suspicious/noConfusingVoidType: it is the return type of a handler
type Output<R> = RouteOutput<R> extends undefined ? void : RouteOutput<R>;

/** Puts contracts onto the router; each endpoint is mounted in one of three ways. */
export interface Mount {
  /** The handler returns what the contract promises. */
  route<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, O extends z.ZodType>(
    contract: Contract<P, Q, B, O>,
    handler: (input: RouteInput<Contract<P, Q, B, O>>, call: Call) => Awaitable<Output<Contract<P, Q, B, O>>>,
  ): void;
  /** The handler adds a job with the given options and returns its id; the answer is made here. */
  job<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, O extends z.ZodType>(
    contract: Contract<P, Q, B, O>,
    handler: (
      input: RouteInput<Contract<P, Q, B, O>>,
      call: Call,
      options: AddJobOptions,
    ) => Promise<{ id: string }>,
  ): void;
  /** The handler writes the answer itself: redirects, streams. */
  raw<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, O extends z.ZodType>(
    contract: Contract<P, Q, B, O>,
    handler: (input: RouteInput<Contract<P, Q, B, O>>, call: Call) => Awaitable<void>,
  ): void;
  /** After the last endpoint: from now on a known path refuses the methods that it lacks. */
  close(): void;
}

export interface MountParts {
  readonly context: GatewayContext;
  readonly authenticate: Authenticate;
  readonly limits: RateLimits;
  readonly roomDoor: HttpDoor;
}

type Answer = (input: ParsedInput, call: Call) => Awaitable<void>;

/** Whether an answer is waited for on purpose, or is as long as somebody's data. */
function takesLong(contract: AnyRoute, request: Request): boolean {
  const isFile = contract.produces !== undefined && /zip|ndjson|csv|octet/.test(contract.produces);
  const isAwaited = contract.enqueues === true && request.headers['prefer'] !== undefined;
  return isFile || isAwaited || contract.limit === 'upload' || contract.auth === 'cron';
}

/** Whether a browser vouches for the caller, which does so for every page that sends it here. */
const isByCookie = (caller: Caller, request: Request): boolean =>
  (caller.kind === 'user' && caller.via === 'session') ||
  (caller.kind === 'operator' && request.headers.authorization === undefined);

/** The same for every endpoint, in this order. */
function chain(parts: MountParts, contract: AnyRoute, answer: Answer): RequestHandler {
  const inOrder = steps(parts, contract, answer);
  return (request, response, next) => {
    if (takesLong(contract, request)) markLong(response);
    return parts.context.inHand.take(Promise.resolve(inOrder(request, response, next)));
  };
}

function steps(parts: MountParts, contract: AnyRoute, answer: Answer): RequestHandler {
  const { context, authenticate, limits, roomDoor } = parts;
  const changes = contract.scope === 'write' || contract.enqueues === true;
  if (contract.auth === 'guest') {
    return async (request, response) => {
      // A party is many phones behind one address: its guests are counted one by one.
      const { caller, inRoom } = await roomDoor.enter(request, response, contract);
      const input = await readInput(contract, request, response);
      await answer(input, { caller, requestId: requestId(request), request, response, inRoom });
    };
  }
  // The door of a room counts by itself, and not everybody.
  const isCounted = contract.limit !== 'probe' && contract.limit !== 'room-code';
  return async (request, response) => {
    if (isCounted) await limits.address(request, response);
    const caller = contract.auth === 'public' ? ANONYMOUS : await authenticate(request, response);
    if (isCounted)
      await limits.caller(
        contract.limit,
        callerKey(caller) ?? `address:${request.ip ?? 'unknown'}`,
        response,
      );
    authorize(caller, contract);
    if (changes && isByCookie(caller, request)) requireOwnNavigation(request, context.config.web);
    const input = await readInput(contract, request, response);
    await answer(input, { caller, requestId: requestId(request), request, response });
  };
}

function sendResult(parts: MountParts, contract: AnyRoute, response: Response, result: unknown): void {
  if (!response.hasHeader('cache-control')) {
    response.setHeader('cache-control', contract.auth === 'public' ? 'no-cache' : 'private, no-store');
  }
  if (!contract.response) {
    response.status(contract.status ?? 204).end();
    return;
  }
  // A handler may have set another status (not ready, for instance).
  const status = response.statusCode === 200 ? (contract.status ?? 200) : response.statusCode;
  // Outside production an answer that breaks its promise is found here, not by a client.
  const strict = parts.context.config.base.environment !== 'production';
  response.status(status).json(strict ? contract.response.parse(result) : result);
}

function jobOptions(call: Call, jobId?: string): AddJobOptions {
  return {
    requestId: call.requestId,
    ...(call.caller.kind === 'user' && { ownerId: call.caller.userId }),
    ...(jobId !== undefined && { jobId }),
  };
}

export function createMount(parts: MountParts, router: Router): Mount {
  const methods = new Map<string, Set<HttpMethod>>();

  function add(contract: AnyRoute, answer: Answer): void {
    const handler = chain(parts, contract, answer);
    for (const path of [contract.path, ...(contract.aliases ?? [])]) {
      const known = methods.get(path) ?? new Set();
      methods.set(path, known);
      for (const method of [contract.method, ...(contract.alsoMethods ?? [])]) {
        router[method](path, handler);
        known.add(method);
      }
    }
  }

  return {
    route(contract, handler) {
      add(contract as unknown as AnyRoute, async (input, call) => {
        const result = await handler(input as RouteInput<typeof contract>, call);
        sendResult(parts, contract as unknown as AnyRoute, call.response, result);
      });
    },
    job(contract, handler) {
      const route = contract as unknown as AnyRoute;
      add(route, async (input, call) => {
        const typed = input as RouteInput<typeof contract>;
        const key = idempotencyKeyOf(call.request);
        const { id } =
          key === undefined
            ? await handler(typed, call, jobOptions(call))
            : await addOnce(
                { redis: parts.context.redis, prefix: parts.context.config.redis.prefix },
                {
                  caller: callerKey(call.caller) ?? 'nobody',
                  route: `${contract.method} ${contract.path}`,
                  key,
                  content: input,
                },
                (jobId) => handler(typed, call, jobOptions(call, jobId)),
              );
        await answerJob(parts.context, route, call.request, call.response, id);
      });
    },
    raw(contract, handler) {
      add(contract as unknown as AnyRoute, (input, call) =>
        handler(input as RouteInput<typeof contract>, call),
      );
    },
    close() {
      for (const [path, known] of methods) {
        const allow = [...known, ...(known.has('get') ? ['head'] : []), 'options'].join(', ').toUpperCase();
        router.all(path, (request, response) => {
          response.setHeader('allow', allow);
          if (request.method === 'OPTIONS') {
            response.status(204).end();
            return;
          }
          throw problems.methodNotAllowed(`${request.method} is not possible here. Possible: ${allow}.`);
        });
      }
    },
  };
}
