import { cellReader } from '@sluice/columns';
import { keyText, type KeyText } from '@sluice/lake-layout';
import type { ColumnType } from '@sluice/values';
import type { Vector } from 'apache-arrow';

/** Returns what reads the keys of a key column as manifests carry them. @param keys a column of exactly this type */
export function keyTexts(keys: Vector, type: ColumnType): (row: number) => KeyText {
  const read = cellReader(keys, type);
  if (!read) throw new Error(`keys are no ${type.kind}`);
  return (row) => keyText(read(row) as Parameters<typeof keyText>[0], type);
}
