import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { nowMs } from './messages.ts';

// The least that could be: a bare socket.io server that sends the same bytes to everybody as often as a
// room does, and does nothing else. Talks with its parent over IPC.

export interface BareRequest {
  readonly bytes: number;
  readonly everyMs: number;
  readonly times: number;
}

const http = createServer();
const io = new Server(http, { serveClient: false });
http.listen(0, '127.0.0.1', () => process.send?.({ port: (http.address() as AddressInfo).port }));

process.on('message', async ({ bytes, everyMs, times }: BareRequest) => {
  const filling = 'x'.repeat(Math.max(0, bytes - 40));
  for (let n = 0; n < times; n++) {
    io.emit('room', { sentAt: nowMs(), filling });
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  process.send?.({ done: true });
});
process.on('disconnect', () => process.exit());
