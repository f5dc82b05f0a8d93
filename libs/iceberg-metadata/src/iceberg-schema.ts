import type { ColumnType } from '@sluice/values';

/** A column of a table's definition. */
export interface TableColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly description?: string;
}

export interface IcebergList {
  readonly type: 'list';
  readonly 'element-id': number;
  readonly 'element-required': boolean;
  readonly element: string;
}

export type IcebergType = string | IcebergList;

/** A column of the table's metadata. Its `id` never changes, even if its name does. */
export interface IcebergField {
  readonly id: number;
  readonly name: string;
  readonly required: boolean;
  readonly type: IcebergType;
  readonly doc?: string;
}

export interface IcebergSchema {
  readonly type: 'struct';
  readonly 'schema-id': number;
  readonly fields: readonly IcebergField[];
}

/**
 * Error for a change of columns with which Iceberg could not read older files. The message names the column and a
 * remedy.
 */
export class SchemaEvolutionError extends Error {
  override readonly name = 'SchemaEvolutionError';
  constructor(
    readonly table: string,
    readonly faults: readonly string[],
  ) {
    super(
      `the columns of ${table} changed as an Iceberg table's can't: ${faults.join('; ')}. ` +
        'Give the changed value another column name, and keep the old one in the definition',
    );
  }
}

/**
 * Returns Iceberg's name for a column's type (Iceberg spec, "Primitive Types"). Times are UTC without a zone, as in
 * the files; JSON columns are strings.
 */
function scalarTypeName(type: Exclude<ColumnType, { readonly kind: 'array' }>): string {
  switch (type.kind) {
    case 'bigint':
      return 'long';
    case 'double':
    case 'boolean':
    case 'date':
    case 'timestamp':
    case 'string':
      return type.kind;
    case 'json':
      return 'string';
    case 'decimal':
      return `decimal(${type.precision}, ${type.scale})`;
  }
}

/** Returns the type of a column, with a new id for the items of a list. */
const icebergType = (type: ColumnType, nextId: () => number): IcebergType =>
  type.kind === 'array'
    ? {
        type: 'list',
        'element-id': nextId(),
        'element-required': false,
        element: scalarTypeName(type.items),
      }
    : scalarTypeName(type);

/** Returns the name of a type in Glue's and Hive's words: `array<bigint>`. */
export const hiveType = (type: IcebergType): string =>
  typeof type === 'string'
    ? type === 'long'
      ? 'bigint'
      : type.replaceAll(' ', '')
    : `array<${hiveType(type.element)}>`;

export interface EvolvedSchema {
  /** Schema of the columns; the object `before.schema` itself where nothing changed. */
  readonly schema: IcebergSchema;
  readonly lastColumnId: number;
}

export interface SchemaBefore {
  readonly schema: IcebergSchema;
  /** The largest id that was ever given to a column. */
  readonly lastColumnId: number;
  /** The largest id of the table's schemas. */
  readonly lastSchemaId: number;
}

/**
 * Returns the schema for a table's columns. A known column keeps its id, a new one gets the next. A column that the
 * definition no longer has stays after the others, so that engines go on reading what older files hold.
 *
 * Of the changes that Sluice's readers accept, Iceberg only allows a decimal to get more digits before the point
 * (Iceberg spec, "Schema Evolution").
 *
 * @throws SchemaEvolutionError where a column's type became another
 */
export function evolveSchema(
  table: string,
  columns: readonly TableColumn[],
  before?: SchemaBefore,
): EvolvedSchema {
  let lastColumnId = before?.lastColumnId ?? 0;
  const nextId = (): number => ++lastColumnId;
  const known = new Map(before?.schema.fields.map((field) => [field.name, field]));
  const faults: string[] = [];
  const fields = columns.map(({ name, type, description }): IcebergField => {
    const old = known.get(name);
    known.delete(name);
    const doc = description === undefined ? {} : { doc: description };
    if (!old) {
      const id = nextId();
      return { id, name, required: false, type: icebergType(type, nextId), ...doc };
    }
    const evolved = evolveType(old.type, type);
    if (evolved === undefined)
      faults.push(`column ${name} was ${typeText(old.type)} and would be ${columnTypeText(type)}`);
    return { id: old.id, name, required: false, type: evolved ?? old.type, ...doc };
  });
  // Older files hold values of a column that was removed, and newer ones have them in `unmapped`.
  fields.push(...known.values());
  if (faults.length > 0) throw new SchemaEvolutionError(table, faults);
  if (before && sameColumns(before.schema.fields, fields))
    return { schema: before.schema, lastColumnId };
  return {
    schema: { type: 'struct', 'schema-id': (before?.lastSchemaId ?? -1) + 1, fields },
    lastColumnId,
  };
}

/**
 * Returns the old type widened so that it also holds values of the new one; undefined where Iceberg has no such
 * promotion.
 */
function evolveType(before: IcebergType, after: ColumnType): IcebergType | undefined {
  if (typeof before === 'object') {
    if (after.kind !== 'array') return undefined;
    const element = evolveScalar(before.element, scalarTypeName(after.items));
    return element === undefined ? undefined : { ...before, element };
  }
  return after.kind === 'array' ? undefined : evolveScalar(before, scalarTypeName(after));
}

function evolveScalar(before: string, after: string): string | undefined {
  if (before === after) return after;
  const [old, wider] = [decimalOf(before), decimalOf(after)];
  return wider && old?.scale === wider.scale && old.precision < wider.precision ? after : undefined;
}

/** Reads `decimal(9, 2)`; undefined for any other type. */
export function decimalOf(
  type: string,
): { readonly precision: number; readonly scale: number } | undefined {
  const [, precision, scale] = /^decimal\((\d+),\s*(\d+)\)$/.exec(type) ?? [];
  return precision && scale ? { precision: Number(precision), scale: Number(scale) } : undefined;
}

const typeText = (type: IcebergType): string =>
  typeof type === 'string' ? type : `list<${type.element}>`;

const columnTypeText = (type: ColumnType): string =>
  type.kind === 'array' ? `list<${scalarTypeName(type.items)}>` : scalarTypeName(type);

/** Decides whether two lists of columns are equal apart from descriptions, whose change alone makes no new schema. */
const sameColumns = (before: readonly IcebergField[], after: readonly IcebergField[]): boolean =>
  before.length === after.length &&
  before.every((field, index) => {
    const other = after[index];
    return (
      other?.id === field.id &&
      other.name === field.name &&
      typeText(other.type) === typeText(field.type)
    );
  });

/** The ids of a column and, for a list, of its items. */
export interface ColumnIds {
  readonly id: number;
  readonly elementId?: number;
}

/** Returns the ids of a schema's columns by name. */
export const columnIds = ({ fields }: IcebergSchema): ReadonlyMap<string, ColumnIds> =>
  new Map(
    fields.map(({ id, name, type }) => [
      name,
      typeof type === 'object' ? { id, elementId: type['element-id'] } : { id },
    ]),
  );

/**
 * Writes the name mapping of a schema, by which engines find the columns of files without ids (Iceberg spec, "Column
 * Projection"). Readers call the items of every list "element", whatever the file calls them.
 */
export const nameMapping = ({ fields }: IcebergSchema, except?: string): string =>
  JSON.stringify(
    fields
      .filter(({ name }) => name !== except)
      .map(({ id, name, type }) => ({
        'field-id': id,
        names: [name],
        ...(typeof type === 'object' && {
          fields: [{ 'field-id': type['element-id'], names: ['element'] }],
        }),
      })),
  );
