import { TrinoSQL } from 'dt-sql-parser/dist/parser/trino';

/** Returns what keeps a text from being a statement of Trino; empty where nothing does. */
export const trinoFaults = (sql: string): readonly string[] =>
  new TrinoSQL()
    .validate(sql)
    .map(({ startLine, startColumn, message }) => `${startLine}:${startColumn} ${message}`);
