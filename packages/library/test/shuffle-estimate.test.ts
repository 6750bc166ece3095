import { describe, expect, it } from '@jest/globals';
import { PLAYLIST_ITEMS, type PlaylistRequest, playlistRequestSchema } from '@spindle/contracts';
import fc from 'fast-check';
import { playlistLengths, shuffleCalls } from '../src/index.ts';

const PLAYLIST = '3cEYpjA9oz9GiPac4AsH4n';
const lists = fc.integer({ min: 0, max: 20 * PLAYLIST_ITEMS });
const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);
const shuffle = (more: object = {}): PlaylistRequest =>
  playlistRequestSchema.parse({ kind: 'shuffle', playlistId: PLAYLIST, ...more });
const share = (more: object = {}): PlaylistRequest =>
  playlistRequestSchema.parse({ kind: 'share-liked', ...more });

describe('the playlists of a list', () => {
  it('are one as long as it fits, whatever was said of longer ones', () => {
    for (const overflow of [undefined, 'split', 'cut'] as const) {
      expect([0, 1, PLAYLIST_ITEMS].map((items) => playlistLengths(items, overflow))).toEqual([
        [0],
        [1],
        [PLAYLIST_ITEMS],
      ]);
    }
  });

  it('are to be asked about where it does not fit, or are cut', () => {
    expect(playlistLengths(PLAYLIST_ITEMS + 1, undefined)).toBeNull();
    expect(playlistLengths(PLAYLIST_ITEMS + 1, 'cut')).toEqual([PLAYLIST_ITEMS]);
  });

  it('are few and about equal where it is split: none too long, and together all of it', () => {
    expect(playlistLengths(10_001, 'split')).toEqual([5_001, 5_000]);
    expect(playlistLengths(30_000, 'split')).toEqual([10_000, 10_000, 10_000]);
    fc.assert(
      fc.property(lists, (items) => {
        const lengths = playlistLengths(items, 'split') ?? [];
        expect(sum(lengths)).toBe(items);
        expect(lengths).toHaveLength(Math.max(1, Math.ceil(items / PLAYLIST_ITEMS)));
        expect(Math.max(...lengths)).toBeLessThanOrEqual(PLAYLIST_ITEMS);
        expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('the calls of a shuffle', () => {
  it('are pages of 50, writes of 100, one to look at the source, and one for its playlist', () => {
    expect(shuffleCalls(shuffle(), { items: 1_001, stored: false })).toEqual({
      read: 1 + 21,
      write: 11,
      other: 1,
      total: 34,
    });
  });

  it('are none for pages where nothing has changed', () => {
    expect(shuffleCalls(shuffle(), { items: 1_001, stored: true })).toMatchObject({ read: 1, total: 13 });
    const liked = { items: 1_001, stored: true };
    expect(shuffleCalls(shuffle({ playlistId: 'liked' }), liked)).toMatchObject({ read: 1, total: 13 });
  });

  it('look at Liked Songs with their first page', () => {
    expect(shuffleCalls(share(), { items: 1_001, stored: false })).toMatchObject({ read: 21, write: 11 });
    expect(shuffleCalls(share(), { items: 0, stored: false })).toMatchObject({ read: 1, write: 0 });
  });

  it('are not known before the source is', () => {
    expect(shuffleCalls(shuffle(), { items: null, stored: false })).toBeNull();
  });

  it('end at the number of tracks that was asked for, and where a list is cut', () => {
    const long = { items: 25_000, stored: true };
    expect(shuffleCalls(shuffle({ limit: { tracks: 250 } }), long)).toMatchObject({ write: 3, other: 1 });
    expect(shuffleCalls(shuffle({ overflow: 'cut' }), long)).toMatchObject({ write: 100, other: 1 });
    // 8,334 + 8,333 + 8,333
    expect(shuffleCalls(shuffle({ overflow: 'split' }), long)).toMatchObject({ write: 252, other: 3 });
    expect(shuffleCalls(shuffle(), long)).toMatchObject({ write: 252, other: 3 });
  });

  it('sum up, suffice for every item, and grow with the list', () => {
    const requests = fc.constantFrom(
      shuffle(),
      shuffle({ overflow: 'cut' }),
      shuffle({ playlistId: 'liked', limit: { tracks: 777 } }),
      share({ overflow: 'split' }),
    );
    fc.assert(
      fc.property(lists, fc.boolean(), requests, (items, stored, request) => {
        const calls = shuffleCalls(request, { items, stored });
        const more = shuffleCalls(request, { items: items + 1, stored });
        if (!calls || !more) throw new Error('the source is known');
        expect(calls.total).toBe(calls.read + calls.write + calls.other);
        expect(more.total).toBeGreaterThanOrEqual(calls.total);
        if (!stored) expect(calls.read * 50).toBeGreaterThanOrEqual(items);
        const most = request.kind === 'shuffle' ? (request.limit?.tracks ?? items) : items;
        const written = Math.min(items, most, request.overflow === 'cut' ? PLAYLIST_ITEMS : items);
        expect(calls.write * 100).toBeGreaterThanOrEqual(written);
        expect((calls.write - calls.other) * 100).toBeLessThanOrEqual(written);
      }),
    );
  });
});
