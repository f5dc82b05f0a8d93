import {
  eventIdColumn,
  columnName,
  isReservedColumnName,
  type JsonSchema,
  pathText,
  unfitColumn,
} from '@sluice/event-schema';
import { decideAsked, type AskableType } from './asked-type';
import { hashedColumn, readableColumn } from './column-for-name';
import { decideField, type Decision } from './decide-field';
import { membersWithDataAsNames } from './data-as-names';
import type { ObservedField } from './observed-field';

/** A field that gets a column. */
export interface ChosenField {
  readonly field: ObservedField;
  readonly path: readonly string[];
  /** Name made from the path, or another one where the path's letters don't make a name or another field has it. */
  readonly column: string;
  readonly decision: Extract<Decision, { becomes: 'column' }>;
}

/** A field that the schema does not name. Its values go to `unmapped`. */
export interface LeftOutField {
  readonly path: string;
  readonly present: number;
  readonly reason: string;
}

export interface Choice {
  readonly chosen: readonly ChosenField[];
  readonly leftOut: readonly LeftOutField[];
}

interface ChooseOptions {
  /** Path texts of the fields that get columns before all others. */
  readonly wanted: readonly string[];
  readonly identity: string | undefined;
  /** Types that fields are asked to have, by their path texts. */
  readonly types: ReadonlyMap<string, AskableType>;
  readonly maxColumns: number;
  /** True where the table has system columns as well, whose names no field can have. */
  readonly systemColumns: boolean;
}

/** Decides which fields get columns, in the order in which they were first seen. */
export function chooseColumns(root: ObservedField, options: ChooseOptions): Choice {
  const leftOut: LeftOutField[] = [];
  const leave = ({ field, path }: Pick<ChosenField, 'field' | 'path'>, reason: string): void => {
    leftOut.push({ path: pathText(path), present: field.present, reason });
  };

  const candidates = columnFields(root, options).filter((candidate) => {
    const reason = unfitReason(candidate, options);
    if (reason) leave(candidate, reason);
    return !reason;
  });

  const wanted = new Set(options.wanted);
  const rank = (candidate: ChosenField): number =>
    wanted.has(pathText(candidate.path)) && candidate.field.always
      ? Infinity
      : candidate.field.present;
  // Array.prototype.sort is stable, so among equals the first seen comes first.
  const ranked = [...candidates].sort((a, b) => (rank(a) === rank(b) ? 0 : rank(b) - rank(a)));

  const dataNames = membersWithDataAsNames(root);

  const byColumn = new Map<string, ChosenField>();
  for (const candidate of ranked) {
    const other = byColumn.get(candidate.column);
    const free = other && options.systemColumns ? hashed(candidate) : candidate;
    if (other && free === candidate)
      leave(
        candidate,
        `"${pathText(other.path)}" has the column "${candidate.column}" that this would get too`,
      );
    else if (dataNames.has(rootMember(candidate.field)))
      leave(candidate, 'one of many names that are data');
    else if (byColumn.size >= options.maxColumns)
      leave(candidate, `beyond the limit of ${options.maxColumns} columns`);
    else byColumn.set(free.column, free);
  }
  const chosen = new Map([...byColumn.values()].map((field) => [field.field, field]));
  return { chosen: candidates.flatMap(({ field }) => chosen.get(field) ?? []), leftOut };
}

const hashed = (field: ChosenField): ChosenField => ({
  ...field,
  column: hashedColumn(field.path),
});

function columnFields(
  root: ObservedField,
  { systemColumns, types }: ChooseOptions,
): readonly ChosenField[] {
  const fields: ChosenField[] = [];
  const columnOf = (path: readonly string[]): string => {
    const column = systemColumns ? readableColumn(path) : columnName(path);
    // A key or an identity named "event_id" means the table's own column, so no other column may have that name.
    return systemColumns && isReservedColumnName(column) && column !== eventIdColumn.name
      ? hashedColumn(path)
      : column;
  };
  const visit = (object: ObservedField): void => {
    for (const field of object.members.values()) {
      const asked = types.get(field.text);
      const decision = asked ? decideAsked(field, asked) : decideField(field);
      if (decision.becomes === 'object') visit(field);
      else fields.push({ field, path: field.path, column: columnOf(field.path), decision });
    }
  };
  visit(root);
  return fields;
}

function unfitReason(
  { path, column }: ChosenField,
  { identity, systemColumns }: ChooseOptions,
): string | undefined {
  if (systemColumns && column === eventIdColumn.name && identity !== pathText(path))
    return `every table has a column "${eventIdColumn.name}" of its own`;
  return unfitColumn({ path, name: columnName(path) === '' ? '' : column });
}

function rootMember(field: ObservedField): ObservedField {
  let member = field;
  while (member.parent?.parent) member = member.parent;
  return member;
}

/** Returns a schema that names the chosen fields and no others. */
export function schemaOf(root: ObservedField, chosen: readonly ChosenField[]): JsonSchema {
  const columns = new Map(
    chosen.map(({ field, path, column, decision }) => [
      field,
      column === columnName(path) ? decision.schema : { ...decision.schema, column },
    ]),
  );
  const visit = (object: ObservedField): JsonSchema | undefined => {
    const properties = [...object.members.values()].flatMap((member) => {
      const schema = columns.get(member) ?? visit(member);
      return schema ? [{ member, schema }] : [];
    });
    if (properties.length === 0) return undefined;
    const required = properties
      .filter(({ member }) => member.present === object.objects)
      .map(({ member }) => member.name);
    return {
      type: object.nulls ? ['object', 'null'] : 'object',
      properties: Object.fromEntries(properties.map(({ member, schema }) => [member.name, schema])),
      ...(required.length > 0 && { required }),
    };
  };
  return visit(root) ?? { type: 'object', properties: {} };
}
