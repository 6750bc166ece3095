import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Front, findNginx, startFront } from '@spindle/nginx';
import { freePort, waitFor } from '@spindle/testkit';
import { connect } from 'socket.io-client';
import { type RunningProcess, type System, signIn, startSystem } from '../system.ts';

const nginx = findNginx();
const CARD = '/api/now-playing.svg';

// `npm test` installs nginx where it may, and says so where it may not.
(nginx ? describe : describe.skip)('two gateways behind nginx', () => {
  let system: System;
  let front: Front;
  let first: RunningProcess;
  let second: RunningProcess;
  let session: string;
  let web: string;

  const ask = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
    fetch(`${front.origin}${path}`, { ...init, headers: { cookie: session, ...headers } });
  const page = (origin: string) => fetch(`${origin}/history`, { headers: { accept: 'text/html' } });

  beforeAll(async () => {
    web = mkdtempSync(join(tmpdir(), 'spindle-web-'));
    mkdirSync(join(web, 'assets'));
    writeFileSync(join(web, 'index.html'), '<!doctype html><title>The app</title>');
    const port = await freePort();
    system = await startSystem({
      services: ['gateway', 'gateway'],
      publicUrl: `http://127.0.0.1:${port}`,
      webDist: web,
      environment: { TRUST_PROXY: '1', RATE_LIMIT_SCALE: '50' },
      sandbox: {
        people: [{ id: 'ann', displayName: 'Ann', listening: 'quiet' }],
        rateLimit: null,
        quota: null,
      },
    });
    [first, second] = system.processes as [RunningProcess, RunningProcess];
    front = await startFront(nginx ?? '', {
      gateways: [first.port, second.port],
      port,
      environment: { WEB_ROOT: web, SPOTIFY_API_URL: system.sandbox.apiUrl },
    });
    session = await signIn(system, 'ann');
  }, 90_000);
  afterAll(async () => {
    await front?.stop();
    await system?.stop();
    rmSync(web, { recursive: true, force: true });
  });

  it('sign people in, and know them whichever gateway is asked', async () => {
    for (let n = 0; n < 6; n += 1) expect((await ask('/api/user')).status).toBe(200);
    const lines = await waitFor(() => {
      const seen = front.log().filter((line) => line.path === '/api/user');
      return seen.length >= 6 && seen;
    });
    expect(new Set(lines.map((line) => line.gateway)).size).toBe(2);
  });

  it('say the same of a page as a gateway that serves the app itself', async () => {
    const [ours, theirs] = await Promise.all([page(front.origin), page(`http://127.0.0.1:${first.port}`)]);
    const relevant = (answer: Response) =>
      Object.fromEntries(
        [...answer.headers].filter(
          ([name]) =>
            !/^(date|server|connection|keep-alive|etag|last-modified|accept-ranges|content-length|transfer-encoding|vary|x-request-id)$/.test(
              name,
            ),
        ),
      );
    expect(await ours.text()).toContain('The app');
    expect(relevant(ours)).toEqual(relevant(theirs));
  });

  it('log a request under the id that the caller and nginx know it by', async () => {
    const answer = await ask('/api/plays?limit=0', { 'x-request-id': 'e2e-front-1' });
    expect([answer.status, answer.headers.get('x-request-id')]).toEqual([400, 'e2e-front-1']);
    expect(await answer.json()).toMatchObject({ instance: 'e2e-front-1' });
    await waitFor(() => [first, second].some((one) => one.log().includes('"e2e-front-1"')));
  });

  it('let a page’s own requests through and refuse those of another site', async () => {
    const post = (origin: string) =>
      ask('/share/start', { origin, 'content-type': 'application/json' }, { method: 'POST', body: '{}' });
    expect((await post(front.origin)).status).toBe(200);
    expect((await post('https://elsewhere.example')).status).toBe(403);
  });

  it('connect sockets by websocket and by long polling', async () => {
    for (const transport of ['websocket', 'polling'] as const) {
      const socket = connect(front.origin, {
        transports: [transport],
        upgrade: false,
        extraHeaders: { cookie: session, origin: front.origin },
        forceNew: true,
      });
      try {
        await waitFor(() => socket.connected, { what: `a socket by ${transport}` });
        // Several requests of one connection, all at the same gateway.
        for (let n = 0; n < 3; n += 1) await socket.timeout(10_000).emitWithAck('watch');
        expect(socket.io.engine.transport.name).toBe(transport);
      } finally {
        socket.disconnect();
      }
    }
  });

  it('store an upload while it is still being sent', async () => {
    const upload = httpRequest(`${front.origin}/api/imports`, {
      method: 'POST',
      headers: {
        cookie: session,
        origin: front.origin,
        'content-type': 'multipart/form-data; boundary=part',
        'transfer-encoding': 'chunked',
      },
    });
    const answered = new Promise<number | undefined>((resolve, reject) => {
      upload.once('response', (response) => resolve(response.resume().statusCode));
      upload.once('error', reject);
    });
    upload.write('--part\r\ncontent-disposition: form-data; name="file"; filename="a.json"\r\n\r\n[');
    upload.write(' '.repeat(3 * 2 ** 20));
    const stored = () =>
      system.database.query<{ bytes: string }>('SELECT sum(length(data))::text AS bytes FROM import_chunks');
    await waitFor(async () => Number((await stored()).rows[0]?.bytes) > 0, {
      what: 'a first piece in PostgreSQL',
    });
    upload.end('{}]\r\n--part--\r\n');
    expect(await answered).toBe(202);
  });

  it('go on with one of them, and show a card that was looked at while there is none', async () => {
    const card = await ask(CARD);
    expect(card.headers.get('content-type')).toContain('image/svg+xml');
    await ask(CARD);
    await waitFor(() => front.log().some((line) => line.path === CARD && line.cache === 'HIT'));
    second.child.kill('SIGKILL');
    for (let n = 0; n < 12; n += 1) expect((await ask('/api/user')).status).toBe(200);
    await ask(CARD);
    first.child.kill('SIGKILL');
    expect((await ask('/api/user')).status).toBe(503);
    expect(await (await ask(CARD)).text()).toBe(await card.text());
    expect((await page(front.origin)).status).toBe(200);
  });
});
