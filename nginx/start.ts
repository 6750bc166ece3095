import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, waitFor } from '@spindle/testkit';

const RENDER = fileURLToPath(new URL('render.sh', import.meta.url));
const ENTRYPOINT = fileURLToPath(new URL('entrypoint.sh', import.meta.url));

/** nginx on this machine with the configuration of production. */
export interface Front {
  readonly origin: string;
  /** The folder that nginx writes to: temporary files, the cache, its configuration. */
  readonly folder: string;
  /** One object for each answer so far, as in the access log. */
  log(): { readonly [name: string]: unknown }[];
  /** What nginx complained of so far. */
  errors(): string;
  stop(): Promise<void>;
}

export interface FrontOptions {
  /** Ports of gateways on this machine. */
  readonly gateways: readonly number[];
  /** Variables of render.sh beside those that a machine's own nginx needs. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly port?: number;
}

/** The nginx of this machine, or null. */
export function findNginx(path = process.env.PATH ?? ''): string | null {
  // Debian keeps it where only root looks.
  const folders = [...path.split(delimiter), '/usr/sbin'];
  return folders.map((folder) => join(folder, 'nginx')).find((file) => existsSync(file)) ?? null;
}

/** What render.sh and nginx are told on a machine of one's own: only ports and folders differ from the image. */
function localEnvironment(nginx: string, folder: string, port: number, options: FrontOptions) {
  return {
    PATH: `${process.env.PATH ?? ''}${delimiter}${join(nginx, '..')}`,
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    GATEWAYS: options.gateways.map((one) => `127.0.0.1:${one}`).join(' '),
    WEB_ROOT: folder,
    NGINX_LISTEN: `127.0.0.1:${port}`,
    NGINX_STATUS_LISTEN: `unix:${folder}/status.sock`,
    NGINX_TEMP: folder,
    NGINX_CONF: join(folder, 'conf'),
    NGINX_RESOLVER: '',
    NGINX_WORKERS: '1',
    // As root, nginx would hand its work to a user who may not enter these folders.
    ...(process.getuid?.() === 0 && { NGINX_USER: 'root' }),
    ACCESS_LOG: join(folder, 'access.log'),
    ACME_ROOT: folder,
    ...options.environment,
  };
}

/**
 * Renders the configuration into a folder of its own and lets nginx judge it.
 *
 * @returns nginx's words; what was rendered lies in `folder`, which the caller removes.
 * @throws when render.sh refuses a variable or nginx refuses the configuration.
 */
export function renderAndCheck(
  nginx: string,
  environment: Readonly<Record<string, string>>,
): { readonly folder: string; readonly words: string } {
  const folder = mkdtempSync(join(tmpdir(), 'spindle-nginx-'));
  const env = localEnvironment(nginx, folder, 8080, { gateways: [4680], environment });
  const words: string[] = [];
  for (const [command, args] of [
    [RENDER, [env.NGINX_CONF]],
    [nginx, ['-t', '-c', join(env.NGINX_CONF, 'nginx.conf')]],
  ] as const) {
    const { status, stdout, stderr } = spawnSync(command, args, { env, encoding: 'utf8' });
    words.push(stdout, stderr);
    if (status !== 0) {
      rmSync(folder, { recursive: true, force: true });
      throw new Error(`${command} ended with code ${status}: ${stdout}${stderr}`);
    }
  }
  return { folder, words: words.join('') };
}

/**
 * Starts nginx by the entry point of its image before gateways on this machine.
 *
 * @throws when nginx ends instead of answering.
 */
export async function startFront(nginx: string, options: FrontOptions): Promise<Front> {
  const folder = mkdtempSync(join(tmpdir(), 'spindle-nginx-'));
  const port = options.port ?? (await freePort());
  const env = localEnvironment(nginx, folder, port, options);
  const child = spawn(ENTRYPOINT, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk;
  });
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  const origin = `http://127.0.0.1:${port}`;
  try {
    await waitFor(
      async () => {
        if (child.exitCode !== null) return true;
        // Whatever it answers, it answers.
        return (await fetch(origin, { redirect: 'manual' })).status > 0;
      },
      { what: 'nginx', timeoutMs: 30_000 },
    );
    if (child.exitCode !== null) throw new Error(`nginx ended with code ${child.exitCode}: ${errors}`);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    origin,
    folder,
    log: () =>
      readFileSync(env.ACCESS_LOG, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as { [name: string]: unknown }),
    errors: () => errors,
    stop,
  };
}
