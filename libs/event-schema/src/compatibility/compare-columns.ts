import { schemaPointer } from '../definitions/check-columns';
import type { ColumnType } from '@sluice/values';
import { pathText, type Column } from '../schema/columns';
import { glueType } from '../sql/type-names';
import type { Breakage, ChangeWithin } from './change';
import { columnWidening } from './column-widening';

/** A column of a table, and its location in the definition. */
export interface DefinedColumn {
  readonly column: Column;
  /** Columns with the same identity are the same column, before and after. */
  readonly identity: string;
  /** Name of the column in its author's terms. */
  readonly label: string;
  /** JSON pointer into the definition. */
  readonly pointer: string;
}

/** Returns what each kind of change of a column breaks, which depends on the kind of table. */
export interface ColumnConsequences {
  readonly removed: (column: Column) => readonly Breakage[];
  /** Called for a column that has another label, but is still the same column of the table. */
  readonly relabelled: (column: Column) => readonly Breakage[];
  /** Called for a column whose values go to a column with another name. */
  readonly moved: (column: Column) => readonly Breakage[];
  readonly retyped: (change: RetypedColumn) => readonly Breakage[];
  /** Called for a column whose wider type Sluice's readers read, but that an open table can't follow. */
  readonly widened: (change: RetypedColumn) => readonly Breakage[];
  /** Added to such a widening, where the type has another name in SQL. */
  readonly widerNote: string;
}

export interface RetypedColumn {
  readonly name: string;
  /** The types in words: "bigint", "JSON text". */
  readonly from: string;
  readonly to: string;
}

/** Returns the columns of a schema, identified by the paths of its members. */
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

/** Compares the columns of a table with their earlier versions. */
export function compareColumns<C extends DefinedColumn>({
  before,
  after,
  consequences,
  isLike = hasTypeOf,
}: {
  readonly before: readonly C[];
  readonly after: readonly C[];
  readonly consequences: ColumnConsequences;
  /** Decides whether a removed column may have been renamed to an added one. @default columns of the same type may */
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
  { moved, retyped, widened, widerNote }: ColumnConsequences,
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
  const change = { name: column.name, from, to };
  const breaks = { promoted: () => [], wider: widened, other: retyped }[widening];
  return [
    {
      pointer,
      what:
        `"${label}" changed from ${from} to ${to}` +
        (widening === 'wider' && from !== to ? widerNote : '') +
        (rounds(before.column.type, column.type) ? roundingNote : ''),
      breaks: breaks(change),
    },
  ];
}

const rounds = (before: ColumnType, after: ColumnType): boolean =>
  before.kind === 'array' && after.kind === 'array'
    ? rounds(before.items, after.items)
    : before.kind === 'bigint' && after.kind === 'double';

const roundingNote = ', which rounds integers beyond 2^53';

const typeText = ({ type }: Column): string =>
  type.kind === 'json' ? 'JSON text' : glueType(type);
