import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectHttp2, constants } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort, waitFor } from '@spindle/testkit';
import { type Front, renderAndCheck, startFront } from '../start.ts';
import { describeWithNginx, NGINX } from './support/nginx.ts';
import { type StandIn, startStandIn } from './support/stand-in.ts';
import { makeWebRoot } from './support/web-root.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** A key and a certificate that it signed itself, for `name`. */
function writeCertificate(folder: string, name: string): void {
  const { status, stderr } = spawnSync(
    'openssl',
    [
      ...[
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
      ],
      ...['-subj', `/CN=${name}`, '-keyout', join(folder, 'key.pem'), '-out', join(folder, 'chain.pem')],
    ],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
}

(hasOpenssl ? describeWithNginx : describe.skip)('TLS', () => {
  let front: Front;
  let gateway: StandIn;
  let folder: string;
  let tlsPort: number;

  async function shaken(options: { maxVersion?: 'TLSv1.1' | 'TLSv1.3' } = {}): Promise<TLSSocket> {
    const socket = connectTls({
      port: tlsPort,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      ALPNProtocols: ['h2'],
      ...(options.maxVersion === 'TLSv1.1' && { minVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
      ...options,
    });
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve);
      socket.once('error', reject);
    });
    socket.end();
    return socket;
  }
  const nameOfCertificate = async () => (await shaken()).getPeerCertificate().subject.CN;

  beforeAll(async () => {
    gateway = await startStandIn(
      (request, response) => void response.end(request.headers['x-forwarded-proto']),
    );
    folder = makeWebRoot();
    tlsPort = await freePort();
    front = await startFront(NGINX, {
      gateways: [gateway.port],
      environment: {
        PUBLIC_URL: 'https://spindle.example.org',
        WEB_ROOT: folder,
        ACME_ROOT: folder,
        TLS_CERTIFICATE: join(folder, 'chain.pem'),
        TLS_KEY: join(folder, 'key.pem'),
        NGINX_TLS_LISTEN: `127.0.0.1:${tlsPort}`,
        TLS_LOOK_SECONDS: '0.2',
      },
    });
  });
  afterAll(async () => {
    await front?.stop();
    await gateway?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('begins without a certificate, takes it up when it comes, and again when it is renewed', async () => {
    expect(front.errors()).toContain('only http is answered until there is');
    mkdirSync(join(folder, '.well-known', 'acme-challenge'), { recursive: true });
    writeFileSync(join(folder, '.well-known', 'acme-challenge', 'token'), 'proof');
    const challenge = async () =>
      (await fetch(`${front.origin}/.well-known/acme-challenge/token`, { redirect: 'manual' })).text();
    expect(await challenge()).toBe('proof');
    writeCertificate(folder, 'first');
    await waitFor(async () => (await nameOfCertificate()) === 'first', { timeoutMs: 25_000 });
    writeCertificate(folder, 'renewed');
    await waitFor(async () => (await nameOfCertificate()) === 'renewed', { timeoutMs: 25_000 });
    // A renewal is proved over http, like the first time.
    expect(await challenge()).toBe('proof');
  });

  it('leads http to https, path and query included', async () => {
    const answer = await waitFor(async () => {
      const one = await fetch(`${front.origin}/history?q=a%20b`, { redirect: 'manual' });
      return one.status === 308 && one;
    });
    expect(answer.headers.get('location')).toBe('https://spindle.example.org/history?q=a%20b');
  });

  it('speaks HTTP/2 to browsers of today, says that it is https, and refuses what is weak', async () => {
    const askOnce = async (path: string) => {
      const session = connectHttp2(`https://127.0.0.1:${tlsPort}`, { rejectUnauthorized: false });
      try {
        return await new Promise<{ headers: Record<string, unknown>; body: string }>((resolve, reject) => {
          session.once('error', reject);
          const stream = session.request({ ':path': path, accept: 'text/html' });
          const gone = () => reject(new Error('the stream was closed'));
          stream.once('close', gone);
          stream.once('response', (headers) => {
            stream.off('close', gone);
            text(stream).then((body) => resolve({ headers, body }), reject);
          });
          stream.once('error', reject);
        });
      } finally {
        session.close();
      }
    };
    // A worker of before the renewal may have taken the connection, and say that it is leaving.
    const ask = (path: string) => waitFor(() => askOnce(path), { what: path });
    const page = await ask('/history');
    expect(page.headers).toMatchObject({
      [constants.HTTP2_HEADER_STATUS]: 200,
      'strict-transport-security': 'max-age=31536000',
      'content-security-policy': expect.stringContaining('upgrade-insecure-requests'),
    });
    expect((await ask('/api/user')).body).toBe('https');
    expect((await shaken()).alpnProtocol).toBe('h2');
    await expect(shaken({ maxVersion: 'TLSv1.1' })).rejects.toThrow();
  });
});

describeWithNginx('the configuration', () => {
  const base = { PUBLIC_URL: 'https://spindle.example.org', TRUSTED_PROXIES: '10.0.0.0/8 fd00::/8' };

  it('is one that nginx takes without a warning, with nothing left to fill in', () => {
    const { folder, words } = renderAndCheck(NGINX, { ...base, NGINX_RESOLVER: '127.0.0.11' });
    const left = spawnSync('grep', ['-rnE', '@[A-Z_]+@', join(folder, 'conf')], { encoding: 'utf8' });
    rmSync(folder, { recursive: true, force: true });
    expect(words).not.toMatch(/warn|emerg|error/);
    expect(left.stdout).toBe('');
  });

  it('is refused when a value could say more than it should', () => {
    for (const [name, value] of Object.entries({
      PUBLIC_URL: 'https://a.example; return 200',
      GATEWAYS: 'gateway:4680;',
      WEB_ROOT: '/web"',
      TRUSTED_PROXIES: '10.0.0.0/8\n}',
      SPOTIFY_API_URL: 'http://$host',
    })) {
      expect(() => renderAndCheck(NGINX, { ...base, [name]: value })).toThrow(
        `${name} has a character that no address`,
      );
    }
    expect(() => renderAndCheck(NGINX, { PUBLIC_URL: '' })).toThrow('PUBLIC_URL is not set');
    expect(() => renderAndCheck(NGINX, { PUBLIC_URL: 'ftp://x' })).toThrow('must begin with http');
  });

  it('asks the name server again about gateways, where nginx can', () => {
    const bin = mkdtempSync(join(tmpdir(), 'spindle-bin-'));
    // Only what it says of its version matters to the renderer.
    writeFileSync(join(bin, 'nginx'), '#!/bin/sh\necho "nginx version: nginx/1.30.4" >&2\n', { mode: 0o755 });
    const out = join(bin, 'conf');
    const rendered = spawnSync(new URL('../render.sh', import.meta.url).pathname, [out], {
      env: { PATH: `${bin}:${process.env.PATH}`, ...base, NGINX_RESOLVER: '127.0.0.11', NGINX_TEMP: bin },
    });
    const upstreams = spawnSync('cat', [join(out, 'upstreams.conf')], { encoding: 'utf8' }).stdout;
    rmSync(bin, { recursive: true, force: true });
    expect(rendered.status).toBe(0);
    expect(upstreams).toContain('resolver 127.0.0.11 valid=5s');
    expect(upstreams.match(/server gateway:4680 resolve /g)).toHaveLength(2);
  });
});
