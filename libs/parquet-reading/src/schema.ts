import { check, CorruptParquetError, UnsupportedParquetError } from './errors';
import { thriftType, type ThriftReader } from './thrift-reader';
import { leafType, type LeafType, type LogicalType, type PhysicalType } from './value-type';

/**
 * A node of a file's schema. Its shape is also that of hyparquet's `SchemaTree`, whose assembling of nested
 * values we use; maps are hidden from it (`converted_type`), so that keys of any type survive.
 */
export interface SchemaNode {
  readonly element: {
    readonly name: string;
    readonly repetition_type: 'REQUIRED' | 'OPTIONAL' | 'REPEATED';
    readonly converted_type?: 'LIST';
  };
  readonly path: string[];
  readonly children: SchemaNode[];
  /** This node and all below it. */
  readonly count: number;
  readonly isMap: boolean;
  /** Set where the node has no children. */
  readonly leaf?: Leaf;
}

/** A column chunk's column. */
export interface Leaf {
  /** Position among the leaves, and among the chunks of a row group. */
  readonly index: number;
  readonly name: string;
  /** Names from below the root to the leaf, in UTF-8. */
  readonly pathBytes: readonly Uint8Array[];
  readonly type: LeafType;
  readonly maxDefinition: number;
  readonly maxRepetition: number;
  /** From the root to the leaf. */
  readonly nodes: SchemaNode[];
}

export interface FileSchema {
  readonly root: SchemaNode;
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

/** In the order of their codes (parquet.thrift, Type). */
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
/** What one definition or repetition level may count to in a byte. */
const maxLevel = 255;

/** Reads the schema list of a file's metadata. */
export function readSchema(reader: ThriftReader): FileSchema {
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

  const build = (parents: SchemaNode[], definition: number, repetition: number): SchemaNode => {
    const raw = elements[next++];
    check(raw !== undefined, () => 'the schema names more children than it has elements');
    check(parents.length <= maxSchemaDepth, () => `the schema is deeper than ${maxSchemaDepth}`);
    check(
      raw.children >= 0 && raw.children < elements.length,
      () => `the schema's "${raw.name}" claims ${raw.children} children`,
    );
    const isRoot = parents.length === 0;
    const repetitionType = isRoot ? 'REQUIRED' : repetitions[raw.repetition];
    if (!repetitionType)
      throw new CorruptParquetError(
        `the schema's "${raw.name}" has the repetition ${raw.repetition}`,
      );
    const maxDefinition = definition + (repetitionType === 'REQUIRED' ? 0 : 1);
    const maxRepetition = repetition + (repetitionType === 'REPEATED' ? 1 : 0);
    check(maxDefinition <= maxLevel, () => `the schema's "${raw.name}" is nested too deep`);
    const isList = raw.converted === convertedList || raw.logical?.kind === 'list';
    const isMap =
      raw.converted === convertedMap ||
      raw.logical?.kind === 'map' ||
      (raw.converted === convertedMapKeyValue && repetitionType !== 'REPEATED');
    const children: SchemaNode[] = [];
    const node: { -readonly [K in keyof SchemaNode]: SchemaNode[K] } = {
      element: {
        name: raw.name,
        repetition_type: repetitionType,
        ...(isList && { converted_type: 'LIST' }),
      },
      path: [...parents.slice(1).map(({ element }) => element.name), ...(isRoot ? [] : [raw.name])],
      children,
      count: 1,
      isMap,
    };
    const nodes = [...parents, node];
    const wantsChildren = raw.children > 0 || (isRoot && raw.physical === undefined);
    if (!wantsChildren) {
      const physical = raw.physical;
      check(physical !== undefined, () => `the schema's "${raw.name}" has no type`);
      const leaf: Leaf = {
        index: leaves.length,
        name: node.path.join('.'),
        pathBytes: node.path.map((name) => Buffer.from(name)),
        type: leafType({ ...raw, physical }),
        maxDefinition,
        maxRepetition,
        nodes,
      };
      leaves.push(leaf);
      node.leaf = leaf;
      return node;
    }
    for (let child = 0; child < raw.children; child++) {
      const built = build(nodes, maxDefinition, maxRepetition);
      node.count += built.count;
      children.push(built);
    }
    return node;
  };

  const root = build([], 0, 0);
  check(next === elements.length, () => 'the schema has elements that belong to no column');
  return { root, leaves };
}
