// A separate entry point (@sluice/event-schema/arrow), because the transformer must not bundle apache-arrow.
import {
  Bool,
  DateDay,
  Decimal,
  Field,
  Float64,
  Int64,
  List,
  TimestampMicrosecond,
  TimestampMillisecond,
  Utf8,
  type DataType,
} from 'apache-arrow';
import type { ColumnType } from '@sluice/values';

/** Returns Arrow's type for a column type. Times are UTC without a zone, like Athena's `timestamp`. */
export function arrowType(type: ColumnType): DataType {
  switch (type.kind) {
    case 'bigint':
      return new Int64();
    case 'double':
      return new Float64();
    case 'boolean':
      return new Bool();
    case 'date':
      return new DateDay();
    case 'timestamp':
      return type.digits > 3 ? new TimestampMicrosecond() : new TimestampMillisecond();
    case 'decimal':
      return new Decimal(type.scale, type.precision, 128);
    case 'array':
      return new List(new Field('item', arrowType(type.items), true));
    case 'string':
    case 'json':
      return new Utf8();
  }
}
