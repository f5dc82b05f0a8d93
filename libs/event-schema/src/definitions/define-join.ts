import { pointerStep } from '@sluice/values';
import { isComparable } from './check-columns';
import { checkDefinition } from './check-members';
import { checkSchedule } from './check-schedule';
import { unfitColumn, type Column } from '../schema/columns';
import { partitionColumn } from '../schema/system-columns';
import { tableColumns } from './table-columns';
import { tableName, type EventType } from './define-event';
import { referenceColumns, type ReferenceTable } from './define-reference';
import type { Refuse } from './definition-error';
import { keyMismatch, type KeyColumns } from './join-keys';

export type JoinSide = 'left' | 'right';

/** Kind of the join, which decides whether unmatched rows are kept: none, those of the left, or those of the right. */
export type JoinType = 'inner' | 'left' | 'right';

/** Engine that runs the join: Athena's SQL engine, or Spark in a Glue job. */
export type JoinEngine = 'athena' | 'spark';

/** A join as its author writes it: a day of events with a reference table. */
export interface JoinDefinition {
  /** Name of the join, `[a-z][a-z0-9_]*`; also of the result's table and folder. */
  readonly name: string;
  readonly description?: string;
  readonly left: EventType;
  readonly right: ReferenceTable;
  /** The columns of both sides that must be equal. A null equals nothing. */
  readonly on: Readonly<Record<JoinSide, string>>;
  readonly type: JoinType;
  /** Columns of each side that the result has, in this order. @default all of the side */
  readonly columns?: Readonly<Partial<Record<JoinSide, readonly string[]>>>;
  /** Names of columns in the result, by their names in the side's table. */
  readonly rename?: Readonly<Partial<Record<JoinSide, Readonly<Record<string, string>>>>>;
  /** Automatic start of the join: when the day is sealed, or `cron(…)` or `rate(…)`. @default day-sealed */
  readonly schedule?: string;
  /** Engine that runs the join. @default athena */
  readonly engine?: JoinEngine;
}

/** A checked join, as plain JSON with its defaults filled in. Made by {@link defineJoin}. */
export interface Join extends JoinDefinition {
  readonly columns: Readonly<Record<JoinSide, readonly string[]>>;
  readonly rename: Readonly<Record<JoinSide, Readonly<Record<string, string>>>>;
  readonly schedule: string;
  readonly engine: JoinEngine;
}

/** A column of a join's result, with its source. */
export interface JoinColumn extends Column {
  readonly side: JoinSide;
  /** Name of the column in the table of its side. */
  readonly source: string;
}

export const joinSides: readonly JoinSide[] = ['left', 'right'];

/** Returns the columns that a side offers. The day is not among them, because it is the partition of the result too. */
export const sideColumns = (
  { left, right }: Pick<JoinDefinition, JoinSide>,
  side: JoinSide,
): readonly Column[] => (side === 'left' ? tableColumns(left) : referenceColumns(right));

/** Returns the two columns that must be equal. */
export function joinKeys(join: Pick<JoinDefinition, JoinSide | 'on'>): KeyColumns {
  const key = (side: JoinSide): Column => {
    const column = sideColumns(join, side).find(({ name }) => name === join.on[side]);
    if (!column) throw new Error(`there is no column ${join.on[side]} on the ${side} side`);
    return column;
  };
  return { left: key('left'), right: key('right') };
}

/** Returns the name of a side's table in SQL. */
export const sideTable = ({ left, right }: Pick<JoinDefinition, JoinSide>, side: JoinSide) =>
  side === 'left' ? tableName(left) : right.name;

const members: ReadonlySet<string> = new Set<keyof JoinDefinition>([
  'name',
  'description',
  'left',
  'right',
  'on',
  'type',
  'columns',
  'rename',
  'schedule',
  'engine',
]);
const types: ReadonlySet<string> = new Set<JoinType>(['inner', 'left', 'right']);
const engines: ReadonlySet<string> = new Set<JoinEngine>(['athena', 'spark']);
const resultColumnPattern = /^[a-z0-9_]+$/;

/**
 * Checks the definition of a join and returns it with its defaults.
 *
 * @throws {@link DefinitionError} where the definition is wrong
 */
