import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exampleErrors, examplesOf, type Example } from './examples';

const root = join(__dirname, '../../..');
const libraries = readdirSync(join(root, 'libs'));

const examplesIn = (folder: string): readonly Example[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
    .flatMap((file) =>
      examplesOf(join(folder, file), readFileSync(join(root, folder, file), 'utf8')),
    );

const planted = `
  /**
   * Adds.
   *
   * @param a the first
   * @example
   * import { sum } from './sum';
   * const three: number = sum(1, 2);
   * @returns the sum
   */
  /** @example sum(1) */
`;

test('an example ends at the next tag, or with its comment', () => {
  expect(examplesOf('sum.ts', planted)).toEqual([
    {
      file: 'sum.ts',
      line: 6,
      text: "import { sum } from './sum';\nconst three: number = sum(1, 2);\n",
    },
  ]);
});

test.each(libraries)('%s has an example of its use', (library) => {
  expect(examplesIn(`libs/${library}/src`).length).toBeGreaterThan(0);
});

test('every example of a library compiles, and one that does not is found', () => {
  const examples = libraries.flatMap((library) => examplesIn(`libs/${library}/src`));
  const wrong: Example = {
    file: 'libs/values/src/planted.ts',
    line: 1,
    text: "import { decimalText } from '@sluice/values';\ndecimalText('1.50', 2);\n",
  };
  expect(exampleErrors(root, [...examples, wrong])).toEqual([
    "libs/values/src/planted.ts:1: Argument of type 'string' is not assignable to parameter of type 'bigint'.",
  ]);
});
