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
  /** Empty where no record could be converted. */
  readonly parquet: Uint8Array;
  readonly rows: number;
  readonly faults: readonly RecordFault[];
}

/** A record of which nothing was converted. */
export interface RecordFault {
  /** Place among the records given. */
  readonly index: number;
  readonly errorCode: 'DataFormatConversion.MalformedData' | 'DataFormatConversion.InvalidSchema';
  readonly errorMessage: string;
}

type Row = Readonly<Record<string, unknown>>;

/**
 * Converts records, each one or more JSON objects one after another, to one Parquet file. A record with
 * anything else in it, or a value that its column can't hold, is a fault; the others are converted.
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
    // A record is taken whole or not at all.
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

/** @returns the record's objects, or what is wrong with it. */
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

/** The OpenX SerDe's `case.insensitive`, on by default. The last of several spellings wins. */
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
