import { open } from 'node:fs/promises';

export type ResultRow = readonly (string | null)[];

/** Returns a text in double quotes and null as nothing: so Athena tells the empty text from null in its CSV. */
const field = (text: string | null): string =>
  text === null ? '' : `"${text.replaceAll('"', '""')}"`;

const line = (row: ResultRow): string => `${row.map(field).join(',')}\n`;

/** Characters that are collected before they are written. */
const bufferCharacters = 1 << 18;

/** Writes a result as Athena does: CSV with a line of names. @returns how many rows, without the names */
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
  /** Byte that the next page begins at; undefined where there is none. */
  readonly nextByte: number | undefined;
}

/** Reads rows of a result file from a byte on, which an earlier page named. @throws ENOENT */
export async function readResultPage(
  file: string,
  { fromByte, maxRows }: { readonly fromByte: number; readonly maxRows: number },
): Promise<ResultPage> {
  // At the first need: a stack that is asked nothing starts without it.
  const { parse } = await import('csv-parse');
  const handle = await open(file, 'r');
  try {
    const rows: ResultRow[] = [];
    const parser = handle.createReadStream({ start: fromByte, autoClose: false }).pipe(
      parse({
        info: true,
        // A null in the only column is an empty line.
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
