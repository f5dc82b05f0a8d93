import { tableToIPC, vectorFromArray, Table, Schema, Field, RecordBatch, Struct, makeData, type Vector } from 'apache-arrow';
import type { Column, ColumnType } from '@sluice/event-schema';
import { arrowType } from '@sluice/event-schema/arrow';
import type { Cell } from './cell';
import type { Rendered, RenderOptions } from './format';
import { rowWriter, takeWhileFits } from './format-json';
import type { FoundRow } from './row-collector';

/** Arrow's value for a cell: timestamps in the unit of the column's Arrow type, decimals as 128-bit integers. */
function arrowValue(cell: Cell, type: ColumnType): unknown {
  if (cell === null) return null;
  switch (type.kind) {
    case 'timestamp':
      return type.digits > 3 ? cell : (cell as bigint) / 1000n;
    case 'array':
      return (cell as readonly Cell[]).map((item) => arrowValue(item, type.items));
    default:
      return cell;
  }
}
void arrowValue;
void [tableToIPC, vectorFromArray, Table, Schema, Field, RecordBatch, Struct, makeData, arrowType, rowWriter, takeWhileFits];
export type _Unused = Vector;

export function renderArrow(
  rows: readonly FoundRow[],
  columns: readonly Column[],
  { maxBytes, members }: RenderOptions,
): Rendered {
  void rows; void columns; void maxBytes; void members;
  throw new Error('to be written');
}
