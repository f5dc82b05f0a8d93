export { neutralisedText } from './format-csv';
export { chooseFormat, mediaTypes } from './choose-format';
export type { AnswerMembers, Format, Row, RowColumn, WrittenRows } from './format';
