import { schemaPointer } from '../definitions/check-columns';
import type { ColumnType } from '@sluice/values';
import { pathText, type Column } from '../schema/columns';
import { glueType } from '../schema/glue-type';
import type { Breakage, ChangeWithin } from './change';
import { columnWidening } from './column-widening';

/** A column of a table, and where its definition has it. */
export interface DefinedColumn {
  readonly column: Column;
  /** Columns of one identity are the same column, before and after. */
  readonly identity: string;
  /** What its author calls it. */
  readonly label: string;
  /** JSON pointer into the definition. */
  readonly pointer: string;
}

/** What a change of a column breaks, which depends on what the table is of. */
export interface ColumnConsequences {
  readonly removed: (column: Column) => readonly Breakage[];
  /** Said of one that has another label, and is the same column of the table still. */
  readonly relabelled: (column: Column) => readonly Breakage[];
  /** Said of one whose values go to a column of another name. */
  readonly moved: (column: Column) => readonly Breakage[];
  readonly retyped: (change: RetypedColumn) => readonly Breakage[];
  /** Goes after a widening that breaks nothing, where the type has another name in SQL. */
  readonly widerNote: string;
}

export interface RetypedColumn {
  readonly name: string;
  /** Types in words: "bigint", "JSON text". */
  readonly from: string;
  readonly to: string;
}

/** Columns of a schema, which its members' paths tell apart. */
export const schemaColumnsOf = (columns: readonly Column[]): readonly DefinedColumn[] =>
  columns.map((column) => ({
    column,
    identity: JSON.stringify(column.path),
    label: pathText(column.path),
    pointer: schemaPointer(column.path),
  }));

const hasTypeOf =
  ({ column }: DefinedColumn) =>
  (other: DefinedColumn): boolean =>
    glueType(other.column.type) === glueType(column.type);

/** Compares the columns of a table with what they were. */
export function compareColumns<C extends DefinedColumn>({
  before,
  after,
  consequences,
  isLike = hasTypeOf,
}: {
  readonly before: readonly C[];
  readonly after: readonly C[];
  readonly consequences: ColumnConsequences;
  /** Whether a column that is gone may have got the name of another. @default one of the same type may */
  readonly isLike?: (gone: C) => (added: C) => boolean;
}): readonly ChangeWithin[] {
  const now = new Map(after.map((column) => [column.identity, column]));
  const known = new Set(before.map(({ identity }) => identity));
  const added = after.filter(({ identity }) => !known.has(identity));
  const gone = (old: C): ChangeWithin => {
    const { name } = old.column;
    const sameColumn = added.find(({ column }) => column.name === name);
    if (sameColumn)
      return {
        pointer: sameColumn.pointer,
        what: `"${old.label}" renamed to "${sameColumn.label}" (column ${name})`,
        breaks: consequences.relabelled(old.column),
      };
    const lookAlike = added.find(isLike(old));
    return {
      pointer: old.pointer,
      what: `"${old.label}" removed` + (lookAlike ? ` (renamed to "${lookAlike.label}"?)` : ''),
      breaks: consequences.removed(old.column),
    };
  };
  return [
    ...before.flatMap((old) => {
      const same = now.get(old.identity);
      return same ? compareTypes(old, same, consequences) : [gone(old)];
    }),
    ...added.map(({ column, label, pointer }) => ({
      pointer,
      what: `"${label}" added, ${column.required ? 'required' : 'optional'}`,
      breaks: [],
    })),
  ];
}

function compareTypes(
  before: DefinedColumn,
  { column, label, pointer }: DefinedColumn,
  { moved, retyped, widerNote }: ColumnConsequences,
): readonly ChangeWithin[] {
  if (before.column.name !== column.name)
    return [
      {
        pointer,
        what: `"${label}" has the column ${column.name} instead of ${before.column.name}`,
        breaks: moved(before.column),
      },
    ];
  const widening = columnWidening(before.column.type, column.type);
  if (widening === 'same') return [];
  const [from, to] = [typeText(before.column), typeText(column)];
  const isWider = widening === 'wider';
  return [
    {
      pointer,
      what:
        `"${label}" changed from ${from} to ${to}` +
        (isWider && from !== to ? widerNote : '') +
        (rounds(before.column.type, column.type) ? roundingNote : ''),
      breaks: isWider ? [] : retyped({ name: column.name, from, to }),
    },
  ];
}

const rounds = (before: ColumnType, after: ColumnType): boolean =>
  before.kind === 'array' && after.kind === 'array'
    ? rounds(before.items, after.items)
    : before.kind === 'bigint' && after.kind === 'double';

const roundingNote = ', which rounds integers beyond 2^53; a decimal keeps them';

const typeText = ({ type }: Column): string =>
  type.kind === 'json' ? 'JSON text' : glueType(type);
