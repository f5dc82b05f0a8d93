// Record format conversion: JSON in by the OpenX SerDe, Parquet out by the Glue table ("Converting input
// record format in Amazon Data Firehose").
import { createRowTableBuilder, parseRowJson } from '@sluice/columns';
import { rawLayout, writeParquet } from '@sluice/parquet-writing';
import { splitJsonTexts } from '@sluice/event-files';
import { hiveColumnType } from './hive-type';

export interface GlueColumn {
  readonly Name: string;
  readonly Type: string;
}

export interface ConversionResult {
  /** The file's bytes; empty where no record could be converted. */
  readonly parquet: Uint8Array;
  readonly rows: number;
  readonly faults: readonly RecordFault[];
}

/** A record that was not converted at all. */
export interface RecordFault {
  /** Position among the given records, from 0. */
  readonly index: number;
  readonly errorCode: 'DataFormatConversion.MalformedData' | 'DataFormatConversion.InvalidSchema';
  readonly errorMessage: string;
}

type Row = Readonly<Record<string, unknown>>;

/**
 * Converts records, each of which holds one or more JSON objects, to one Parquet file. A record that holds anything
 * else, or a value that its column can't hold, is reported as a fault; the others are converted.
 */
export function convertRecords(
  records: readonly Uint8Array[],
  glueColumns: readonly GlueColumn[],
): ConversionResult {
  const columns = glueColumns.map(({ Name, Type }) => ({ name: Name, type: hiveColumnType(Type) }));
  const builder = createRowTableBuilder(columns);
  const faults: RecordFault[] = [];
  const malformed = (index: number, errorMessage: string): void => {
    faults.push({ index, errorCode: 'DataFormatConversion.MalformedData', errorMessage });
  };

  records.forEach((record, index) => {
    const rows = readRows(record);
    if (typeof rows === 'string') {
      malformed(index, rows);
      return;
    }
    // A record is converted completely or not at all.
    const before = builder.rowCount;
    for (const row of rows) {
      const fault = builder.append(row);
      if (!fault) continue;
      builder.truncate(before);
      malformed(index, `column ${fault.column}: ${fault.detail}`);
      return;
    }
  });

  const rows = builder.rowCount;
  return {
    parquet: rows > 0 ? writeParquet(builder.finish(), rawLayout).bytes : new Uint8Array(),
    rows,
    faults,
  };
}

/** Parses a record. @returns its objects, or a sentence about its fault */
function readRows(record: Uint8Array): readonly Row[] | string {
  const text = Buffer.from(record.buffer, record.byteOffset, record.length).toString('utf8');
  if (text.trim() === '') return 'the record is empty';
  const rows: Row[] = [];
  const texts = text.includes('\n') || text.includes('}{') ? splitJsonTexts(text) : [text];
  for (const one of texts) {
    let value: unknown;
    try {
      value = parseRowJson(one);
    } catch (error) {
      return `not JSON: ${(error as Error).message}`;
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return 'not a JSON object';
    rows.push(lowerCaseKeys(value as Row));
  }
  return rows;
}

/**
 * Writes a row's keys in lower case: the OpenX SerDe's `case.insensitive`, which is on by default. The last of
 * several spellings wins.
 */
function lowerCaseKeys(row: Row): Row {
  let lowered: Record<string, unknown> | undefined;
  for (const name of Object.keys(row)) {
    const lower = name.toLowerCase();
    if (lower === name) continue;
    lowered ??= { ...row };
    lowered[lower] = row[name];
  }
  return lowered ?? row;
}
