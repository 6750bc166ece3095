import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fetchArtwork, isArtworkAddress, UnusableArtwork } from '../src/index.ts';

const PNG = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47]), Buffer.alloc(200, 1)]);
let server: Server;
let origin: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/image') response.end(PNG);
    else if (request.url === '/page') response.writeHead(200, { 'content-type': 'image/png' }).end('<html>');
    else if (request.url === '/large') response.end(Buffer.concat([PNG, Buffer.alloc(2_000_000)]));
    else if (request.url === '/elsewhere') response.writeHead(302, { location: '/image' }).end();
    else if (request.url === '/busy') response.writeHead(503).end();
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

describe('artwork', () => {
  it('comes from the image hosts of Spotify alone', () => {
    for (const url of [
      'https://i.scdn.co/image/ab67616d0000b273',
      'https://mosaic.scdn.co/640/ab',
      'https://image-cdn-ak.spotifycdn.com/image/ab',
    ])
      expect(isArtworkAddress(url, null)).toBe(true);
    for (const url of [
      'http://i.scdn.co/image/a',
      'https://i.scdn.co.example.org/a',
      'https://evilscdn.co/a',
      'https://i.scdn.co:8443/a',
      'https://user:pw@i.scdn.co/a',
      'file:///etc/passwd',
      'http://169.254.169.254/latest',
      `${origin}/image`,
      'not an address',
    ])
      expect({ url, allowed: isArtworkAddress(url, null) }).toEqual({ url, allowed: false });
    expect(isArtworkAddress(`${origin}/image`, origin)).toBe(true);
  });

  it('is told by its bytes, and kept within limits', async () => {
    expect(await fetchArtwork(`${origin}/image`, origin)).toBe(
      `data:image/png;base64,${PNG.toString('base64')}`,
    );
    for (const path of ['page', 'large', 'elsewhere', 'gone'])
      await expect(fetchArtwork(`${origin}/${path}`, origin)).rejects.toBeInstanceOf(UnusableArtwork);
    await expect(fetchArtwork(`${origin}/image`, null)).rejects.toBeInstanceOf(UnusableArtwork);
    await expect(fetchArtwork(`${origin}/busy`, origin)).rejects.not.toBeInstanceOf(UnusableArtwork);
  });
});
