import { SourceFileError } from '../text-file';
import { CsvError, parse } from 'csv-parse';
import type { Delimiter } from './csv-delimiter';

export interface CsvRecord {
  /** Line on which the record begins. */
  readonly line: number;
  /** Texts as in the file, without their quotes. */
  readonly cells: readonly string[];
}

/**
 * Largest size of a record in bytes. A longer one most likely has a quote that is never closed, and must not fill the
 * memory.
 */
const maxRecordBytes = 4 * 1024 * 1024;

/**
 * Reads CSV (RFC 4180). Lines end with LF, CRLF or a CR alone, also within quotes. A blank line is a record of one
 * empty cell.
 *
 * @param path for messages
 * @throws SourceFileError where the quoting is broken, with the line
 */
export async function* csvRecords(
  chunks: AsyncIterable<string>,
  { path, delimiter }: { readonly path: string; readonly delimiter: Delimiter },
): AsyncGenerator<CsvRecord> {
  const records: CsvRecord[] = [];
  let line = 1;
  const parser = parse({
    delimiter,
    // Without this option, the first line end would decide for the whole file.
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    max_record_size: maxRecordBytes,
    on_record: (cells: readonly string[]) => {
      records.push({ line, cells });
      line += cells.reduce((lines, cell) => lines + lineEnds(cell), 1);
      // Nothing is passed to the parser's own stream, which would drop records before an error.
      return null;
    },
  });
  // Errors arrive in the callbacks below.
  parser.on('error', () => undefined);
  const refusal = (error: unknown): unknown =>
    error instanceof CsvError
      ? new SourceFileError(`${path}, line ${line}: ${sentence(error)}`)
      : error;
  const taken = (): readonly CsvRecord[] => records.splice(0);

  for await (const chunk of chunks) {
    const nul = chunk.indexOf('\0');
    const fault = await written(parser, nul < 0 ? chunk : chunk.slice(0, nul));
    yield* taken();
    if (fault) throw refusal(fault);
    if (nul >= 0)
      throw new SourceFileError(
        `${path}, line ${line}: it holds a NUL character, which no text has`,
      );
  }
  const fault = await new Promise<unknown>((resolve) => {
    parser.once('error', resolve);
    parser.end(() => resolve(undefined));
  });
  yield* taken();
  if (fault) throw refusal(fault);
}

const written = (parser: ReturnType<typeof parse>, chunk: string): Promise<unknown> =>
  new Promise((resolve) => parser.write(chunk, (error) => resolve(error ?? undefined)));

const lineEnds = (cell: string): number =>
  cell.includes('\n') || cell.includes('\r') ? (cell.match(/\r\n|\r|\n/g)?.length ?? 0) : 0;

function sentence(error: CsvError): string {
  const { index } = error as { readonly index?: unknown };
  const cell = typeof index === 'number' ? `cell ${index + 1}` : 'a cell';
  switch (error.code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return `${cell} of the row opens a quote that is never closed`;
    case 'CSV_INVALID_CLOSING_QUOTE':
      return `${cell} of the row goes on after its closing quote; a quote within quotes is written twice`;
    case 'INVALID_OPENING_QUOTE':
      return `${cell} of the row has a quote but does not begin with one; put all of it in quotes, and write a quote within twice`;
    case 'CSV_MAX_RECORD_SIZE':
      return `a row is longer than ${maxRecordBytes / 1024 / 1024} MiB; is a quote not closed?`;
    default:
      return error.message;
  }
}
