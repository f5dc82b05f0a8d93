import fc from 'fast-check';

/** Halves of surrogate pairs, which are not characters. */
const surrogates = { from: 0xd800, to: 0xdfff, count: 0x800 } as const;

/**
 * Any Unicode character. Does the same as the unit `binary` of fast-check's texts, but without the second that
 * fast-check takes to build its table of all characters.
 */
export const codePoint: fc.Arbitrary<string> = fc
  .integer({ min: 0, max: 0x10ffff - surrogates.count })
  .map(
    (index) => String.fromCodePoint(index < surrogates.from ? index : index + surrogates.count),
    // The inverse: with it, fast-check also generates texts that are names of an object's own members, such as
    // "__proto__".
    (character) => {
      const code = typeof character === 'string' ? character.codePointAt(0) : undefined;
      if (code === undefined || String.fromCodePoint(code) !== character)
        throw new Error('not one character');
      if (code < surrogates.from) return code;
      if (code > surrogates.to) return code - surrogates.count;
      throw new Error('half a surrogate pair');
    },
  );
