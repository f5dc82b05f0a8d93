/** Words with which a line can be completed. */
export interface Vocabulary {
  readonly tables: readonly string[];
  /** Columns by table. */
  readonly columns: ReadonlyMap<string, readonly string[]>;
}

const shellCommands = ['.help', '.quit', '.schema', '.tables'];

// oxfmt-ignore
const keywords = [
  'and', 'as', 'asc', 'avg', 'between', 'by', 'case', 'cast', 'count', 'date', 'desc', 'describe', 'distinct', 'else', 'end',
  'except', 'explain', 'from', 'full', 'group', 'having', 'in', 'inner', 'intersect', 'interval', 'is', 'join', 'left', 'like',
  'limit', 'max', 'min', 'not', 'null', 'offset', 'on', 'or', 'order', 'outer', 'over', 'partition', 'right', 'select', 'sum',
  'then', 'timestamp', 'union', 'unnest', 'using', 'values', 'when', 'where', 'with',
];

/**
 * Returns the possible completions of a line, and the part at its end that they replace, in the form of
 * `node:readline`.
 */
export function completeLine(
  line: string,
  { tables, columns }: Vocabulary,
): readonly [readonly string[], string] {
  const word = /[\w.]*$/.exec(line)?.[0] ?? '';
  const before = line.slice(0, line.length - word.length);
  if (before.trim() === '' && word.startsWith('.'))
    return [startingWith(shellCommands, word), word];
  if (/(?:\b(?:from|join)\s+|^\.schema\s+)$/i.test(before))
    return [startingWith(tables, word), word];
  const [, table = '', part] = /^(\w+)\.(\w*)$/.exec(word) ?? [];
  if (part !== undefined) return [startingWith(columnsOf(table, line, columns), part), part];
  const named = tables.filter((name) => new RegExp(`\\b${name}\\b`, 'i').test(line));
  const fields = (named.length > 0 ? named : tables).flatMap((name) => columns.get(name) ?? []);
  return [startingWith([...new Set([...keywords, ...fields, ...tables])].sort(), word), word];
}

/** Returns the columns of a table by its name, or by an alias in the line. */
function columnsOf(name: string, line: string, columns: Vocabulary['columns']): readonly string[] {
  const named = line.matchAll(new RegExp(`\\b(\\w+)\\s+(?:as\\s+)?${name}\\b`, 'gi'));
  const tables = [name, ...[...named].map(([, table = '']) => table)];
  return columns.get(tables.find((table) => columns.has(table)) ?? '') ?? [];
}

const startingWith = (words: readonly string[], start: string): readonly string[] =>
  words.filter((word) => word.startsWith(start.toLowerCase()));
