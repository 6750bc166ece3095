import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A message as it arrived. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Somewhere that notices are sent to: keeps what comes, and answers what it is told to. */
export class NoticeServer {
  /** What came since a test cleared it. */
  received: Received[] = [];
  /** The status of the answers. */
  status = 200;
  url = '';
  readonly #server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { url: path = '', headers } = request;
      this.received.push({ path, headers, body: Buffer.concat(parts).toString('utf8') });
      response.writeHead(this.status).end();
    });
  });

  static async start(): Promise<NoticeServer> {
    const one = new NoticeServer();
    await new Promise<void>((resolve) => one.#server.listen(0, '127.0.0.1', resolve));
    one.url = `http://127.0.0.1:${(one.#server.address() as AddressInfo).port}`;
    return one;
  }

  /** Forgets what came, and answers well again. */
  reset(): void {
    this.received = [];
    this.status = 200;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
