import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What arrived behind nginx. */
export interface Arrival {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** Something behind nginx that tells what reaches it; for what nginx does by itself. */
export interface StandIn {
  readonly port: number;
  readonly arrivals: Arrival[];
  close(): Promise<void>;
}

/** @param answer writes the answer; by default 200 with the word "gateway". */
export async function startStandIn(
  answer: (request: IncomingMessage, response: ServerResponse) => void = (_request, response) =>
    response.end('gateway'),
): Promise<StandIn> {
  const arrivals: Arrival[] = [];
  const server = createServer((request, response) => {
    arrivals.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers });
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    arrivals,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close').catch(() => {});
    },
  };
}
