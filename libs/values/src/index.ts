export type { Cell, ColumnType, ScalarType, TimestampDigits } from './value-type';

// numbers: exact whatever a double holds
export {
  alwaysHeldCharacters,
  canonicalNumber,
  compareNumbers,
  decimalParts,
  doubleHolds,
  isJsonNumber,
  isMultipleOf,
  isSameNumber,
  type DecimalParts,
} from './number-text';
export {
  decimalText,
  fitsDecimal,
  int64Text,
  isInt64,
  numberTraits,
  parseDecimal,
  parseInt64,
  plainDecimal,
  unscaledDecimal,
  type Int64Text,
  type NumberTraits,
} from './decimal-text';

// times: of UTF-8 bytes for the flattener, of texts for all others
export { isDateAt, maxTimestampBytes, timestampLength, writeTimestamp } from './time-scan';
export {
  dateText,
  daysOf,
  exactTimeDigits,
  floorDivide,
  isExactDate,
  microsOf,
  parseDate,
  parseTime,
  readTime,
  sqlTimeOfMillis,
  sqlTimeText,
  timeOfDayText,
  timeText,
  type TimeUnit,
  type WrittenTime,
} from './time-text';

export { fnv1a } from './fnv-1a';
export { anyPosition, pointerStep, pointerSteps } from './json-pointer';
export { isUuid, uuidBytes, uuidText } from './uuid-text';
export { doubleJson, jsonText, storedJson, withJsonMembers, type JsonMember } from './json-text';
export { MisfitError, widening, type StoredType, type StoredValue } from './stored-type';
