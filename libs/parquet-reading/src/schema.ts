import { check, CorruptParquetError, UnsupportedParquetError } from './errors';
import { thriftType, type ThriftReader } from './thrift-reader';
import { shapeOf, type Leaf, type SchemaNode, type Shape } from './shape';
import { leafType, type LogicalType, type PhysicalType } from './value-type';

/** A column of the file as a table shows it: a child of the schema's root. */
export interface FileColumn {
  readonly name: string;
  readonly shape: Shape;
  /** Leaves below the column, at least one. */
  readonly leaves: readonly Leaf[];
}

export interface FileSchema {
  readonly columns: readonly FileColumn[];
  readonly leaves: readonly Leaf[];
}

interface RawElement {
  readonly name: string;
  readonly children: number;
  readonly repetition: number;
  readonly physical?: PhysicalType;
  readonly byteLength: number;
  readonly converted?: number;
  readonly logical?: LogicalType;
  readonly scale: number;
  readonly precision: number;
}

/** Physical types in the order of their codes (parquet.thrift, Type). */
export const physicalTypes: readonly PhysicalType[] = [
  'BOOLEAN',
  'INT32',
  'INT64',
  'INT96',
  'FLOAT',
  'DOUBLE',
  'BYTE_ARRAY',
  'FIXED_LEN_BYTE_ARRAY',
];
const repetitions = ['REQUIRED', 'OPTIONAL', 'REPEATED'] as const;

/** ConvertedType values (parquet-format: parquet.thrift). */
const convertedMap = 1;
const convertedMapKeyValue = 2;
const convertedList = 3;

const maxSchemaDepth = 64;
/** Largest definition or repetition level, so that a level fits in a byte. */
const maxLevel = 255;

/** Reads the schema list of a file's metadata. */
export function readSchema(reader: ThriftReader): FileSchema {
  const start = reader.offset;
  // A list says itself where it ends, so metadata that begins with the bytes of the last schema has the same schema.
  if (lastSchema && reader.startsWith(lastSchema.bytes)) {
    reader.offset += lastSchema.bytes.length;
    return lastSchema.schema;
  }
  const schema = parseSchema(reader);
  lastSchema = { bytes: reader.bytes.slice(start, reader.offset), schema };
  return schema;
}

/** The schema that was read last. The files of a table mostly share one schema, and are read one after another. */
let lastSchema: { readonly bytes: Uint8Array; readonly schema: FileSchema } | undefined;

function parseSchema(reader: ThriftReader): FileSchema {
  const elements: RawElement[] = [];
  const count = reader.list(thriftType.struct);
  for (let index = 0; index < count; index++) elements.push(readElement(reader));
  return buildSchema(elements);
}

function readElement(reader: ThriftReader): RawElement {
  let name = '';
  let children = 0;
  let repetition = 0;
  let physical: PhysicalType | undefined;
  let byteLength = 0;
  let converted: number | undefined;
  let logical: LogicalType | undefined;
  let scale = 0;
  let precision = 0;
  for (let id = reader.field(0); id !== 0; id = reader.field(id))
    switch (id) {
      case 1: {
        const code = reader.i32();
        physical = physicalTypes[code];
        if (!physical) throw new UnsupportedParquetError(`the schema has the unknown type ${code}`);
        break;
      }
      case 2:
        byteLength = reader.i32();
        break;
      case 3:
        repetition = reader.i32();
        break;
      case 4:
        name = reader.text();
        break;
      case 5:
        children = reader.i32();
        break;
      case 6:
        converted = reader.i32();
        break;
      case 7:
        scale = reader.i32();
        break;
      case 8:
        precision = reader.i32();
        break;
      case 10:
        logical = readLogicalType(reader);
        break;
      default:
        reader.skip();
    }
  return {
    name,
    children,
    repetition,
    byteLength,
    scale,
    precision,
    ...(physical && { physical }),
    ...(converted !== undefined && { converted }),
    ...(logical && { logical }),
  };
}

/** Fields of the union `LogicalType` (parquet-format: parquet.thrift). */
const plainLogicalTypes: Readonly<Record<number, LogicalType['kind']>> = {
  1: 'string',
  2: 'map',
  3: 'list',
  4: 'enum',
  6: 'date',
  11: 'null',
  12: 'json',
  13: 'bson',
  14: 'uuid',
  15: 'float16',
  16: 'variant',
  17: 'geometry',
  18: 'geography',
};

function readLogicalType(reader: ThriftReader): LogicalType | undefined {
  let logical: LogicalType | undefined;
  reader.struct();
  for (let id = reader.field(0); id !== 0; id = reader.field(id)) {
    const plain = plainLogicalTypes[id];
    reader.struct();
    if (plain) {
      logical = { kind: plain } as LogicalType;
      reader.skip();
    } else if (id === 5) logical = readDecimalType(reader);
    else if (id === 7 || id === 8) logical = readTimeType(reader, id === 7 ? 'time' : 'timestamp');
    else if (id === 10) logical = readIntegerType(reader);
    else {
      logical = { kind: 'other' };
      reader.skip();
    }
  }
  return logical;
}

