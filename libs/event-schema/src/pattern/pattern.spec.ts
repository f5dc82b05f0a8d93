import fc from 'fast-check';
import { patternComplaint, patternMatcher } from './pattern';
import { re2Text } from './re2-text';
import { RE2JS } from 're2js';

const megabyte = 2 ** 20;

describe('a pattern', () => {
  // Each of these takes a backtracking engine minutes to ages.
  it.each([
    ['^([a-z]+)+$', `${'a'.repeat(megabyte)}!`],
    ['^(a|a)*$', `${'a'.repeat(megabyte)}!`],
    ['^(a|aa)+$', `${'a'.repeat(megabyte)}!`],
    ['^(.*?,){11}P', '1,'.repeat(megabyte / 2)],
    ['(x+x+)+y', 'x'.repeat(megabyte)],
    ['a*b', 'a'.repeat(megabyte)],
    ['\\s+$', `${' '.repeat(megabyte)}x`],
    ['^[^@]+@[^@]+\\.[^@]+$', `@${'.'.repeat(megabyte)}@`],
    [`^${'(a|a)'.repeat(40)}$`, `${'a'.repeat(40)}!`],
    [`^${'a?'.repeat(40)}${'a'.repeat(40)}$`, 'a'.repeat(39)],
    ['^\\d+1?\\d+$', `${'1'.repeat(megabyte)}!`],
  ])('%s answers at once whatever the text is', (pattern, text) => {
    expect(patternMatcher(pattern).test(text)).toBe(false);
  });

  it.each(['^[A-Z]{2}-[0-9]{8}$', '^.{1,4000}$', '^[a-z|`]+$', '^(?:home|away)$', 'x\\u{1F600}y'])(
    '%s needs no second engine',
    (pattern) => {
      expect(patternMatcher(pattern)).toBeInstanceOf(RegExp);
    },
  );

  it.each([
    ['^(?!x)', 'looks around'],
    ['(?<=a)b', 'looks around'],
    ['(a)\\1', 'refers back'],
    ['(?<n>a)\\k<n>', 'refers back'],
    ['(?:a{1000}){1000}', 'repeat count'],
    ['(', 'Unterminated group'],
    ['a\\', '\\ at end'],
  ])('%s is refused with the reason', (pattern, reason) => {
    expect(patternComplaint(pattern)).toContain(reason);
  });

  it('means in the engine of linear time what it means in ECMAScript', () => {
    let pick: (values: readonly string[]) => string = () => '';
    let whole: (below: number) => number = () => 0;
    let groups = 0;
    // Not \B: V8 finds it within a surrogate pair.
    const atoms = [
      'a', 'b', '.', '\\s', '\\S', '[\\s,]', '[^\\s,]', '[\\S]', '\\d', '\\w', '\\W', '[a-c]', '[^a-c]', '\\.', '\\/',
      '\\u0041', '\\u{1F600}', '\\ud83d\\ude00', '\\x41', '[\\b]', '[]', '[^]', '\\0', '\\cJ', '[\\-a]', '[a-]', '[[a]',
      '[&&]', '\\p{L}', '\\p{Lu}', '[\\p{Script=Greek}a]', '\\P{L}', 'é', '😀', '[😀-😂]', '\\b', '^', '$', '-', '"', '#',
    ]; // oxfmt-ignore
    const quantifiers = ['', '', '', '*', '+', '?', '{2}', '{1,3}', '{2,}', '*?', '+?'];
    const characters = [
      'a', 'b', 'c', 'A', '1', '.', '/', ' ', '\t', '\n', '\r', '\u2028', '\u00a0', '\ufeff', '\v', '\0', '\b', 'é', '😀', 'Ω', '-', ',', '[', '&', '"', '#',
    ]; // oxfmt-ignore
    const pattern = (depth: number): string => {
      let text = '';
      for (let parts = 1 + whole(3); parts > 0; parts--) {
        if (depth > 0 && whole(3) === 0) {
          const open = pick(['(', '(?:', '(?<n>']);
          if (open === '(?<n>' && text.includes('<n>')) continue;
          text += `${open.replace('n', `n${groups++}`)}${pattern(depth - 1)})${pick(quantifiers)}`;
        } else {
          const atom = pick(atoms);
          text += atom + (/^(?:\^|\$|\\[bB])$/.test(atom) ? '' : pick(quantifiers));
        }
        if (whole(6) === 0) text += '|';
      }
      return text;
    };
    fc.assert(
      fc.property(fc.gen(), (gen) => {
        pick = (values) => gen(fc.constantFrom, ...values) as string;
        whole = (below) => gen(fc.nat, { max: below - 1 });
        const written = pattern(2);
        const ours = RE2JS.compile(re2Text(written));
        const theirs = new RegExp(written, 'u');
        for (let each = 0; each < 8; each++) {
          const text = Array.from({ length: whole(6) }, () => pick(characters)).join('');
          expect([written, text, ours.test(text)]).toEqual([written, text, theirs.test(text)]);
        }
      }),
      { numRuns: 1_000, seed: 7 },
    );
  });
});
