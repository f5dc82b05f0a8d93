/** Quotes a name for SQL, as Trino and DuckDB require. */
export const sqlName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Quotes a text for SQL, as Trino and DuckDB require: only the quote itself has a meaning inside. */
export const sqlText = (text: string): string => `'${text.replaceAll("'", "''")}'`;
