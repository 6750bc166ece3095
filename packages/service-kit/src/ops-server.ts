import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import type { Health } from './health.ts';
import type { Logger } from './logger.ts';

export interface OpsServer {
  /** The port it listens on: the chosen one when 0 was asked for. */
  readonly port: number;
  close(): Promise<void>;
}

export interface OpsServerOptions {
  readonly host: string;
  readonly port: number;
  readonly health: Health;
  readonly metrics: Registry;
  readonly logger: Logger;
}

function answerJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

async function answer(path: string, response: ServerResponse, options: OpsServerOptions): Promise<void> {
  if (path === '/healthz') {
    const live = options.health.liveness();
    answerJson(response, live.ok ? 200 : 503, live);
  } else if (path === '/readyz') {
    const ready = await options.health.readiness();
    answerJson(response, ready.ok ? 200 : 503, ready);
  } else if (path === '/metrics') {
    const text = await options.metrics.metrics();
    response.writeHead(200, { 'content-type': options.metrics.contentType }).end(text);
  } else {
    answerJson(response, 404, { error: 'Here are only /healthz, /readyz and /metrics.' });
  }
}

/**
 * `/healthz`, `/readyz` and `/metrics` for processes that answer no other HTTP.
 *
 * @throws when the port cannot be listened on.
 */
export async function startOpsServer(options: OpsServerOptions): Promise<OpsServer> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      answerJson(response, 405, { error: 'Only GET is answered here.' });
      return;
    }
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    answer(path, response, options).catch((error: unknown) => {
      options.logger.error({ err: error, path }, 'an operations request failed');
      if (!response.headersSent) answerJson(response, 500, { error: 'The request failed.' });
      else response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
