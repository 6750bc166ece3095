import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startGateway, type TestGateway } from './support/test-gateway.ts';

let gateway: TestGateway;
let folder: string;
const page = { headers: { accept: 'text/html' } };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'web-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>The app</title>');
  writeFileSync(join(folder, 'assets', 'app-1a2b.js'), 'start();');
  writeFileSync(join(folder, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  gateway = await startGateway({ WEB_DIST: folder });
});
afterAll(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true });
});

describe('the web app', () => {
  it('is at every address that is not the API’s, and is asked for again each time', async () => {
    for (const path of ['/', '/history', '/share-card/x', '/imports/7?tab=report']) {
      const answer = await gateway.browser().ask(path, page);
      expect(answer.text).toContain('The app');
      expect(answer.headers.get('cache-control')).toBe('no-cache');
      expect(answer.headers.get('content-security-policy')).toContain("script-src 'self';");
    }
    expect((await gateway.browser().ask('/favicon.svg')).headers.get('content-type')).toBe('image/svg+xml');
  });

  it('has assets that are kept for ever, and none that are not there', async () => {
    const asset = await gateway.browser().ask('/assets/app-1a2b.js');
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(asset.headers.get('content-type')).toMatch(/javascript/);
    expect((await gateway.browser().ask('/assets/app-old.js', page)).json).toMatchObject({ status: 404 });
  });

  it('does not stand in for what is missing in the API, nor let anybody out of its folder', async () => {
    for (const path of ['/api/nothing', '/spotify/nothing', '/auth/nothing', '/rooms/ABC234/nothing']) {
      expect((await gateway.browser().ask(path, page)).json).toMatchObject({
        status: 404,
        type: '/problems/not-found',
      });
    }
    const outside = await gateway.browser().ask('/assets/..%2f..%2f..%2fetc%2fpasswd', page);
    expect(outside.text).not.toContain('root:');
    expect((await gateway.browser().ask('/history', { method: 'POST', body: {} })).status).toBe(404);
  });
});
