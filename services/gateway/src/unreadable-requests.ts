import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { PROBLEM_MEDIA_TYPE } from '@spindle/contracts';
import { AppError, problems } from '@spindle/service-kit';
import { problemDocument } from './problem-answer.ts';

/** What Node says of bytes that it cannot read as a request. */
function unreadable(code: string | undefined): AppError {
  if (code === 'HPE_HEADER_OVERFLOW') {
    const detail = 'Address and headers together may have 16 kB.';
    return new AppError({ status: 431, title: 'Headers too large', code: 'headers-too-large', detail });
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    const detail = 'The request took too long to arrive.';
    return new AppError({ status: 408, title: 'Too slow', code: 'too-slow', detail });
  }
  return problems.validation('This is no HTTP request.', { code: 'malformed-request' });
}

/** Answers what never becomes a request with problem documents, too: Node's own answers have no body. */
export function refuseUnreadable(http: Server): void {
  http.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const id = randomUUID();
    const problem = unreadable(error.code);
    const body = JSON.stringify(problemDocument(problem, id));
    socket.end(
      [
        `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`,
        `content-type: ${PROBLEM_MEDIA_TYPE}; charset=utf-8`,
        `content-length: ${Buffer.byteLength(body)}`,
        `x-request-id: ${id}`,
        'cache-control: no-store',
        'connection: close',
        `\r\n${body}`,
      ].join('\r\n'),
    );
  });
  http.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    const id = randomUUID();
    const problem = new AppError({
      status: 417,
      title: 'Expectation not met',
      code: 'expectation',
      detail: 'Of the header "Expect" only 100-continue is understood.',
    });
    response.writeHead(problem.status, {
      'content-type': `${PROBLEM_MEDIA_TYPE}; charset=utf-8`,
      'x-request-id': id,
      'cache-control': 'no-store',
      connection: 'close',
    });
    response.end(JSON.stringify(problemDocument(problem, id)));
  });
}
