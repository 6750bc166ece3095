import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BrokenRows, MAX_ROW_BYTES } from '../src/rows/broken-rows.ts';
import { ListElements } from '../src/rows/list-elements.ts';

/** The elements of a text that comes in chunks cut at these places; null for one that is too long. */
function elementsOf(text: Buffer, cuts: readonly number[]): (string | null)[] {
  const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
  const elements = new ListElements();
  const found: (string | null)[] = [];
  let from = 0;
  for (const to of [...places, text.length]) {
    for (const { index, bytes } of elements.push(text.subarray(from, to))) {
      expect(index).toBe(found.length);
      found.push(bytes === null ? null : bytes.toString('utf8'));
    }
    from = to;
  }
  elements.end();
  return found;
}

const cuts = fc.array(fc.nat(), { maxLength: 40 });

describe('cutting a JSON list into its elements', () => {
  it('finds the same elements as JSON.parse, wherever the chunks end and however it is laid out', () => {
    const indents = fc.constantFrom(undefined, 2, '\t', ' \r\n');
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), indents, cuts, (list, indent, at) => {
        const found = elementsOf(Buffer.from(JSON.stringify(list, null, indent)), at);
        expect(found.map((text) => JSON.parse(text ?? ''))).toEqual(JSON.parse(JSON.stringify(list)));
      }),
    );
  });

  it('follows brackets and quotes inside of strings', () => {
    const list = [']', '"', '\\', '\\"]', { '}': '{[' }, [['"'], '\u2028', '\ud83c\udf5e']];
    const text = Buffer.from(JSON.stringify(list));
    const everywhere = Array.from({ length: text.length }, (_, at) => at);
    expect(elementsOf(text, everywhere).map((one) => JSON.parse(one ?? ''))).toEqual(list);
  });

  it('says of any other text that it is none, or where it breaks off', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { minLength: 1 }), fc.nat(), cuts, (list, end, at) => {
        const text = Buffer.from(JSON.stringify(list));
        expect(() => elementsOf(text.subarray(0, end % text.length), at)).toThrow(BrokenRows);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), cuts, (bytes, at) => {
        try {
          elementsOf(Buffer.concat([Buffer.from('['), bytes]), at);
        } catch (error) {
          expect(error).toBeInstanceOf(BrokenRows);
        }
      }),
    );
    expect(() => elementsOf(Buffer.from('[1,2] {}'), [])).toThrow('more text after the end');
    expect(() => elementsOf(Buffer.from('7'), [])).toThrow('not a JSON list');
    expect(() => elementsOf(Buffer.from('{"a":[1]}'), [])).toThrow('without a list of plays');
    expect(() => elementsOf(Buffer.from('[{"a":1},{"b'), [])).toThrow('in the middle of row 2');
  });

  it('finds the elements of lists in wrapping, page by page, wherever the chunks end', () => {
    const a = { name: 'a ]"track":[', artists: ['x'] };
    const pages = [{ track: [a, 1], '@attr': { page: '1' } }, { track: [], note: [7] }, { track: [a] }];
    const wrapped: [unknown, unknown[]][] = [
      [{ maloja: { version: [3] }, scrobbles: [a, [1], 'x'], more: [2] }, [a, [1], 'x']],
      [{ recenttracks: { track: [a, a] } }, [a, a]],
      [pages, [a, 1, a]],
      [
        [a, { track: [a] }, a],
        [a, a, a],
      ],
    ];
    const indents = fc.constantFrom(undefined, 2);
    fc.assert(
      fc.property(fc.constantFrom(...wrapped), indents, cuts, ([value, rows], indent, at) => {
        const found = elementsOf(Buffer.from(JSON.stringify(value, null, indent)), at);
        expect(found.map((text) => JSON.parse(text ?? ''))).toEqual(rows);
      }),
    );
    expect(() => elementsOf(Buffer.from('{"scrobbles":[{"a":1},{'), [])).toThrow('in the middle of row 2');
    expect(() => elementsOf(Buffer.from('{"scrobbles":[{"a":1}]'), [])).toThrow('after row 1');
  });

  it('passes over an element that is too long, and goes on behind it', () => {
    const long = { text: 'x'.repeat(MAX_ROW_BYTES) };
    const text = Buffer.from(JSON.stringify([1, long, { after: true }]));
    const pieces = Array.from({ length: Math.ceil(text.length / 5_000) }, (_, at) => at * 5_000);
    expect(elementsOf(text, pieces)).toEqual(['1', null, '{"after":true}']);
    expect(elementsOf(text, [])).toEqual(['1', null, '{"after":true}']);
  });
});
