import { referenceColumns, type ReferenceTable } from '../definitions/define-reference';
import { compareByName, compareRole, type Change, type ChangeWithin } from './change';
import { compareColumns, schemaColumnsOf, type ColumnConsequences } from './compare-columns';
import { compareSubjects } from './compare-privacy';
import { narrowings } from './narrowings';

/** Compares reference tables with their earlier versions. The file that was put last is stored. */
export const compareReferences = (
  before: readonly ReferenceTable[],
  after: readonly ReferenceTable[],
): readonly Change[] =>
  compareByName({
    kind: 'reference table',
    before,
    after,
    compare: compareReference,
    removalBreaks: [{ audience: 'queries', how: 'those that read it fail' }],
  });

const compareReference = (
  before: ReferenceTable,
  after: ReferenceTable,
): readonly ChangeWithin[] => [
  ...compareRole(
    'key',
    [before.key, after.key],
    after.key === undefined
      ? []
      : [{ audience: 'reference files', how: `rows that share "${after.key}" are refused` }],
  ),
  ...compareSubjects(before, after),
  ...compareColumns({
    before: schemaColumnsOf(referenceColumns(before)),
    after: schemaColumnsOf(referenceColumns(after)),
    consequences,
  }),
  ...narrowings(before.schema, after.schema).map(({ pointer, what }) => ({
    pointer: `/schema${pointer}`,
    what,
    breaks: [{ audience: 'reference files' as const, how: 'rows that were accepted are refused' }],
  })),
];

const leftOut = {
  audience: 'reference files',
  how: 'what they hold under the old name is left out',
} as const;

const consequences: ColumnConsequences = {
  relabelled: () => [leftOut],
  removed: ({ name }) => [leftOut, { audience: 'queries', how: `those that name ${name} fail` }],
  moved: ({ name }) => [{ audience: 'queries', how: `those that name ${name} fail` }],
  retyped: ({ name, from, to }) => [
    {
      audience: 'stored Parquet',
      how: `the file that is there holds ${from} in column ${name}, which can't be read as ${to} until it is put again`,
    },
    { audience: 'queries', how: `${name} comes in another type` },
  ],
  widened: () => [],
  widerNote: '; Athena reads it once the table is put again',
};
