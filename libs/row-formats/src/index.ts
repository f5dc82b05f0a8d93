export type { Cell, Row, RowColumn } from './cell';
export {
  dateText,
  decimalText,
  parseDate,
  parseDecimal,
  parseTimestamp,
  timestampText,
} from './cell-text';
export {
  chooseFormat,
  mediaTypes,
  type AnswerMembers,
  type Format,
  type WrittenRows,
} from './format';
