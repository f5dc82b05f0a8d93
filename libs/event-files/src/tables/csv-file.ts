import { openTextFile, SourceFileError, type ReadOptions, type TextFile } from '../text-file';
import { detectDelimiter, type Delimiter } from './csv-delimiter';
import { csvRecords, type CsvRecord } from './csv-records';

/** A CSV file whose first record names the columns. */
export interface CsvFile {
  readonly delimiter: Delimiter;
  /** Names of the columns, trimmed; none where the file has only blank lines. */
  readonly header: readonly string[];
  /** Reads the records after the header. A blank line is one only where rows have one cell. */
  readonly rows: (options?: ReadOptions) => AsyncIterable<CsvRecord>;
}

/** Number of characters from which the delimiter is detected. */
const sampleCharacters = 64 * 1024;

/**
 * Opens a CSV file.
 *
 * @param given the delimiter; detected where it is undefined
 * @throws {@link SourceFileError} where it is JSON
 */
export async function openCsvFile(path: string, given: Delimiter | undefined): Promise<CsvFile> {
  const file = await openTextFile(path);
  const sample = await beginning(file);
  if (looksLikeJson(sample))
    throw new SourceFileError(
      `${path} is JSON and no CSV; give it a name that ends in .json, or in .ndjson with an object in each line`,
    );
  const delimiter = given ?? detectDelimiter(sample);
  const records = (options?: ReadOptions): AsyncIterable<CsvRecord> =>
    csvRecords(file.chunks(options), { path, delimiter });
  const header = await readHeader(records());
  return {
    delimiter,
    header,
    rows: async function* (options) {
      let isBody = false;
      for await (const record of records(options))
        if (isBody && (header.length === 1 || !isBlank(record))) yield record;
        else isBody ||= !isBlank(record);
    },
  };
}

/** Decides whether a text begins like JSON: with an object, or an array of objects. No header of a table does. */
const looksLikeJson = (sample: string): boolean => /^\s*(?:\[\s*)?\{\s*(?:"|\})/.test(sample);

async function beginning(file: TextFile): Promise<string> {
  let text = '';
  for await (const chunk of file.chunks()) {
    text += chunk;
    if (text.length >= sampleCharacters) break;
  }
  return text.slice(0, sampleCharacters);
}

async function readHeader(records: AsyncIterable<CsvRecord>): Promise<readonly string[]> {
  for await (const record of records)
    if (!isBlank(record)) return record.cells.map((cell) => cell.trim());
  return [];
}

const isBlank = ({ cells }: CsvRecord): boolean => cells.length === 1 && cells[0] === '';
