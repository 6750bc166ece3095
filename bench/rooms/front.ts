import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort } from '@spindle/testkit';

/** What stands before several gateways. */
export interface Front {
  readonly origin: string;
  readonly kind: 'nginx' | 'round-robin';
  stop(): Promise<void>;
}

/** nginx, where it is found on the PATH; otherwise connections are dealt out one by one. */
export async function startFront(ports: readonly number[]): Promise<Front> {
  const nginx = (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'nginx'))
    .find((file) => existsSync(file));
  return nginx ? startNginx(nginx, ports) : startRoundRobin(ports);
}

async function startNginx(nginx: string, ports: readonly number[]): Promise<Front> {
  const folder = mkdtempSync(join(tmpdir(), 'spindle-bench-nginx-'));
  const port = await freePort();
  const upstream = ports.map((one) => `server 127.0.0.1:${one} max_fails=1 fail_timeout=2s;`).join('\n    ');
  writeFileSync(
    join(folder, 'nginx.conf'),
    `worker_processes 1;
daemon off;
pid ${folder}/pid;
error_log ${folder}/error.log;
events { worker_connections 8192; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  upstream gateways {
    ${upstream}
    keepalive 64;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://gateways;
      proxy_http_version 1.1;
      proxy_set_header Host $host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
    }
  }
}
`,
  );
  const child = spawn(nginx, ['-c', join(folder, 'nginx.conf'), '-p', folder], { stdio: 'inherit' });
  const origin = `http://127.0.0.1:${port}`;
  while (!(await fetch(`${origin}/readyz`).catch(() => null))?.ok) {
    if (child.exitCode !== null) throw new Error(`nginx ended with code ${child.exitCode}.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    origin,
    kind: 'nginx',
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Each connection goes to the next gateway that takes it, and ends with it. */
async function startRoundRobin(ports: readonly number[]): Promise<Front> {
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
  server.listen(0, '127.0.0.1');
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
