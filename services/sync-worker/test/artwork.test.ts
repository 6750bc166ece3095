import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@spindle/testkit';
import { Rig } from './support/rig.ts';

let rig: Rig;

beforeAll(async () => {
  rig = await Rig.start({ people: ['ann'] });
});
afterAll(() => rig.close());

describe('artwork', () => {
  it('is fetched into the cache without a call of the API; what cannot be had is remembered too', async () => {
    const before = rig.sandbox.control.callCount();
    // An album's cover of 300 px: any key makes one.
    const good = `${rig.sandbox.apiUrl}/image/ab67616d00001e02${'0a'.repeat(12)}`;
    const gone = `${rig.sandbox.apiUrl}/image/nothing-here`;
    const elsewhere = 'https://example.org/cover.png';
    const urls = [good, gone, elsewhere];
    await rig.producer.add('sync', 'artwork', { urls }, { requestId: 'test' });
    await waitFor(async () => (await rig.context.artworkCache.find(urls)).size === 3, {
      what: 'the artwork to be known',
    });
    const cache = await rig.context.artworkCache.find([good, gone, elsewhere, 'https://i.scdn.co/new']);
    expect(cache.get(good)).toMatch(/^data:image\/png;base64,/);
    expect([cache.get(gone), cache.get(elsewhere), cache.has('https://i.scdn.co/new')]).toEqual([
      null,
      null,
      false,
    ]);
    expect(rig.sandbox.control.callCount()).toBe(before);
  });
});
