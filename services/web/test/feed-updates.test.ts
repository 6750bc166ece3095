import { describe, expect, it } from '@jest/globals';
import type { NowPlayingView } from '@spindle/contracts';
import { afterUpdate, type FeedAnswer, shownOrder } from '../src/feed/feed-updates.ts';

const view = (handle: string, title = handle): NowPlayingView => ({
  user: { handle, displayName: handle, imageUrl: null },
  isPlaying: true,
  kind: 'local',
  track: null,
  title,
  subtitle: null,
  durationMs: null,
  progressMs: null,
  startedAt: null,
  observedAt: null,
  device: null,
  isPrivate: false,
  lastPlayed: null,
});
const feed = (...handles: string[]): FeedAnswer => ({
  items: handles.map((handle) => view(handle)),
  closed: false,
});
const titles = ({ items }: FeedAnswer) => items.map(({ title }) => title);

describe('the feed after an update', () => {
  it('has who changed first, once', () => {
    const next = afterUpdate(feed('ann', 'bob', 'cal'), { event: 'feed-changed', data: view('bob', 'new') });
    expect(titles(next)).toEqual(['new', 'ann', 'cal']);
  });
  it('has a newcomer first', () => {
    const next = afterUpdate(feed('ann'), { event: 'feed-changed', data: view('dot') });
    expect(titles(next)).toEqual(['dot', 'ann']);
  });
  it('has nobody who left, and does not mind who was not there', () => {
    const left = afterUpdate(feed('ann', 'bob'), { event: 'feed-left', data: { handle: 'ann' } });
    expect(titles(left)).toEqual(['bob']);
    expect(titles(afterUpdate(left, { event: 'feed-left', data: { handle: 'zoe' } }))).toEqual(['bob']);
  });
});

describe('the order of the cards', () => {
  it('is the feed’s while nobody reads', () => {
    expect(shownOrder(['ann', 'bob'], ['bob', 'ann'], true)).toEqual(['bob', 'ann']);
  });
  it('stays under the eyes of who reads: newcomers above, no holes below', () => {
    expect(shownOrder(['ann', 'bob', 'cal'], ['cal', 'dot', 'ann'], false)).toEqual(['dot', 'ann', 'cal']);
  });
});
