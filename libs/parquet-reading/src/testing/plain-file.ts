import { thriftType } from '../thrift';
import { writeThrift, type ThriftStruct, type ThriftValue } from './thrift-writer';

/** An element of a schema, as a test writes it. */
export interface PlainElement {
  readonly name: string;
  readonly repetition?: 'required' | 'optional' | 'repeated';
  readonly children?: readonly PlainElement[];
  /** `text` and `json` are annotated, `bytes` is not. */
  readonly type?: 'int32' | 'int64' | 'text' | 'bytes';
  readonly annotation?: 'LIST' | 'MAP' | 'MAP_KEY_VALUE';
  /** Field number in the union LogicalType; the struct under it is empty. */
  readonly logical?: number;
}

/** An entry of a leaf: its repetition level, its definition level, and its value unless it is null. */
export type PlainEntry = readonly [
  repetition: number,
  definition: number,
  value?: number | string | Uint8Array,
];

export interface PlainGroup {
  readonly rows: number;
  /** Entries of each leaf, in depth-first order. */
  readonly chunks: readonly (readonly PlainEntry[])[];
}

const i32 = (value: number): ThriftValue => ({ type: thriftType.i32, value: BigInt(value) });
const i64 = (value: number): ThriftValue => ({ type: thriftType.i64, value: BigInt(value) });
const text = (value: string): ThriftValue => ({
  type: thriftType.binary,
  value: Buffer.from(value),
});
const struct = (
  fields: readonly (readonly [number, ThriftValue] | undefined)[],
): ThriftValue & { readonly fields: ThriftStruct } => ({
  type: thriftType.struct,
  fields: new Map(fields.filter((field) => field !== undefined)),
});
const list = (itemType: number, items: readonly ThriftValue[]): ThriftValue => ({
  type: thriftType.list,
  itemType,
  items,
});

const physical = { int32: 1, int64: 2, text: 6, bytes: 6 } as const;
const repetitions = { required: 0, optional: 1, repeated: 2 } as const;
const annotations = { MAP: 1, MAP_KEY_VALUE: 2, LIST: 3 } as const;

interface PlainLeaf {
  readonly path: readonly string[];
  readonly type: NonNullable<PlainElement['type']>;
  readonly maxDefinition: number;
  readonly maxRepetition: number;
}

/**
 * Writes a Parquet file of any schema and any levels, plain and uncompressed: files of early writers, and files that
 * no writer would make.
 *
 * @param claimedRows number of rows that the footer states instead of the true one
 */
export function plainFile(
  columns: readonly PlainElement[],
  groups: readonly PlainGroup[],
  { claimedRows }: { readonly claimedRows?: number } = {},
): Uint8Array {
  const elements: ThriftValue[] = [
    struct([
      [4, text('root')],
      [5, i32(columns.length)],
    ]),
  ];
  const leaves: PlainLeaf[] = [];
  const visit = (
    { name, repetition = 'required', children, type = 'int64', annotation, logical }: PlainElement,
    path: readonly string[],
    definition: number,
    repeated: number,
  ): void => {
    elements.push(
      struct([
        children ? undefined : [1, i32(physical[type])],
        [3, i32(repetitions[repetition])],
        [4, text(name)],
        children && [5, i32(children.length)],
        annotation && [6, i32(annotations[annotation])],
        type === 'text' && !children ? [6, i32(0)] : undefined,
        logical === undefined ? undefined : [10, struct([[logical, struct([])]])],
      ]),
    );
    const here = [...path, name];
    const maxDefinition = definition + (repetition === 'required' ? 0 : 1);
    const maxRepetition = repeated + (repetition === 'repeated' ? 1 : 0);
    if (children) for (const child of children) visit(child, here, maxDefinition, maxRepetition);
    else leaves.push({ path: here, type, maxDefinition, maxRepetition });
  };
  for (const column of columns) visit(column, [], 0, 0);

  const parts: Uint8Array[] = [Buffer.from('PAR1')];
  let offset = 4;
  const rowGroups = groups.map(({ rows, chunks }) => {
    const columnChunks = leaves.map((leaf, index) => {
      const entries = chunks[index] ?? [];
      const page = entries.length > 0 ? pageOf(leaf, entries) : new Uint8Array();
      const start = offset;
      parts.push(page);
      offset += page.length;
      const metadata = struct([
        [1, i32(physical[leaf.type])],
        [2, list(thriftType.i32, [i32(0), i32(3)])],
        [3, list(thriftType.binary, leaf.path.map(text))],
        [4, i32(0)],
        [5, i64(entries.length)],
        [6, i64(page.length)],
        [7, i64(page.length)],
        [9, i64(page.length > 0 ? start : 0)],
      ]);
      return struct([
        [2, i64(0)],
        [3, metadata],
      ]);
    });
    return struct([
      [1, list(thriftType.struct, columnChunks)],
      [2, i64(0)],
      [3, i64(rows)],
    ]);
  });
  const rows = claimedRows ?? groups.reduce((sum, group) => sum + group.rows, 0);
  const footer = writeThrift(
    struct([
      [1, i32(1)],
      [2, list(thriftType.struct, elements)],
      [3, i64(rows)],
      [4, list(thriftType.struct, rowGroups)],
    ]).fields,
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return new Uint8Array(Buffer.concat([...parts, footer, length, Buffer.from('PAR1')]));
}

function pageOf(leaf: PlainLeaf, entries: readonly PlainEntry[]): Uint8Array {
  const body = Buffer.concat([
    levels(
      entries.map(([repetition]) => repetition),
      leaf.maxRepetition,
    ),
    levels(
      entries.map(([, definition]) => definition),
      leaf.maxDefinition,
    ),
    ...entries.flatMap(([, , value]) =>
      value === undefined ? [] : [plainValue(value, leaf.type)],
    ),
  ]);
  const header = writeThrift(
    struct([
      [1, i32(0)],
      [2, i32(body.length)],
      [3, i32(body.length)],
      [
        5,
        struct([
          [1, i32(entries.length)],
          [2, i32(0)],
          [3, i32(3)],
          [4, i32(3)],
        ]),
      ],
    ]).fields,
  );
  return Buffer.concat([header, body]);
}

/** Encodes levels as runs of one level each. */
function levels(values: readonly number[], maxLevel: number): Uint8Array {
  if (maxLevel === 0) return new Uint8Array();
  const runs = Buffer.from(values.flatMap((level) => [2, level]));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(runs.length);
  return Buffer.concat([length, runs]);
}

function plainValue(value: number | string | Uint8Array, type: PlainLeaf['type']): Uint8Array {
  if (type === 'int32' || type === 'int64') {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value as number));
    return bytes.subarray(0, type === 'int32' ? 4 : 8);
  }
  const bytes = typeof value === 'number' ? Buffer.alloc(0) : Buffer.from(value as string);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
}
