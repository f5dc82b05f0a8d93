export { csvField, csvRowWriter, neutralisedText } from './format-csv';
export { rowWriter as jsonRowWriter } from './format-json';
export { chooseFormat, mediaTypes, rowsAnswer } from './choose-format';
export type { AnswerMembers, Format, Row, RowColumn, WrittenRows } from './format';
