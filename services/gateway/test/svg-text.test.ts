import { describe, expect, it } from '@jest/globals';
import { escapeXml, fitText, isRightToLeft } from '../src/pictures/svg-text.ts';

const font = { size: 30, bold: false };

describe('text of a picture', () => {
  it('is escaped, and without what XML cannot hold', () => {
    expect(escapeXml(`<a href="x">'&'</a>`)).toBe('&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;');
    expect(escapeXml('a\u0000\u0008\uFFFEb\uD83Dc 🎉')).toBe('ab\uFFFDc 🎉');
  });

  it('stays whole where it fits, and is cut between characters as people see them', () => {
    expect(fitText('Short', 300, font)).toBe('Short');
    const family = '👩‍👩‍👧‍👦';
    expect(fitText(family.repeat(40), 200, font)).toMatch(new RegExp(`^(${family})+…$`, 'u'));
    expect(fitText('e\u0301'.repeat(90), 200, font)).toMatch(/^(e\u0301)+…$/u);
    expect(fitText('A title and a word', 130, font)).not.toMatch(/\s…$/);
    expect(fitText('', 100, font)).toBe('');
    expect(fitText('W'.repeat(5_000), 10, font)).toBe('…');
    expect(fitText('x'.repeat(100_000), 10_000_000, font)).toHaveLength(1_001);
  });

  it('is shorter when bold, and wide scripts take more room', () => {
    const kept = (text: string, bold = false) => [...fitText(text, 300, { size: 30, bold })].length;
    expect(kept('a'.repeat(99), true)).toBeLessThan(kept('a'.repeat(99)));
    expect(kept('夜'.repeat(99))).toBeLessThan(kept('a'.repeat(99)));
    expect(kept('i'.repeat(99))).toBeGreaterThan(kept('a'.repeat(99)));
  });

  it('has the direction of its first letter', () => {
    expect(['فيروز', '1. שלום', 'abc שלום', '夜', '123', ''].map(isRightToLeft)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});
