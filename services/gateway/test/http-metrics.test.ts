import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger, createMetrics } from '@spindle/service-kit';
import { waitFor } from '@spindle/testkit';
import express from 'express';
import { httpMetrics, markLong, markRoute, observeRefusals } from '../src/metrics/http-metrics.ts';
import { requestLog } from '../src/middleware/request-log.ts';

const metrics = createMetrics('gateway');
const lines: string[] = [];
let server: Server;
let url: string;

beforeAll(async () => {
  const logger = createLogger({
    service: 'gateway',
    level: 'warn',
    destination: { write: (line: string) => void lines.push(line) },
  });
  const app = express();
  // Whatever answers at all is slow, so that no test has to be.
  app.use(httpMetrics(metrics, 0));
  app.use(requestLog(logger));
  app.get('/things/:id', (_request, response) => void response.send('one'));
  app.get('/export', (_request, response) => {
    markLong(response);
    response.send('all');
  });
  app.get('/kept', (_request, response) => {
    markRoute(response, 'kept');
    response.send('kept');
  });
  server = createServer(app);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
});

async function counted(route: string): Promise<{ method: unknown; status: unknown; count: number }[]> {
  const { values = [] } =
    (await metrics.getSingleMetric('spindle_http_request_duration_seconds')?.get()) ?? {};
  return values
    .filter(
      ({ labels, ...one }) =>
        labels['route'] === route && 'metricName' in one && String(one.metricName).endsWith('_count'),
    )
    .map(({ labels, value }) => ({ method: labels['method'], status: labels['status'], count: value }));
}

describe('requests', () => {
  it('are counted by their route as declared, never by what was asked for', async () => {
    for (const path of ['/things/7', '/things/8?secret=1', '/kept', '/no/such/thing', '/other'])
      await (await fetch(`${url}${path}`)).text();
    await (await fetch(`${url}/things/7`, { method: 'PROPFIND' })).text();
    await waitFor(async () => (await counted('unmatched')).length === 2, {
      what: 'the last request to be counted',
    });
    expect(await counted('/things/:id')).toEqual([{ method: 'GET', status: '2xx', count: 2 }]);
    expect(await counted('kept')).toEqual([{ method: 'GET', status: '2xx', count: 1 }]);
    expect(await counted('unmatched')).toEqual(
      expect.arrayContaining([
        { method: 'GET', status: '4xx', count: 2 },
        { method: 'other', status: '4xx', count: 1 },
      ]),
    );
    const text = await metrics.metrics();
    expect(text).not.toMatch(/secret|no\/such/);
    expect(text).toMatch(/spindle_http_requests_in_flight\{service="gateway"\} 0/);
  });

  it('that are slow are logged with their id, unless they take long on purpose', async () => {
    await (await fetch(`${url}/export`, { headers: { 'x-request-id': 'long-1' } })).text();
    await (await fetch(`${url}/things/9`, { headers: { 'x-request-id': 'slow-1' } })).text();
    const slow = await waitFor(() => lines.find((line) => line.includes('slow-1')), { what: 'the line' });
    expect(JSON.parse(slow)).toMatchObject({
      level: 'warn',
      msg: 'a slow request',
      requestId: 'slow-1',
      route: '/things/:id',
      status: 200,
    });
    expect(lines.join('')).not.toContain('long-1');
  });

  it('that a limit refuses are counted by the limit', async () => {
    observeRefusals(metrics)('public');
    expect(await metrics.metrics()).toContain(
      'spindle_rate_limited_total{limit="public",service="gateway"} 1',
    );
  });
});
