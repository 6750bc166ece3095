import { once } from 'node:events';
import { request as httpRequest, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeEach, expect, it } from '@jest/globals';
import { waitFor } from '@spindle/testkit';
import { type Front, startFront } from '../start.ts';
import { describeWithNginx, NGINX } from './support/nginx.ts';
import { type StandIn, startStandIn } from './support/stand-in.ts';

const CARD = '/api/widgets/KEY/now-playing.svg';
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function standIn(...args: Parameters<typeof startStandIn>): Promise<StandIn> {
  const one = await startStandIn(...args);
  closing.push(() => one.close());
  return one;
}

async function frontOf(
  gateways: readonly StandIn[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Front> {
  const front = await startFront(NGINX, { gateways: gateways.map((one) => one.port), environment });
  closing.push(() => front.stop());
  return front;
}

describeWithNginx('what the gateway is told', () => {
  it('hands on an id that is one, makes another instead of one that is none, and logs neither query nor secret', async () => {
    const gateway = await standIn();
    const front = await frontOf([gateway]);
    const answer = await fetch(`${front.origin}/auth/callback?code=hidden`, {
      headers: { 'x-request-id': 'abc-1' },
    });
    expect(answer.headers.get('x-request-id')).toBe('abc-1');
    expect(gateway.arrivals.at(-1)?.headers).toMatchObject({ 'x-request-id': 'abc-1' });
    const made = await fetch(`${front.origin}/api/user`, { headers: { 'x-request-id': 'not {an} id' } });
    expect(made.headers.get('x-request-id')).toMatch(/^[0-9a-f]{32}$/);
    expect(gateway.arrivals.at(-1)?.headers['x-request-id']).toBe(made.headers.get('x-request-id'));
    const lines = await waitFor(() => front.log().length >= 2 && front.log());
    expect(lines.at(-2)).toMatchObject({ requestId: 'abc-1', path: '/auth/callback', status: 200 });
    expect(JSON.stringify(front.log())).not.toContain('hidden');
  });

  it('says one address of the caller, and believes nobody who says another', async () => {
    const gateway = await standIn();
    const front = await frontOf([gateway]);
    const forged = {
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-proto': 'https',
      forwarded: 'for=1.2.3.4',
    };
    await fetch(`${front.origin}/api/user`, { headers: forged });
    const seen = gateway.arrivals.at(-1)?.headers;
    expect(seen).toMatchObject({ 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'http' });
    expect(seen).not.toHaveProperty('forwarded');
    expect(seen?.host).toBe(new URL(front.origin).host);
  });

  it('believes proxies that the operator named, up to the first address that is none of them', async () => {
    const gateway = await standIn();
    const front = await frontOf([gateway], { TRUSTED_PROXIES: '127.0.0.0/8 10.0.0.0/8' });
    await fetch(`${front.origin}/api/user`, {
      headers: { 'x-forwarded-for': '198.51.100.1, 203.0.113.9, 10.1.2.3', 'x-forwarded-proto': 'https' },
    });
    expect(gateway.arrivals.at(-1)?.headers).toMatchObject({
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-proto': 'https',
    });
  });

  it('hands on who a proxy says is an operator only from proxies that the operator named', async () => {
    const gateway = await standIn();
    const seen = async (environment: Record<string, string>) => {
      const front = await frontOf([gateway], { ADMIN_PROXY_HEADER: 'Remote-User', ...environment });
      await fetch(`${front.origin}/api/user`, { headers: { 'remote-user': 'ann' } });
      return gateway.arrivals.at(-1)?.headers['remote-user'];
    };
    expect(await seen({})).toBeUndefined();
    expect(await seen({ TRUSTED_PROXIES: '10.0.0.0/8' })).toBeUndefined();
    expect(await seen({ TRUSTED_PROXIES: '127.0.0.0/8' })).toBe('ann');
  });

  it('compresses what is worth it', async () => {
    const body = JSON.stringify({ items: Array.from({ length: 200 }, (_, id) => ({ id, name: 'a track' })) });
    const gateway = await standIn((_request, response) =>
      response.setHeader('content-type', 'application/json; charset=utf-8').end(body),
    );
    const front = await frontOf([gateway]);
    const answer = await fetch(`${front.origin}/api/plays`, { headers: { 'accept-encoding': 'gzip' } });
    expect(answer.headers.get('content-encoding')).toBe('gzip');
    expect(await answer.text()).toBe(body);
    expect(gzipSync(body).length).toBeLessThan(body.length / 2);
  });
});

describeWithNginx('several gateways', () => {
  const saysWho = (name: string) => (_request: unknown, response: ServerResponse) => void response.end(name);

  it('share the requests, and one that dies loses none that can be asked again', async () => {
    const gateways = [await standIn(saysWho('a')), await standIn(saysWho('b'))];
    const front = await frontOf(gateways);
    const ask = async () => {
      const answers = await Promise.all(
        Array.from({ length: 40 }, () => fetch(`${front.origin}/api/user`).then((one) => one.text())),
      );
      return [...new Set(answers)].sort();
    };
    expect(await ask()).toEqual(['a', 'b']);
    await gateways[0]?.close();
    expect(await ask()).toEqual(['b']);
    // Nobody listens there, so nothing of it can have happened.
    const posted = await fetch(`${front.origin}/api/tokens`, { method: 'POST', body: '{}' });
    expect(await posted.text()).toBe('b');
  });

  it('without any, the answer is a problem that says when to ask again', async () => {
    const gateway = await standIn();
    const front = await frontOf([gateway]);
    await gateway.close();
    const answer = await fetch(`${front.origin}/api/user`);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({ type: '/problems/unavailable', status: 503 });
    expect((await fetch(front.origin, { headers: { accept: 'text/html' } })).status).not.toBe(503);
  });

  it('keep every request of one long-polling connection at one gateway, and spread new sockets', async () => {
    const front = await frontOf([await standIn(saysWho('a')), await standIn(saysWho('b'))]);
    const ask = async (headers: Record<string, string>, query: string) => {
      const answers: string[] = [];
      for (let n = 0; n < 12; n += 1) {
        const asked = httpRequest(`${front.origin}/socket.io/?EIO=4&${query}`, { headers }).end();
        const [response] = await once(asked, 'response');
        answers.push(await text(response));
      }
      return new Set(answers).size;
    };
    const upgrade = { connection: 'upgrade', upgrade: 'websocket' };
    expect(await ask({}, 'transport=polling')).toBe(1);
    expect(await ask(upgrade, 'transport=websocket&sid=x')).toBe(1);
    expect(await ask(upgrade, 'transport=websocket')).toBe(2);
  });
});

describeWithNginx('the micro-cache', () => {
  /** What the stand-in's cards say now; a test changes it. */
  let state: { status: number; body: string; cacheControl: string; hold: Promise<unknown> };
  beforeEach(() => {
    state = { status: 200, body: 'one', cacheControl: 'public, max-age=1', hold: Promise.resolve() };
  });
  afterAll(() => {});
  const cards = () =>
    standIn(async (request, response) => {
      await state.hold;
      response.statusCode = state.status;
      response.setHeader('cache-control', state.cacheControl);
      response.setHeader('etag', `"${state.body}"`);
      response.setHeader('ratelimit-remaining', '3');
      response.setHeader('x-request-id', String(request.headers['x-request-id']));
      response.end(state.body);
    });

  it('asks once for all who look at the same moment, and answers each with an id of their own', async () => {
    const gateway = await cards();
    const front = await frontOf([gateway]);
    state.cacheControl = 'public, max-age=60';
    const { promise, resolve } = Promise.withResolvers<void>();
    state.hold = promise;
    const asked = Array.from({ length: 30 }, () => fetch(`${front.origin}${CARD}?theme=dark`));
    await waitFor(() => gateway.arrivals.length > 0);
    resolve();
    const answers = await Promise.all(asked);
    expect(gateway.arrivals.length).toBe(1);
    expect(new Set(answers.map((one) => one.headers.get('x-request-id'))).size).toBe(30);
    expect(answers.every((one) => !one.headers.has('ratelimit-remaining'))).toBe(true);
    const known = await fetch(`${front.origin}${CARD}?theme=dark`, { headers: { 'if-none-match': '"one"' } });
    expect(known.status).toBe(304);
    await fetch(`${front.origin}${CARD}?theme=light`);
    expect(gateway.arrivals.length).toBe(2);
  });

  it('gives what it has while it asks anew, and while the gateway is away', async () => {
    const gateway = await cards();
    const front = await frontOf([gateway]);
    const ask = async () => (await fetch(`${front.origin}${CARD}`)).text();
    expect(await ask()).toBe('one');
    state.body = 'two';
    // Once the second is over, one asker gets the old answer at once and the new one is fetched behind.
    await waitFor(async () => (await ask()) === 'two', { timeoutMs: 20_000 });
    await waitFor(() => front.log().some((line) => line.cache === 'STALE' || line.cache === 'UPDATING'));
    await gateway.close();
    for (let n = 0; n < 3; n += 1) expect(await ask()).toBe('two');
  });

  it('keeps nothing that is private, that belongs to a credential, or that the gateway did not allow', async () => {
    const gateway = await cards();
    const front = await frontOf([gateway]);
    const twice = async (path: string, headers: Record<string, string> = {}) => {
      const before = gateway.arrivals.length;
      for (let n = 0; n < 2; n += 1) await fetch(`${front.origin}${path}`, { headers });
      return gateway.arrivals.length - before;
    };
    state.cacheControl = 'public, max-age=60';
    expect(await twice(CARD)).toBe(1);
    expect(await twice(CARD, { authorization: 'Bearer x' })).toBe(2);
    expect(await twice('/api/user')).toBe(2);
    state.cacheControl = 'private, no-store';
    expect(await twice('/api/now-playing')).toBe(2);
    state.cacheControl = 'no-cache';
    expect(await twice('/api/users/ann/now-playing')).toBe(2);
  });
});

describeWithNginx('limits', () => {
  it('a body that is too long is a problem, and the wall of imports is that of the configuration', async () => {
    const gateway = await standIn((request, response) => {
      request.resume().on('end', () => response.end('gateway'));
    });
    const front = await frontOf([gateway], { IMPORT_MAX_FILE_MB: '2', IMPORT_MAX_FILES: '2' });
    const post = (path: string, megabytes: number) =>
      fetch(`${front.origin}${path}`, { method: 'POST', body: Buffer.alloc(megabytes * 2 ** 20) });
    const refused = await post('/api/tokens', 3);
    expect([refused.status, refused.headers.get('content-type')]).toEqual([413, 'application/problem+json']);
    expect(await refused.json()).toMatchObject({ type: '/problems/too-large', status: 413 });
    expect(await (await post('/api/imports', 4)).text()).toBe('gateway');
    expect((await post('/api/imports', 6)).status).toBe(413);
  });

  it('a flood of sign-ins is refused with a problem that says when to come back', async () => {
    const gateway = await standIn();
    const front = await frontOf([gateway]);
    const answers = await Promise.all(
      Array.from({ length: 400 }, () => fetch(`${front.origin}/auth/login`, { redirect: 'manual' })),
    );
    const refused = answers.filter((one) => one.status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(answers.filter((one) => one.status === 200).length).toBeGreaterThanOrEqual(60);
    expect(refused[0]?.headers.get('retry-after')).toBe('2');
    expect(await refused[0]?.json()).toMatchObject({ type: '/problems/too-many-requests', status: 429 });
    // Nobody else is touched: other addresses of the API have a wall of their own.
    expect((await fetch(`${front.origin}/api/user`)).status).toBe(200);
  });

  it('an upload reaches the gateway while it is still being sent, and nothing of it stays in nginx', async () => {
    let arrived = 0;
    const gateway = await standIn((request, response) => {
      request.on('data', (chunk: Buffer) => {
        arrived += chunk.length;
      });
      request.on('end', () => response.end('gateway'));
    });
    const front = await frontOf([gateway]);
    const upload = httpRequest(`${front.origin}/api/imports`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=x', 'transfer-encoding': 'chunked' },
    });
    const answered = once(upload, 'response');
    upload.write(Buffer.alloc(300_000));
    await waitFor(() => arrived >= 300_000, { what: 'the first part of the upload' });
    upload.end(Buffer.alloc(100_000));
    const [response] = await answered;
    expect(await text(response)).toBe('gateway');
    expect(arrived).toBe(400_000);
  });
});
