import { describe, expect, it } from '@jest/globals';
import { type ComparedLine, duplicatesOf } from '../src/library/duplicates.ts';

let position = 0;
function line(more: Partial<ComparedLine> = {}): ComparedLine {
  position += 1;
  return {
    position,
    rootId: 1000 + position,
    isrc: null,
    name: `song ${position}`,
    artist: 'somebody',
    durationMs: 200_000,
    ...more,
  };
}
const found = (lines: readonly ComparedLine[]) => {
  const first = lines[0]?.position ?? 0;
  return duplicatesOf(lines).map(({ why, positions }) => [why, positions.map((one) => one - first)]);
};

describe('duplicates of a list', () => {
  it('are none where everything differs', () => {
    expect(
      found([line(), line(), line({ name: 'x', artist: 'a' }), line({ name: 'x', artist: 'b' })]),
    ).toEqual([]);
  });

  it('come by the strongest reason first, then in the order of the list', () => {
    const lines = [
      line({ name: 'a' }),
      line({ name: 'a', durationMs: 203_000 }),
      line({ isrc: 'I' }),
      line({ rootId: 7 }),
      line({ isrc: 'I', durationMs: 90_000 }),
      line({ rootId: 7 }),
    ];
    expect(found(lines)).toEqual([
      ['same', [3, 5]],
      ['isrc', [2, 4]],
      ['alike', [0, 1]],
    ]);
  });

  it('put each line into one group, which goes by the weakest reason that it needs', () => {
    const lines = [
      line({ rootId: 1, isrc: 'I' }),
      line({ rootId: 1, isrc: 'I' }),
      line({ rootId: 2, isrc: 'I', name: 'a' }),
      line({ name: 'a', durationMs: 201_000 }),
    ];
    expect(found(lines)).toEqual([['alike', [0, 1, 2, 3]]]);
    expect(found(lines.slice(0, 3))).toEqual([['isrc', [0, 1, 2]]]);
    expect(found(lines.slice(0, 2))).toEqual([['same', [0, 1]]]);
  });

  it('of one name are alike only within three seconds, and with a length that is known', () => {
    const song = (durationMs: number | null) => line({ name: 'song', durationMs });
    expect(found([song(200_000), song(203_001), song(null)])).toEqual([]);
    expect(found([song(203_000), song(200_000), song(206_000), song(206_500)])).toEqual([
      ['alike', [0, 1]],
      ['alike', [2, 3]],
    ]);
    expect(found([line({ name: 'x', artist: '' }), line({ name: 'x', artist: '' })])).toEqual([]);
  });
});
