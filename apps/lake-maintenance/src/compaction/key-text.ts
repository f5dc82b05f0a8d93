import { storedType, storedValues } from '@sluice/columns';
import { keyText, type KeyText } from '@sluice/lake-layout';
import { widening, type ColumnType } from '@sluice/values';
import type { DataType, Vector } from 'apache-arrow';

/** Returns what reads the keys of a column of one chunk as manifests carry them. */
export function keyTexts(keys: Vector, type: ColumnType): (row: number) => KeyText {
  const toCell = widening(storedType(keys.type as DataType), type);
  const value = storedValues(keys);
  return (row) =>
    keyText(toCell && keys.isValid(row) ? (toCell(value(row)) as bigint | string) : null, type);
}
