import {
  extendZodWithOpenApi,
  OpenAPIRegistry,
  OpenApiGeneratorV31,
  type RouteConfig,
} from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { jobAcceptedSchema } from './jobs.ts';
import { PROBLEM_MEDIA_TYPE, problemSchema } from './problem.ts';
import type { AnyRoute, HttpMethod } from './route.ts';

extendZodWithOpenApi(z);

const SECURITY: Record<AnyRoute['auth'], RouteConfig['security']> = {
  public: [],
  user: [{ session: [] }, { bearer: [] }],
  guest: [{ session: [] }, { bearer: [] }, { guest: [] }],
  admin: [{ session: [] }, { bearer: [] }],
  cron: [{ bearer: [] }, { cronSecret: [] }],
  service: [{ bearer: [] }, { cronSecret: [] }],
};

const problem = (description: string) => ({
  description,
  content: { [PROBLEM_MEDIA_TYPE]: { schema: problemSchema } },
});

function answers(route: AnyRoute): RouteConfig['responses'] {
  const status = route.status ?? (route.response || route.produces ? 200 : 204);
  const success = route.response
    ? {
        description: route.summary,
        content: { [route.produces ?? 'application/json']: { schema: route.response } },
      }
    : route.produces
      ? { description: route.summary, content: { [route.produces]: { schema: z.string() } } }
      : { description: route.summary };
  return {
    [status]: success,
    ...(route.enqueues
      ? {
          202: {
            description: 'Accepted; see Location',
            content: { 'application/json': { schema: jobAcceptedSchema } },
          },
        }
      : {}),
    400: problem('The request is not valid; `errors` says where'),
    ...(route.auth === 'public'
      ? {}
      : { 401: problem('No or wrong credential'), 403: problem('Not allowed') }),
    ...(route.params ? { 404: problem('No such thing') } : {}),
    429: problem('Too many requests; see Retry-After'),
    503: problem('A part of the system does not answer; try again'),
  };
}

function request(route: AnyRoute): RouteConfig['request'] {
  const mediaType = {
    json: 'application/json',
    form: 'application/x-www-form-urlencoded',
    multipart: 'multipart/form-data',
  };
  return {
    ...(route.params ? { params: route.params as z.ZodObject } : {}),
    ...(route.query ? { query: route.query as z.ZodObject } : {}),
    ...(route.body
      ? {
          body: {
            required: true,
            content: { [mediaType[route.bodyType ?? 'json']]: { schema: route.body } },
          },
        }
      : route.bodyType === 'multipart'
        ? {
            body: {
              required: true,
              content: {
                'multipart/form-data': {
                  schema: z.object({ file: z.any().openapi({ type: 'string', format: 'binary' }) }),
                },
              },
            },
          }
        : {}),
    ...(route.enqueues
      ? { headers: z.object({ prefer: z.string().optional(), 'idempotency-key': z.string().optional() }) }
      : {}),
  };
}

/** The OpenAPI 3.1 document of the given routes. */
export function openApiDocument(
  routes: readonly AnyRoute[],
  info: { version: string; serverUrl: string },
): ReturnType<OpenApiGeneratorV31['generateDocument']> {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: 'spindle.sid',
  });
  registry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' });
  registry.registerComponent('securitySchemes', 'guest', {
    type: 'apiKey',
    in: 'cookie',
    name: 'spindle_room_CODE',
  });
  registry.registerComponent('securitySchemes', 'cronSecret', {
    type: 'apiKey',
    in: 'header',
    name: 'x-cron-secret',
  });
  for (const route of routes) {
    const methods: HttpMethod[] = [route.method, ...(route.alsoMethods ?? [])];
    const paths = [route.path, ...(route.aliases ?? [])];
    for (const [pathIndex, path] of paths.entries()) {
      for (const [methodIndex, method] of methods.entries()) {
        const first = pathIndex === 0 && methodIndex === 0;
        registry.registerPath({
          method,
          path: path.replace(/:(\w+)/g, '{$1}'),
          operationId: first ? route.id : `${route.id}_${method}${pathIndex === 0 ? '' : `_${pathIndex}`}`,
          tags: [route.tag],
          summary: route.summary,
          security: SECURITY[route.auth] ?? [],
          request: request(route) ?? {},
          responses: answers(route),
        });
      }
    }
  }
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: { title: 'Spindle', version: info.version, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: info.serverUrl }],
  });
}
