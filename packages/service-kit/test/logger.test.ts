import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { createLogger, type Logger, redactText, wantsPretty } from '../src/index.ts';

function capture(): { logger: Logger; lines: () => Record<string, unknown>[]; text: () => string } {
  const written: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      written.push(String(chunk));
      done();
    },
  });
  const logger = createLogger({ service: 'test', level: 'trace', destination });
  return {
    logger,
    text: () => written.join(''),
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

const SECRET = 'AQDxyz0123456789SECRETsecret';

describe('createLogger', () => {
  it('hides secrets by name at any depth, in children and in arrays', () => {
    const { logger, text, lines } = capture();
    logger.child({ requestId: 'r1', accessToken: SECRET }).info(
      {
        a: { b: [{ refresh_token: SECRET, Authorization: SECRET, 'set-cookie': [SECRET] }] },
        clientSecret: SECRET,
        headers: new Map([['cookie', SECRET]]),
        code: SECRET,
        passwordHash: SECRET,
      },
      'signed in',
    );
    expect(text()).not.toContain(SECRET);
    expect(lines()[0]).toMatchObject({
      level: 'info',
      service: 'test',
      requestId: 'r1',
      msg: 'signed in',
      accessToken: '[redacted]',
    });
  });

  it('keeps what an operator needs: codes of errors, counts, ids', () => {
    const { logger, lines } = capture();
    logger.info(
      { code: 'ECONNRESET', err: { code: '23505' }, failure: { code: 'reauth_needed' }, userId: 7 },
      'x',
    );
    expect(lines()[0]).toMatchObject({
      code: 'ECONNRESET',
      err: { code: '23505' },
      failure: { code: 'reauth_needed' },
      userId: 7,
    });
  });

  it('hides secrets in texts: messages, stacks, URLs', () => {
    const { logger, text } = capture();
    logger.warn(`got Bearer ${SECRET} from https://x/cb?code=${SECRET}&state=${SECRET}`);
    logger.error(new Error(`POST failed: refresh_token=${SECRET}`));
    logger.error({ err: new Error('outer', { cause: new Error(`{"access_token":"${SECRET}"}`) }) });
    expect(text()).not.toContain(SECRET);
    expect(text()).toContain('POST failed: refresh_token=[redacted]');
    expect(redactText('postgres://spindle:hunter2@localhost/db')).toBe(
      'postgres://spindle:[redacted]@localhost/db',
    );
  });

  it('reduces an HTTP client error to method, address and status', () => {
    const { logger, lines, text } = capture();
    const error = Object.assign(new Error('Request failed with status code 401'), {
      isAxiosError: true,
      config: {
        method: 'get',
        url: `/v1/me?token=${SECRET}`,
        headers: { Authorization: `Bearer ${SECRET}` },
        data: `code=${SECRET}`,
      },
      request: { _header: `Authorization: Bearer ${SECRET}` },
      response: { status: 401, headers: { 'set-cookie': SECRET }, data: { access_token: SECRET } },
    });
    logger.error({ err: error });
    expect(text()).not.toContain(SECRET);
    expect(lines()[0]?.err).toMatchObject({
      status: 401,
      request: { method: 'get', url: '/v1/me?token=[redacted]' },
    });
  });

  it('survives circles, depth and odd values', () => {
    const { logger, lines } = capture();
    const circle: Record<string, unknown> = { n: 1n, when: new Date(0), bytes: Buffer.alloc(3) };
    circle.self = circle;
    let deep: object = { token: SECRET };
    for (let level = 0; level < 30; level += 1) deep = { deep };
    logger.info({ circle, deep });
    expect(lines()[0]?.circle).toEqual({
      n: '1',
      when: '1970-01-01T00:00:00.000Z',
      bytes: '[3 bytes]',
      self: '[circular]',
    });
  });
});

describe('wantsPretty', () => {
  it('is for a person at a terminal in development', () => {
    expect(wantsPretty('development', true)).toBe(true);
    expect(wantsPretty('development', false)).toBe(false);
    expect(wantsPretty('production', true)).toBe(false);
  });
});
