import { schemaColumns, type EventType } from '@sluice/event-schema';
import { eventFileEnding } from '../event-file-name';
import { openSourceFile } from '../source-file';
import { SourceFileError, type ReadOptions } from '../text-file';
import { csvTexts } from './csv-events';
import { parquetTexts } from './parquet-events';

/** One candidate event of a file. */
export interface EventText {
  /** Line, element or row of the file; the first is 1, and no two of a file share one. */
  readonly position: number;
  /** JSON text: as it stands in the file, or made from a row of a table. */
  readonly text: string;
  /** Says why a row of a table has no JSON text; `text` then holds what there is of it. */
  readonly fault?: string;
}

/** A file of events, whatever its format. */
export interface EventFile {
  readonly path: string;
  /** What `position` counts. */
  readonly unit: 'line' | 'element' | 'row';
  /** Reads the file from its start. @throws {@link SourceFileError} while iterating */
  texts(options?: ReadOptions): AsyncIterable<EventText>;
}

/**
 * Opens a file of events as what its ending says: JSON, NDJSON, CSV, TSV, each also with .gz, or Parquet. Rows of a table become events by
 * the names of their columns, be they flat (`customer_id`) or nested; a column that the event type does not know stays a member.
 *
 * @example
 * import { openEventFile } from '@sluice/event-files/tables';
 * const file = await openEventFile('orders.csv', { schema: { properties: { id: { type: 'string' } } } });
 * for await (const { text } of file.texts()) console.log(text);
 *
 * @throws {@link SourceFileError} where it is missing, or not what its ending says
 */
export async function openEventFile(
  path: string,
  eventType: Pick<EventType, 'schema'>,
): Promise<EventFile> {
  const columns = schemaColumns(eventType.schema);
  switch (eventFileEnding(path)) {
    case 'csv':
      return { path, unit: 'line', texts: await csvTexts(path, columns, undefined) };
    case 'tsv':
      return { path, unit: 'line', texts: await csvTexts(path, columns, '\t') };
    case 'parquet':
      return { path, unit: 'row', texts: await parquetTexts(path, columns) };
    case undefined:
      throw new SourceFileError(
        `${path} does not end in .json, .ndjson, .jsonl, .csv or .tsv, each also with .gz, or in .parquet`,
      );
    default:
      return openSourceFile(path, { mayBeEmpty: true });
  }
}
