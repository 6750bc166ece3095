import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { isPublicAddress, type ResolvedAddress } from '@spindle/worker-kit';
import { createListenSubmitter } from '../src/relay/listen-submitter.ts';

describe('addresses that plays may be passed on to', () => {
  it.each([
    '138.201.169.196',
    '1.1.1.1',
    '172.15.0.1',
    '172.32.0.1',
    '2a01:4f8:c0c:a1f::1',
    '2606:4700::1111',
  ])('%s', (address) => expect(isPublicAddress(address)).toBe(true));
});

describe('addresses that plays are kept from', () => {
  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.1.2',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '192.0.2.7',
    '198.18.0.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::7f00:1',
    '::ffff:127.0.0.1',
    '::ffff:a00:1',
    '64:ff9b::7f00:1',
    '64:ff9b:1::a00:1',
    '100::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    'listens.example',
    '',
  ])('%s', (address) => expect(isPublicAddress(address)).toBe(false));
});

describe('a submission', () => {
  /** Submits to a server of the test, on 127.0.0.1, as `url` with its port. Whether it was called. */
  async function submitAs(
    url: (port: number) => string,
    options: { allowPrivate?: boolean; resolve?: (host: string) => ResolvedAddress[] } = {},
  ) {
    let calls = 0;
    const server = createServer((request, response) => {
      calls += 1;
      request.resume();
      response.end('{"status":"ok"}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { resolve } = options;
    const submit = createListenSubmitter({
      allowPrivate: options.allowPrivate ?? false,
      nowMs: () => Date.now(),
      ...(resolve && { resolve: async (host: string) => resolve(host) }),
    });
    try {
      const outcome = await submit({
        url: url((server.address() as AddressInfo).port),
        token: 'secret',
        listens: [],
        signal: new AbortController().signal,
      });
      return { ...outcome, calls };
    } finally {
      await new Promise((closed) => server.close(closed));
    }
  }
  const refused = { kind: 'stop', message: expect.stringContaining('RELAY_ALLOW_PRIVATE'), calls: 0 };

  it.each([
    'http://127.0.0.1',
    'http://localhost',
    'http://2130706433',
    'http://0x7f.1',
    'http://[::ffff:127.0.0.1]',
    'http://127.1',
  ])('to %s is not made', async (origin) => {
    expect(await submitAs((port) => `${origin}:${port}`)).toEqual(refused);
  });

  it('is not made to a name that stands for a private address, not even beside a public one', async () => {
    const asName = (port: number) => `http://listens.example:${port}`;
    const own = { address: '127.0.0.1', family: 4 };
    expect(await submitAs(asName, { resolve: () => [own] })).toEqual(refused);
    const both = [own, { address: '1.1.1.1', family: 4 }];
    expect(await submitAs(asName, { resolve: () => both })).toEqual(refused);
    expect(await submitAs(asName, { resolve: () => [{ address: '::1', family: 6 }] })).toEqual(refused);
  });

  it('asks for the name itself, so that nobody else’s answer is gone by', async () => {
    const asked: string[] = [];
    const resolve = (host: string) => {
      asked.push(host);
      return [{ address: '10.0.0.1', family: 4 }];
    };
    await submitAs(() => 'https://listens.example', { resolve });
    expect(asked).toEqual(['listens.example']);
  });

  it('is made into private networks where the operator allows it', async () => {
    const outcome = await submitAs((port) => `http://127.0.0.1:${port}`, { allowPrivate: true });
    expect(outcome).toEqual({ kind: 'taken', calls: 1 });
    const byName = await submitAs((port) => `http://localhost:${port}`, { allowPrivate: true });
    expect(byName).toEqual({ kind: 'taken', calls: 1 });
  });

  it('of a name that nobody knows may be made later', async () => {
    expect(await submitAs(() => 'http://no-such-host.invalid', { resolve: () => [] })).toMatchObject({
      kind: 'stop',
    });
    expect(await submitAs(() => 'http://no-such-host.invalid')).toMatchObject({ kind: 'later', calls: 0 });
  });
});
