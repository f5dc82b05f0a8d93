import fc from 'fast-check';
import { locationIn, TextPosition } from './text-location';

describe('a place in a text', () => {
  test.each([
    ['', 0, 1, 1],
    ['abc', 2, 1, 3],
    ['a\nbc', 3, 2, 2],
    ['a\r\nbc', 3, 2, 1],
    ['a\rbc', 2, 2, 1],
    ['\r\r\n\n', 4, 4, 1],
  ])('%j, character %d is at line %d, column %d', (text, at, line, column) => {
    expect(locationIn(text, at)).toEqual({ line, column });
  });

  test('counts on from the place where the text begins', () => {
    expect(locationIn('ab\ncd', 1, { line: 7, column: 5 })).toEqual({ line: 7, column: 6 });
    expect(locationIn('ab\ncd', 4, { line: 7, column: 5 })).toEqual({ line: 8, column: 2 });
  });

  test('is the same wherever the chunks end', () => {
    const text = fc.array(fc.constantFrom('\r', '\n', 'x')).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(text), (chunks) => {
        const position = new TextPosition();
        for (const chunk of chunks) position.advance(chunk);
        const before = chunks.join('').split(/\r\n|\r|\n/);
        expect(position.place).toEqual({
          line: before.length,
          column: (before.at(-1)?.length ?? 0) + 1,
        });
      }),
    );
  });
});
