/** A name in SQL, as Trino and DuckDB quote it. */
export const sqlName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A text in SQL, as Trino and DuckDB quote it: nothing but the quote itself has a meaning inside. */
export const sqlText = (text: string): string => `'${text.replaceAll("'", "''")}'`;
