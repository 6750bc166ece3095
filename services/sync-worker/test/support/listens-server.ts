import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PastListen } from '@spindle/db';

/** What a test has the server answer instead: status, headers, body. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const json = (status: number, body: object): Answer => ({ status, body: JSON.stringify(body) });

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * A small server that takes listens as ListenBrainz does: only with its token, each listen of one time
 * and track once, and nothing of a submission in which one listen is bad.
 */
export class ListensServer {
  readonly token = 'token-of-the-listener';
  /** What it holds, by time and track. */
  readonly kept = new Map<string, PastListen>();
  /** How many listens each submission had, refused ones included. */
  readonly submissions: number[] = [];
  /** Asked before each submission; what it returns is answered, `cut` drops the connection instead. */
  instead: (listens: readonly PastListen[]) => Answer | 'cut' | null = () => null;
  /** Whether the connection drops after the listens were kept, before the answer. */
  dropAnswers = false;
  #server: Server | null = null;
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Listens; on the same port as before, when it did. */
  async start(): Promise<void> {
    const server = createServer((request, response) => void this.#handle(request, response));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(this.#port, '127.0.0.1', () => resolve());
    });
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (!server) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  /** Names of the tracks it holds, in the order of their times. */
  tracks(): string[] {
    return [...this.kept.values()]
      .sort((a, b) => a.listened_at - b.listened_at)
      .map((listen) => listen.track_metadata.track_name);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const answer = this.#answer(request, body);
    if (answer === 'cut') {
      request.socket.destroy();
      return;
    }
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
    response.end(answer.body);
  }

  #answer(request: IncomingMessage, body: string): Answer | 'cut' {
    if (request.url !== '/1/submit-listens' || request.method !== 'POST')
      return json(404, { code: 404, error: 'Not found' });
    const { listen_type: type, payload } = JSON.parse(body) as { listen_type: string; payload: PastListen[] };
    this.submissions.push(payload.length);
    const instead = this.instead(payload);
    if (instead) return instead;
    if (request.headers.authorization !== `Token ${this.token}`)
      return json(401, { code: 401, error: 'Invalid authorization token.' });
    if (type !== 'import' || payload.length === 0) return json(400, { code: 400, error: 'Bad' });
    for (const listen of payload)
      this.kept.set(`${listen.listened_at}/${listen.track_metadata.track_name}`, listen);
    return this.dropAnswers ? 'cut' : json(200, { status: 'ok' });
  }
}
