import { open } from 'node:fs/promises';

export type ResultRow = readonly (string | null)[];

/**
 * Writes a CSV field: texts in double quotes, null as an empty field. This is how Athena distinguishes null from an
 * empty text.
 */
const field = (text: string | null): string =>
  text === null ? '' : `"${text.replaceAll('"', '""')}"`;

const line = (row: ResultRow): string => `${row.map(field).join(',')}\n`;

/** Number of characters that are collected before they are written. */
const bufferCharacters = 1 << 18;

/** Writes a result as Athena does: CSV with a line of column names. @returns the number of rows, without that line */
export async function writeResult(
  file: string,
  names: readonly string[],
  rows: AsyncIterable<readonly ResultRow[]>,
): Promise<number> {
  const handle = await open(file, 'w');
  try {
    let buffer = line(names);
    let count = 0;
    for await (const some of rows) {
      for (const row of some) buffer += line(row);
      count += some.length;
      if (buffer.length >= bufferCharacters) {
        await handle.write(buffer);
        buffer = '';
      }
    }
    await handle.write(buffer);
    return count;
  } finally {
    await handle.close();
  }
}

export interface ResultPage {
  readonly rows: readonly ResultRow[];
  /** Byte at which the next page begins; undefined where this is the last page. */
  readonly nextByte: number | undefined;
}

/** Reads rows of a result file, starting at a byte that an earlier page named. @throws ENOENT */
export async function readResultPage(
  file: string,
  { fromByte, maxRows }: { readonly fromByte: number; readonly maxRows: number },
): Promise<ResultPage> {
  // Loaded when first needed, because most stacks start without it.
  const { parse } = await import('csv-parse');
  const handle = await open(file, 'r');
  try {
    const rows: ResultRow[] = [];
    const parser = handle.createReadStream({ start: fromByte, autoClose: false }).pipe(
      parse({
        info: true,
        // A null in the only column is written as an empty line.
        skip_empty_lines: false,
        cast: (text, { quoting }) => (quoting ? text : null),
      }),
    );
    let nextByte = fromByte;
    for await (const { record, info } of parser as AsyncIterable<{
      readonly record: ResultRow;
      readonly info: { readonly bytes: number };
    }>) {
      if (rows.length === maxRows) return { rows, nextByte };
      rows.push(record);
      nextByte = fromByte + info.bytes;
    }
    return { rows, nextByte: undefined };
  } finally {
    await handle.close();
  }
}
