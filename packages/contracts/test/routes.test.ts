import { describe, expect, it } from '@jest/globals';
import {
  deletePlay,
  listPlays,
  localPathSchema,
  type RouteInput,
  type RouteRequest,
  routes,
  routeUrl,
  updateUser,
} from '../src/index.ts';
import { openApiDocument } from '../src/openapi.ts';

describe('the route list', () => {
  it('names every endpoint once', () => {
    const ids = routes.map((route) => route.id);
    expect(ids.length).toBeGreaterThan(30);
    expect(new Set(ids).size).toBe(ids.length);
    const addresses = routes.flatMap((route) =>
      [route.path, ...(route.aliases ?? [])].flatMap((path) =>
        [route.method, ...(route.alsoMethods ?? [])].map((method) => `${method} ${path}`),
      ),
    );
    expect(new Set(addresses).size).toBe(addresses.length);
  });

  it('becomes an OpenAPI document with an operation for every address', () => {
    const document = openApiDocument(routes, { version: '1.0.0', serverUrl: 'http://127.0.0.1:4680' });
    expect(document.openapi).toBe('3.1.0');
    for (const route of routes) {
      const path = document.paths?.[route.path.replace(/:(\w+)/g, '{$1}')];
      expect(path?.[route.method]?.operationId).toBe(route.id);
    }
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  });

  it('types what goes in and out', () => {
    const input: RouteInput<typeof listPlays>['query'] = { limit: 50, from: new Date(0) };
    const request: RouteRequest<typeof listPlays> = { query: { limit: '10', from: '2026-01-01' } };
    // @ts-expect-error parameters are required
    const missing: RouteRequest<typeof deletePlay> = {};
    expect([input.limit, request.query?.from, missing]).toEqual([50, '2026-01-01', {}]);
  });
});

describe('input rules', () => {
  it('accepts only paths of this site to return to', () => {
    for (const good of ['/', '/history', '/history?x=1'])
      expect(localPathSchema.safeParse(good).success).toBe(true);
    for (const bad of ['//evil.example', '/\\evil.example', 'https://evil.example', '/a\nb', 'history']) {
      expect(localPathSchema.safeParse(bad).success).toBe(false);
    }
  });

  it('refuses unknown settings and impossible time zones', () => {
    expect(updateUser.body?.safeParse({ timeZone: 'Europe/Lisbon' }).success).toBe(true);
    expect(updateUser.body?.safeParse({ timeZone: 'Mars/Olympus' }).success).toBe(false);
    expect(updateUser.body?.safeParse({ isAdmin: true }).success).toBe(false);
  });

  it('fills addresses in, escaped', () => {
    expect(routeUrl(deletePlay, { id: 'a/b' })).toBe('/api/plays/a%2Fb');
    expect(routeUrl(listPlays, {}, { q: 'a b', limit: 5, from: undefined })).toBe('/api/plays?q=a+b&limit=5');
  });
});
