export { neutralisedText } from './format-csv';
export { chooseFormat, mediaTypes, rowsAnswer } from './choose-format';
export type { AnswerMembers, Format, Row, RowColumn, WrittenRows } from './format';
