import fc from 'fast-check';
import { compareUtf8, type CompactedFile } from '@sluice/lake-layout';
import { planMerge } from './plan-merge';

const fileRows = 100;

const file = (key: string, run: number, range: string, rows = 90): CompactedFile => ({
  key,
  run,
  minKey: range.at(0) ?? '',
  maxKey: range.at(-1) ?? '',
  rows,
  bytes: 1000,
  etag: `"${key}"`,
  footerBytes: 100,
});

const names = (files: readonly CompactedFile[]): string => files.map(({ key }) => key).join('');

describe('planning a merge', () => {
  it.each([
    ['keeps what overlaps nothing', [file('A', 1, 'ac'), file('B', 2, 'df')], 'AB', []],
    ['writes what overlaps anew', [file('A', 1, 'ac'), file('B', 2, 'bf')], '', ['AB']],
    ['takes a shared key for an overlap', [file('A', 1, 'ac'), file('B', 2, 'cf')], '', ['AB']],
    [
      'keeps neighbours of a key that is larger than a file',
      [file('A', 1, 'ac'), file('B', 1, 'cf')],
      'AB',
      [],
    ],
    [
      'writes only the part that overlaps',
      [file('A', 1, 'ac'), file('B', 1, 'df'), file('C', 2, 'ee'), file('D', 1, 'gz')],
      'AD',
      ['BC'],
    ],
    [
      'joins small neighbours',
      [file('A', 1, 'ac', 10), file('B', 2, 'df', 10), file('C', 1, 'gz')],
      'C',
      ['AB'],
    ],
  ])('%s', (_, files, kept, groups) => {
    const plan = planMerge(files, compareUtf8, fileRows);
    expect(names(plan.kept)).toBe(kept);
    expect(plan.groups.map(names)).toEqual(groups);
  });

  it('names each file once, and ranges of what it keeps and writes do not overlap', () => {
    const letter = fc.integer({ min: 97, max: 122 });
    const anyFile = fc
      .record({ a: letter, b: letter, run: fc.nat(3), rows: fc.integer({ min: 1, max: 150 }) })
      .map(({ a, b, run, rows }) =>
        file('x', run, String.fromCharCode(Math.min(a, b), Math.max(a, b)), rows),
      );
    fc.assert(
      fc.property(fc.array(anyFile), (made) => {
        // Files of one run do not overlap, as a manifest promises.
        const files = made
          .filter(
            (each, index) =>
              !made
                .slice(0, index)
                .some(
                  (other) =>
                    other.run === each.run &&
                    other.minKey <= each.maxKey &&
                    each.minKey <= other.maxKey,
                ),
          )
          .map((each, index) => ({ ...each, key: `f${index}` }));
        const { kept, groups } = planMerge(files, compareUtf8, fileRows);
        const all = [...kept, ...groups.flat()].map(({ key }) => key).sort();
        expect(all).toEqual(files.map(({ key }) => key).sort());
        const ranges = [...kept.map((each) => [each]), ...groups]
          .map((members) => ({
            min: members.map(({ minKey }) => minKey).sort()[0]!,
            max: members
              .map(({ maxKey }) => maxKey)
              .sort()
              .at(-1)!,
          }))
          .sort((a, b) => compareUtf8(a.min, b.min));
        for (const [index, { max }] of ranges.entries())
          if (ranges[index + 1]) expect(compareUtf8(max, ranges[index + 1]!.min)).toBeLessThan(0);
      }),
    );
  });
});
