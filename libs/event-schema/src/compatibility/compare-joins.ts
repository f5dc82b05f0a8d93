import { pointerStep } from '@sluice/values';
import { joinColumns, type Join, type JoinColumn, type JoinSide } from '../definitions/define-join';
import { compareByName, type Breakage, type Change, type ChangeWithin } from './change';
import { compareColumns, type ColumnConsequences, type DefinedColumn } from './compare-columns';

/**
 * Compares joins with their earlier versions, as readers of their results see them. The days for which they ran are
 * stored.
 */
export const compareJoins = (before: readonly Join[], after: readonly Join[]): readonly Change[] =>
  compareByName({
    kind: 'join',
    before,
    after,
    compare: compareJoin,
    removalBreaks: [{ audience: 'queries', how: 'those that read its results fail' }],
  });

const compareJoin = (before: Join, after: Join): readonly ChangeWithin[] => [
  ...compareRows(before, after),
  ...compareColumns({
    before: resultColumns(before),
    after: resultColumns(after),
    consequences,
    isLike: (gone) => (added) => isSameSource(gone.column, added.column),
  }),
  ...compareSources(before, after),
];

interface ResultColumn extends DefinedColumn {
  readonly column: JoinColumn;
}

/** Returns the columns of a result, identified by their names, because readers don't see where a column comes from. */
const resultColumns = (join: Join): readonly ResultColumn[] =>
  joinColumns(join).map((column) => ({
    column,
    identity: column.name,
    label: column.name,
    pointer: pointerOf(join, column),
  }));

const pointerOf = ({ columns, rename }: Join, { side, source }: JoinColumn): string =>
  Object.hasOwn(rename[side], source)
    ? `/rename/${side}${pointerStep(source)}`
    : `/columns/${side}/${columns[side].indexOf(source)}`;

const isSameSource = (a: JoinColumn, b: JoinColumn): boolean =>
  a.side === b.side && a.source === b.source;

/** Compares which rows a result has. */
function compareRows(before: Join, after: Join): readonly ChangeWithin[] {
  const changes: ChangeWithin[] = [];
  if (before.type !== after.type)
    changes.push({
      pointer: '/type',
      what: `type changed from ${before.type} to ${after.type}`,
      breaks:
        before.type === 'inner'
          ? []
          : [
              {
                audience: 'queries',
                how: `rows of the ${before.type} side that match nothing are no longer there`,
              },
            ],
    });
  for (const side of ['left', 'right'] satisfies JoinSide[])
    if (before.on[side] !== after.on[side])
      changes.push({
        pointer: `/on/${side}`,
        what: `the ${side} side is joined on "${after.on[side]}" instead of "${before.on[side]}"`,
        breaks: [otherRows],
      });
  return changes;
}

const otherRows: Breakage = { audience: 'queries', how: 'other rows are put together' };

/** Compares the sources of columns whose names are unchanged. */
function compareSources(before: Join, after: Join): readonly ChangeWithin[] {
  const now = new Map(joinColumns(after).map((column) => [column.name, column]));
  return joinColumns(before).flatMap((old) => {
    const column = now.get(old.name);
    if (!column || isSameSource(old, column)) return [];
    return [
      {
        pointer: pointerOf(after, column),
        what: `"${old.name}" is ${column.side}."${column.source}" instead of ${old.side}."${old.source}"`,
        breaks: [{ audience: 'queries' as const, how: `${old.name} holds other values` }],
      },
    ];
  });
}

const consequences: ColumnConsequences = {
  // A column with another name counts as another column here.
  relabelled: () => [],
  removed: ({ name }) => [
    { audience: 'stored Parquet', how: `the values in column ${name} are no longer read` },
    { audience: 'queries', how: `those that name ${name} fail` },
  ],
  // Columns of a result are identified by their names.
  moved: () => [],
  retyped: ({ name, from, to }) => [
    {
      audience: 'stored Parquet',
      how: `results that are there hold ${from} in column ${name}, which can't be read as ${to} until their days run again`,
    },
    { audience: 'queries', how: `${name} comes in another type` },
  ],
  widened: () => [],
  widerNote: '; Athena reads only the days that run after this',
};