export function defineJoin(definition: JoinDefinition): Join {
  const refuse: Refuse = checkDefinition('join', definition, {
    members,
    texts: ['name', 'type'],
    optionalTexts: ['description', 'schedule', 'engine'],
  });
  const { left, right, type, on, columns, rename } = definition as Partial<JoinDefinition>;
  if (!left?.schema || !right?.schema)
    return refuse(
      left?.schema ? '/right' : '/left',
      'is missing; give the event type on the left and the reference table on the right',
    );
  if (!types.has(type ?? ''))
    refuse('/type', `"${type ?? ''}" is none of ${[...types].join(', ')}`);
  const { schedule = 'day-sealed', engine = 'athena' } = definition;
  if (!engines.has(engine)) refuse('/engine', `"${engine}" is none of ${[...engines].join(', ')}`);
  checkSchedule(refuse, schedule);
  for (const side of joinSides) {
    checkColumnNames(refuse, definition, side, `/on/${side}`, [on?.[side] ?? '']);
    const wanted = columns?.[side] ?? [];
    wanted.forEach((column, index) => {
      checkColumnNames(refuse, definition, side, `/columns/${side}/${index}`, [column]);
      if (wanted.indexOf(column) < index)
        refuse(`/columns/${side}/${index}`, `"${column}" is named twice; leave one out`);
    });
  }
  const mismatch = keyMismatch(joinKeys(definition));
  if (mismatch) refuse('/on', mismatch);

  const join: Join = {
    ...definition,
    columns: {
      left: columns?.left ?? sideColumns(definition, 'left').map((column) => column.name),
      right: columns?.right ?? sideColumns(definition, 'right').map((column) => column.name),
    },
    rename: { left: { ...rename?.left }, right: { ...rename?.right } },
    schedule,
    engine,
  };
  checkResult(refuse, join);
  return join;
}

function checkColumnNames(
  refuse: Refuse,
  definition: JoinDefinition,
  side: JoinSide,
  pointer: string,
  names: readonly string[],
): void {
  const known = sideColumns(definition, side);
  for (const name of names) {
    const column = known.find((candidate) => candidate.name === name);
    if (!column)
      refuse(
        pointer,
        `"${name}" is not a column of "${sideTable(definition, side)}"; it has ` +
          known.map((candidate) => candidate.name).join(', '),
      );
    else if (pointer.startsWith('/on/') && !isComparable(column))
      refuse(
        pointer,
        `"${name}" is of type ${column.type.kind}, whose values can't be compared; ` +
          'use a string, an integer, a decimal, a date or a time',
      );
  }
}

function checkResult(refuse: Refuse, join: Join): void {
  for (const side of joinSides)
    for (const [column, renamed] of Object.entries(join.rename[side])) {
      const pointer = `/rename/${side}${pointerStep(column)}`;
      if (!join.columns[side].includes(column))
        refuse(
          pointer,
          `"${column}" is not among the columns of the ${side} side that the result has; it has ` +
            join.columns[side].join(', '),
        );
      if (typeof renamed !== 'string' || !resultColumnPattern.test(renamed))
        refuse(pointer, `a column's name matches ${resultColumnPattern.source}`);
      const unfit = unfitColumn({ name: renamed, path: [] });
      if (unfit) refuse(pointer, unfit);
    }
  const columns = joinColumns(join);
  if (columns.length === 0) refuse('/columns', 'a result has at least one column; name one');
  const byName = new Map<string, JoinColumn>();
  for (const column of columns) {
    const { name, side, source, type } = column;
    if (side === 'left' && type.kind === 'array' && type.items.kind === 'timestamp')
      refuse(
        `/columns/${side}`,
        `"${source}" is a list of times, whose digits no engine writes into a result; name the columns without it`,
      );
    const pointer = `/rename/${side}${pointerStep(source)}`;
    const other = byName.get(name);
    if (other)
      refuse(
        pointer,
        `"${other.source}" of ${sideTable(join, other.side)} and "${source}" of ${sideTable(join, side)} ` +
          `both give the result's column "${name}"; rename one of them`,
      );
    if (name === partitionColumn)
      refuse(
        pointer,
        `"${source}" of ${sideTable(join, side)} gives the result's column "${name}", ` +
          'which is the day of every result; rename it',
      );
    byName.set(name, column);
  }
}

/** Returns the columns of a join's result: first the left side's, then the right side's. */
export const joinColumns = (join: Join): readonly JoinColumn[] =>
  joinSides.flatMap((side) => {
    const byName = new Map(sideColumns(join, side).map((column) => [column.name, column]));
    // An outer join leaves the columns of the other side empty in some rows.
    const isFilled = join.type === 'inner' || join.type === side;
    return join.columns[side].flatMap((source) => {
      const column = byName.get(source);
      if (!column) return [];
      const name = Object.hasOwn(join.rename[side], source)
        ? (join.rename[side][source] ?? source)
        : source;
      return [
        {
          ...column,
          name,
          side,
          source,
          required: column.required && isFilled,
          nullable: column.nullable || !isFilled,
        },
      ];
    });
  });
