import { SourceFileError } from '@sluice/event-files';
import { openCsv, type CsvOptions } from './csv-source';
import { openJson } from './json-source';
import { openParquet } from './parquet-source';
import type { ReferenceSource } from './reference-source';

/** Opens a file in the format that its extension names. @throws SourceFileError where it does not have that format */
export function openReferenceFile(options: CsvOptions): Promise<ReferenceSource> {
  const { path, delimiter } = options;
  const [, ending = ''] = /\.(csv|tsv|ndjson|jsonl|json|parquet)(?:\.gz)?$/i.exec(path) ?? [];
  switch (ending.toLowerCase()) {
    case 'csv':
      return openCsv(options);
    case 'tsv':
      return openCsv({ ...options, delimiter: delimiter ?? '\t' });
    case 'ndjson':
    case 'jsonl':
    case 'json':
      return openJson(options);
    case 'parquet':
      return openParquet(options);
    default:
      throw new SourceFileError(
        `${path} does not end in .csv, .tsv, .ndjson, .jsonl or .json, each also with .gz, or in .parquet`,
      );
  }
}
