import fc from 'fast-check';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { bounded, pieces, yamlSafeJson } from './text.ts';

const text = fc.string({ unit: 'binary', maxLength: 200 });

describe('yamlSafeJson', () => {
  it('is read by a YAML reader as the very strings', () => {
    fc.assert(
      fc.property(fc.dictionary(text, text), (data) => {
        const read = load(yamlSafeJson(data));
        expect(read).toEqual(Object.fromEntries(Object.entries(data)));
      }),
    );
  });

  it.each(['\u0085', '\u2028', '\u2029', '\ufeff', '\u007f', '\ufffe'])(
    'leaves no %j for YAML to refuse or fold',
    (odd) => {
      expect(yamlSafeJson({ a: `x${odd}y` })).toMatch(/^[\x20-\x7e]*$/);
    },
  );
});

describe('pieces', () => {
  it('are within the limit and lose nothing but line ends between them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 500 }), fc.integer({ min: 8, max: 100 }), (whole, limit) => {
        const parts = pieces(whole, limit);
        for (const part of parts) expect(Buffer.byteLength(part)).toBeLessThanOrEqual(limit);
        expect(parts.join('').replaceAll('\n', '')).toBe(whole.replaceAll('\0', '\ufffd').replaceAll('\n', ''));
      }),
    );
  });

  it('end at the end of a line where one is near', () => {
    expect(pieces('one two\nthree', 10)).toEqual(['one two', 'three']);
  });
});

describe('bounded', () => {
  it('says that it cut', () => {
    expect(bounded('räksmörgås', 8)).toBe('räks…');
    expect(bounded('short', 8)).toBe('short');
  });

  it('has nothing that an argument cannot have', () => {
    expect(bounded('a\0b\ud800', 100)).toBe('a\ufffdb\ufffd');
  });
});
