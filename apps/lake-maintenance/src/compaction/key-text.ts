import { decimalText, timestampText } from '@sluice/columns';
import type { ColumnType } from '@sluice/event-schema';
import type { KeyText } from '@sluice/lake-layout';
import type { Vector } from 'apache-arrow';

/** A key as manifests and rows render it; no key is the empty text. */
export function keyText(keys: Vector | null, row: number, type: ColumnType): KeyText {
  if (!keys?.isValid(row)) return '';
  switch (type.kind) {
    case 'decimal':
      return decimalText(keys)(row);
    case 'timestamp':
      return timestampText(keys, type.digits)(row);
    case 'date':
      return new Date(keys.get(row) as number).toISOString().slice(0, 10);
    default:
      return String(keys.get(row));
  }
}
