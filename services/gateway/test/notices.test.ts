import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from './support/browser.ts';
import { startGateway, type TestGateway } from './support/test-gateway.ts';

let gateway: TestGateway;
let ann: Browser;
let bob: Browser;

beforeAll(async () => {
  gateway = await startGateway();
  [ann, bob] = [await gateway.signedIn('ann'), await gateway.signedIn('bob')];
});
afterAll(() => gateway.stop());

describe('where somebody is warned', () => {
  it('is kept sealed, shown by its host alone, tried, and forgotten', async () => {
    expect((await ann.ask('/api/notices')).json).toEqual({ target: null });
    expect((await ann.ask('/api/notices/test', { body: {} })).status).toBe(404);
    const url = 'https://ntfy.example.org/a-very-secret-topic';
    const saved = await ann.ask('/api/notices', { method: 'PUT', body: { kind: 'ntfy', url } });
    expect(saved.json).toEqual({ target: { kind: 'ntfy', host: 'ntfy.example.org', lastError: null } });
    const { url: sealed } = await gateway.db.prisma.noticeTarget.findFirstOrThrow();
    expect(Buffer.from(sealed).toString('latin1')).not.toContain('secret');
    expect((await ann.ask('/api/notices')).text).not.toContain('secret');
    expect((await bob.ask('/api/notices')).json).toEqual({ target: null });

    const job = await ann.ask('/api/notices/test', { body: {} });
    expect(job.status).toBe(202);
    expect(job.json.job).toMatchObject({ queue: 'sync', name: 'test-notice' });

    expect((await ann.ask('/api/notices', { method: 'DELETE' })).status).toBe(204);
    expect((await ann.ask('/api/notices', { method: 'DELETE' })).status).toBe(404);
    expect(gateway.logs()).not.toContain('a-very-secret-topic');
  });

  it.each([
    [{ kind: 'ntfy', url: 'ftp://example.org/x' }, 'body.url'],
    [{ kind: 'ntfy', url: 'somewhere' }, 'body.url'],
    [{ kind: 'mail', url: 'https://example.org' }, 'body.kind'],
    [{ kind: 'ntfy' }, 'body.url'],
  ])('must be an address: %j', async (body, path) => {
    const answer = await ann.ask('/api/notices', { method: 'PUT', body });
    expect([answer.status, answer.json.errors.map((one: { path: string }) => one.path)]).toEqual([
      400,
      [path],
    ]);
  });
});
