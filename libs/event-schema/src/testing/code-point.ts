import fc from 'fast-check';

/** Halves of surrogate pairs, which are no characters. */
const surrogates = { from: 0xd800, to: 0xdfff, count: 0x800 } as const;

/**
 * Any character of Unicode: the unit `binary` of fast-check's texts, without the second that goes into its table of all of
 * them.
 */
export const codePoint: fc.Arbitrary<string> = fc
  .integer({ min: 0, max: 0x10ffff - surrogates.count })
  .map(
    (index) => String.fromCodePoint(index < surrogates.from ? index : index + surrogates.count),
    // The way back: with it, fast-check adds texts that are names of an object's own members, such as "__proto__".
    (character) => {
      const code = typeof character === 'string' ? character.codePointAt(0) : undefined;
      if (code === undefined || String.fromCodePoint(code) !== character)
        throw new Error('not one character');
      if (code < surrogates.from) return code;
      if (code > surrogates.to) return code - surrogates.count;
      throw new Error('half a surrogate pair');
    },
  );
