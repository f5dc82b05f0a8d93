export type { Cell, Row, RowColumn } from './cell';
export {
  dateText,
  decimalText,
  parseDate,
  parseDecimal,
  parseTimestamp,
  timestampText,
} from './cell-text';
export { neutralisedText } from './format-csv';
export { chooseFormat, mediaTypes, rowsAnswer } from './choose-format';
export type { AnswerMembers, Format, WrittenRows } from './format';
