import {
  Field,
  Int64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { withFieldIds } from './field-ids';

/** Deleted rows by the path of their file, as positions from 0. */
export type DeletedRows = ReadonlyMap<string, readonly number[]>;

/** Column ids that the format reserves (Iceberg spec, "Reserved Field IDs"). */
const deleteColumnIds = {
  file_path: { id: 2_147_483_546 },
  pos: { id: 2_147_483_545 },
} as const;

/**
 * Returns the rows of a position delete file, in the order that the format requires.
 *
 * @param rows by path of their file
 */
export function positionDeletes(rows: DeletedRows): Table {
  const paths = [...rows.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const files: string[] = [];
  const positions: bigint[] = [];
  for (const path of paths)
    for (const position of [...(rows.get(path) ?? [])].sort((a, b) => a - b)) {
      files.push(path);
      positions.push(BigInt(position));
    }
  const fields = [new Field('file_path', new Utf8(), false), new Field('pos', new Int64(), false)];
  const schema = new Schema(fields);
  const [path] = vectorFromArray(files, new Utf8()).data;
  const [pos] = vectorFromArray(positions, new Int64()).data;
  const data = makeData({
    type: new Struct(fields),
    length: files.length,
    nullCount: 0,
    children: path && pos ? [path, pos] : [],
  });
  return withFieldIds(
    new Table(schema, new RecordBatch(schema, data)),
    new Map(Object.entries(deleteColumnIds)),
  );
}
