import { afterEach, describe, expect, it } from '@jest/globals';
import { createHealth, createMetrics, type OpsServer, silentLogger, startOpsServer } from '../src/index.ts';

let server: OpsServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

describe('createHealth', () => {
  it('is ready when every check passes, and reuses the answer for a while', async () => {
    let asked = 0;
    const health = createHealth({ cacheMs: 60_000 });
    health.check('redis', async () => {
      asked += 1;
    });
    const answers = await Promise.all([health.readiness(), health.readiness(), health.readiness()]);
    expect(answers.every((one) => one.ok)).toBe(true);
    expect(asked).toBe(1);
  });

  it('tells which check failed or hung, without the words of the error', async () => {
    const health = createHealth({ timeoutMs: 30 });
    health.check('postgres', () => Promise.reject(new Error('connect postgres://u:secret@h')));
    health.check('redis', () => new Promise(() => {}));
    health.check('throws', () => {
      throw new Error('at once');
    });
    health.check('fine', async () => {});
    const ready = await health.readiness();
    expect(ready.ok).toBe(false);
    expect(ready.checks).toMatchObject({
      postgres: { ok: false, problem: 'failed' },
      redis: { ok: false, problem: 'timed out' },
      throws: { ok: false, problem: 'failed' },
      fine: { ok: true },
    });
    expect(JSON.stringify(ready)).not.toContain('secret');
  });

  it('is no longer ready once the stop begins, whatever is cached', async () => {
    const stop = new AbortController();
    const health = createHealth({ cacheMs: 60_000, stopping: stop.signal });
    expect((await health.readiness()).ok).toBe(true);
    stop.abort();
    expect(await health.readiness()).toMatchObject({ ok: false, stopping: true });
  });
});

describe('startOpsServer', () => {
  it('answers health and metrics, and nothing else', async () => {
    const health = createHealth({ cacheMs: 0 });
    let broken = false;
    health.check('redis', async () => {
      if (broken) throw new Error('away');
    });
    server = await startOpsServer({
      host: '127.0.0.1',
      port: 0,
      health,
      metrics: createMetrics('test'),
      logger: silentLogger(),
    });
    const get = (path: string, method = 'GET') =>
      fetch(`http://127.0.0.1:${server?.port}${path}`, { method });

    expect((await get('/healthz')).status).toBe(200);
    expect((await get('/readyz?probe=1')).status).toBe(200);
    broken = true;
    expect((await get('/readyz')).status).toBe(503);
    expect((await get('/healthz')).status).toBe(200);
    const metrics = await get('/metrics');
    expect(metrics.headers.get('content-type')).toContain('text/plain');
    expect(await metrics.text()).toMatch(/process_cpu_user_seconds_total\{service="test"\}/);
    expect((await get('/other')).status).toBe(404);
    expect((await get('/healthz', 'POST')).status).toBe(405);
  });
});
