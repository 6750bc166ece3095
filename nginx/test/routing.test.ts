import { readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { routes } from '@spindle/contracts';
import { type Front, startFront } from '../start.ts';
import { describeWithNginx, NGINX } from './support/nginx.ts';
import { type StandIn, startStandIn } from './support/stand-in.ts';
import { makeWebRoot } from './support/web-root.ts';

const web = (file: string) =>
  readFileSync(new URL(`../../services/web/src/${file}`, import.meta.url), 'utf8');
const PARAMETERS: Record<string, string> = { code: 'ABC234', kind: 'now-playing', year: '2026' };
/** `/rooms/:code/vote` as somebody would ask for it. */
const example = (path: string) => path.replace(/[:$](\w+)/g, (_, name: string) => PARAMETERS[name] ?? '7');

/** What the gateway answers beside its contracts. */
const BESIDE = [
  '/docs',
  '/docs/start.js',
  '/openapi.json',
  '/problems/not-found',
  '/admin/queues',
  '/admin/queues/api/queues',
];

describeWithNginx('which addresses are whose', () => {
  let front: Front;
  let gateway: StandIn;
  let root: string;

  const get = (path: string, init: RequestInit = {}) =>
    fetch(`${front.origin}${path}`, { headers: { accept: 'text/html' }, ...init });

  beforeAll(async () => {
    gateway = await startStandIn();
    root = makeWebRoot();
    front = await startFront(NGINX, { gateways: [gateway.port], environment: { WEB_ROOT: root } });
  });
  afterAll(async () => {
    await front?.stop();
    await gateway?.close();
    rmSync(root, { recursive: true, force: true });
  });

  it('brings every endpoint of the contracts to the gateway, whatever the caller accepts', async () => {
    const wrong: string[] = [];
    let asked = 0;
    for (const route of routes) {
      for (const path of [route.path, ...(route.aliases ?? [])]) {
        const answer = await get(example(path), { method: route.method.toUpperCase() });
        asked += 1;
        if ((await answer.text()) !== 'gateway') wrong.push(`${route.method} ${path}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(asked).toBeGreaterThan(100);
    for (const path of BESIDE) expect([path, await (await get(path)).text()]).toEqual([path, 'gateway']);
  });

  it('answers every address of the web app’s router with the app, and does not ask the gateway', async () => {
    const named = Object.fromEntries(
      [...web('shell.tsx').matchAll(/export const (\w+_PATH) = '([^']+)'/g)].map(([, name, path]) => [
        name,
        path,
      ]),
    );
    const paths = [...web('router.tsx').matchAll(/^ {2}path: (?:'([^']+)'|(\w+)),$/gm)].map(
      ([, path, name]) => path ?? named[name ?? ''] ?? '',
    );
    expect(paths.length).toBeGreaterThan(20);
    const before = gateway.arrivals.length;
    for (const path of paths) {
      const answer = await get(example(path));
      expect([path, answer.status, await answer.text()]).toEqual([
        path,
        200,
        expect.stringContaining('The app'),
      ]);
      expect(answer.headers.get('cache-control')).toBe('no-cache');
    }
    expect(gateway.arrivals.length).toBe(before);
  });

  it('gives programs that want no page, and other methods, the gateway’s answer', async () => {
    expect(await (await get('/history', { headers: { accept: 'application/json' } })).text()).toBe('gateway');
    const posted = await get('/history', { method: 'POST', body: 'x' });
    expect(await posted.text()).toBe('gateway');
    expect(gateway.arrivals.at(-1)).toMatchObject({ method: 'POST', url: '/history' });
  });

  it('keeps hashed assets for ever, compressed beforehand, and has no page for one that is missing', async () => {
    const asset = await get('/assets/app-1a2b.js', { headers: { 'accept-encoding': 'gzip' } });
    expect(Object.fromEntries(asset.headers)).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-type': 'text/javascript; charset=utf-8',
      'content-encoding': 'gzip',
      vary: 'Accept-Encoding',
    });
    expect(await asset.text()).toContain('start();');
    const missing = await get('/assets/app-old.js');
    expect(missing.headers.get('content-type')).toBe('application/problem+json');
    expect(await missing.json()).toMatchObject({
      type: '/problems/not-found',
      status: 404,
      instance: missing.headers.get('x-request-id'),
    });
    expect(missing.headers.get('cache-control')).toBe('no-store');
    const outside = await get('/assets/..%2f..%2f..%2f..%2fetc%2fpasswd');
    expect(await outside.text()).not.toContain('root:');
  });

  it('shows the metrics to nobody', async () => {
    const before = gateway.arrivals.length;
    expect((await get('/metrics')).status).toBe(404);
    expect(gateway.arrivals.length).toBe(before);
  });
});