function readDecimalType(reader: ThriftReader): LogicalType {
  let scale = 0;
  let precision = 0;
  for (let id = reader.field(0); id !== 0; id = reader.field(id))
    if (id === 1) scale = reader.i32();
    else if (id === 2) precision = reader.i32();
    else reader.skip();
  return { kind: 'decimal', scale, precision };
}

function readTimeType(reader: ThriftReader, kind: 'time' | 'timestamp'): LogicalType {
  const units = ['millis', 'micros', 'nanos'] as const;
  let unit: (typeof units)[number] | undefined;
  for (let id = reader.field(0); id !== 0; id = reader.field(id)) {
    if (id === 2) {
      reader.struct();
      for (let inner = reader.field(0); inner !== 0; inner = reader.field(inner)) {
        unit = units[inner - 1];
        reader.skip();
      }
    } else reader.skip();
  }
  if (!unit) throw new UnsupportedParquetError(`the schema has a ${kind} without a known unit`);
  return { kind, unit };
}

function readIntegerType(reader: ThriftReader): LogicalType {
  let bits = 64;
  let signed = true;
  for (let id = reader.field(0); id !== 0; id = reader.field(id))
    if (id === 1) {
      check(reader.type === thriftType.byte, () => 'an integer type has no width');
      bits = reader.bytes[reader.offset] ?? 0;
      reader.skip();
    } else if (id === 2) signed = reader.bool();
    else reader.skip();
  return { kind: 'integer', bits, signed };
}

function buildSchema(elements: readonly RawElement[]): FileSchema {
  const leaves: Leaf[] = [];
  let next = 0;

  const build = (
    path: readonly string[],
    definition: number,
    repetition: number,
    isRoot = false,
  ): SchemaNode => {
    const raw = elements[next++];
    check(raw !== undefined, () => 'the schema names more children than it has elements');
    check(path.length < maxSchemaDepth, () => `the schema is deeper than ${maxSchemaDepth}`);
    check(
      raw.children >= 0 && raw.children < elements.length,
      () => `the schema's "${raw.name}" claims ${raw.children} children`,
    );
    const repetitionType = isRoot ? 'REQUIRED' : repetitions[raw.repetition];
    if (!repetitionType)
      throw new CorruptParquetError(
        `the schema's "${raw.name}" has the repetition ${raw.repetition}`,
      );
    const maxDefinition = definition + (repetitionType === 'REQUIRED' ? 0 : 1);
    const maxRepetition = repetition + (repetitionType === 'REPEATED' ? 1 : 0);
    check(maxDefinition <= maxLevel, () => `the schema's "${raw.name}" is nested too deep`);
    const node = {
      name: raw.name,
      repetition: repetitionType,
      annotation: annotationOf(raw, repetitionType),
      maxDefinition,
      maxRepetition,
    };
    const pathHere = isRoot ? [] : [...path, raw.name];
    const wantsChildren = raw.children > 0 || (isRoot && raw.physical === undefined);
    if (!wantsChildren) {
      const physical = raw.physical;
      check(physical !== undefined, () => `the schema's "${raw.name}" has no type`);
      const leaf: Leaf = {
        index: leaves.length,
        name: pathHere.join('.'),
        pathBytes: pathHere.map((name) => Buffer.from(name)),
        type: leafType({ ...raw, physical }),
        maxDefinition,
        maxRepetition,
      };
      leaves.push(leaf);
      return { ...node, leaf, children: [] };
    }
    const children: SchemaNode[] = [];
    for (let child = 0; child < raw.children; child++)
      children.push(build(pathHere, maxDefinition, maxRepetition));
    return { ...node, children };
  };

  const root = build([], 0, 0, true);
  check(next === elements.length, () => 'the schema has elements that belong to no column');
  const columns = root.children.map((node): FileColumn => ({
    name: node.name,
    shape: shapeOf(node),
    leaves: leavesOf(node),
  }));
  return { columns, leaves };
}

const leavesOf = (node: SchemaNode): readonly Leaf[] =>
  node.leaf ? [node.leaf] : node.children.flatMap(leavesOf);

function annotationOf(
  { converted, logical }: RawElement,
  repetition: SchemaNode['repetition'],
): SchemaNode['annotation'] {
  if (converted === convertedList || logical?.kind === 'list') return 'list';
  const isMap =
    converted === convertedMap ||
    logical?.kind === 'map' ||
    // Some writers use it instead of MAP (parquet-format, LogicalTypes.md, Maps).
    (converted === convertedMapKeyValue && repetition !== 'REPEATED');
  if (isMap) return 'map';
  return logical?.kind === 'variant' ? 'variant' : undefined;
}

/**
 * Returns the only column of this name.
 *
 * @returns undefined where there is none
 * @throws UnsupportedParquetError where there are several, so that it is not known which is meant
 */
export function columnNamed({ columns }: FileSchema, name: string): FileColumn | undefined {
  const found = columns.filter((column) => column.name === name);
  if (found.length > 1)
    throw new UnsupportedParquetError(`the file has ${found.length} columns named "${name}"`);
  return found[0];
}

/** Returns the leaf of the column with this name; undefined where there is none or it is nested. */
export function columnLeaf(schema: FileSchema, name: string): Leaf | undefined {
  const shape = columnNamed(schema, name)?.shape;
  return shape?.kind === 'value' ? shape.leaf : undefined;
}
