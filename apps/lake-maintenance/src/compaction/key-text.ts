import { storedType, storedValues } from '@sluice/columns';
import { keyText, type KeyText } from '@sluice/lake-layout';
import { widening, type ColumnType } from '@sluice/values';
import type { DataType, Vector } from 'apache-arrow';

/** Returns a function that reads the keys in one chunk of a column, in the form of manifests. */
export function keyTexts(keys: Vector, type: ColumnType): (row: number) => KeyText {
  const toCell = widening(storedType(keys.type as DataType), type);
  const value = storedValues(keys);
  return (row) =>
    keyText(toCell && keys.isValid(row) ? (toCell(value(row)) as bigint | string) : null, type);
}
