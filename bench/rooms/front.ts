import { once } from 'node:events';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { findNginx, startFront as startProductionFront } from '@spindle/nginx';

/** What stands before several gateways. */
export interface Front {
  readonly origin: string;
  readonly kind: 'nginx' | 'round-robin';
  stop(): Promise<void>;
}

/**
 * nginx as in production, where there is one; otherwise connections are dealt out one by one.
 *
 * @param port a free one unless told
 * @param environment of nginx, beside what it needs
 */
export async function startFront(
  ports: readonly number[],
  port?: number,
  environment: Readonly<Record<string, string>> = {},
): Promise<Front> {
  const nginx = findNginx();
  if (!nginx) return startRoundRobin(ports, port ?? 0);
  const front = await startProductionFront(nginx, {
    gateways: ports,
    environment,
    ...(port !== undefined && { port }),
  });
  return { ...front, kind: 'nginx' };
}

/** Each connection goes to the next gateway that takes it, and ends with it. */
async function startRoundRobin(ports: readonly number[], wanted: number): Promise<Front> {
  let next = 0;
  const open = new Set<Socket>();
  const hand = (socket: Socket, tries: number): void => {
    const port = ports[next++ % ports.length] ?? 0;
    const target = dial(port, '127.0.0.1');
    target.once('connect', () => {
      target.removeAllListeners('error');
      target.on('error', () => socket.destroy());
      target.on('close', () => socket.destroy());
      socket.on('close', () => target.destroy());
      socket.pipe(target).pipe(socket);
      socket.resume();
    });
    target.once('error', () => {
      if (tries > 1) hand(socket, tries - 1);
      else socket.destroy();
    });
  };
  const server: Server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => open.delete(socket));
    hand(socket, ports.length);
  });
  server.listen(wanted, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    origin: `http://127.0.0.1:${port}`,
    kind: 'round-robin',
    async stop() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
