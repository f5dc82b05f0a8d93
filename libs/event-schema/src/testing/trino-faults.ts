import { TrinoSQL } from 'dt-sql-parser/dist/parser/trino';

/** Returns the reasons why a text is not a valid statement of Trino; empty where it is one. */
export const trinoFaults = (sql: string): readonly string[] =>
  new TrinoSQL()
    .validate(sql)
    .map(({ startLine, startColumn, message }) => `${startLine}:${startColumn} ${message}`);
