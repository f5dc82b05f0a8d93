import { schemaColumns, type EventType } from '@sluice/event-schema';
import { eventFileEnding } from '../event-file-name';
import { openSourceFile } from '../source-file';
import { SourceFileError, type ReadOptions } from '../text-file';
import { csvTexts } from './csv-events';
import type { EventText } from './event-text';
import { parquetTexts } from './parquet-events';

/** A file of events in any supported format. */
export interface EventFile {
  readonly path: string;
  /** The things that `position` counts. */
  readonly unit: 'line' | 'element' | 'row';
  /** Reads the file from its start. @throws {@link SourceFileError} while iterating */
  texts(options?: ReadOptions): AsyncIterable<EventText>;
}

/**
 * Opens a file of events in the format that its extension names: JSON, NDJSON, CSV or TSV (each also with .gz), or
 * Parquet. Rows of a table become events by the names of their columns, which may be flat (`customer_id`) or nested.
 * A column that the event type does not have stays a member.
 *
 * @example
 * import { openEventFile } from '@sluice/event-files/tables';
 * const file = await openEventFile('orders.csv', { schema: { properties: { id: { type: 'string' } } } });
 * for await (const { text } of file.texts()) console.log(text);
 *
 * @throws {@link SourceFileError} where the file is missing, or not of the format that its extension names
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
