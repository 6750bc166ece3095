import { type Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import type { WireRequest } from './requests.ts';

export interface WireAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Sends a request as it is, which `fetch` would not: it mends what is wrong. */
export function send(origin: string, agent: Agent, wire: WireRequest): Promise<WireAnswer> {
  const { hostname, port } = new URL(origin);
  const { method, target, headers, body } = wire;
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        ...{ hostname, port, agent, method, path: target },
        headers: {
          accept: 'application/json',
          ...headers,
          ...(body && { 'content-length': String(body.length) }),
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    request.on('error', reject);
    request.setTimeout(30_000, () => request.destroy(new Error('no answer came in 30 seconds')));
    request.end(body);
  });
}
