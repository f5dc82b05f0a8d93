// Lines of the error output: "Data transformation failure handling" and "Record format conversion error
// handling" in the Firehose developer guide.
import type { SourceRecord } from './source-record';

/** A record that could not be delivered, with what is needed to replay it. */
export type FailedRecord =
  | {
      readonly errorOutputType: 'processing-failed';
      readonly source: SourceRecord;
      readonly attempts: number;
      readonly errorCode: string;
      readonly errorMessage: string;
      readonly functionArn: string;
    }
  | {
      readonly errorOutputType: 'format-conversion-failed';
      readonly source: SourceRecord;
      readonly errorCode: string;
      readonly errorMessage: string;
      readonly table: GlueTableRef;
    };

export type ErrorOutputType = FailedRecord['errorOutputType'];

export interface GlueTableRef {
  readonly catalogId: string;
  readonly databaseName: string;
  readonly tableName: string;
  readonly region: string;
}

/** One JSON line with its newline. `rawData` is the record as it came from the stream. */
export function errorLine(failed: FailedRecord, endedAtMs: number): string {
  const { source } = failed;
  const line =
    failed.errorOutputType === 'processing-failed'
      ? {
          attemptsMade: failed.attempts,
          arrivalTimestamp: source.arrivalMs,
          errorCode: failed.errorCode,
          errorMessage: failed.errorMessage,
          attemptEndingTimestamp: endedAtMs,
          rawData: source.data,
          lambdaARN: failed.functionArn,
        }
      : {
          attemptsMade: 1,
          arrivalTimestamp: source.arrivalMs,
          lastErrorCode: failed.errorCode,
          lastErrorMessage: failed.errorMessage,
          attemptEndingTimestamp: endedAtMs,
          rawData: source.data,
          sequenceNumber: source.sequenceNumber,
          subSequenceNumber: null,
          dataCatalogTable: {
            catalogId: failed.table.catalogId,
            databaseName: failed.table.databaseName,
            tableName: failed.table.tableName,
            region: failed.table.region,
            versionId: 'LATEST',
          },
        };
  return `${JSON.stringify(line)}\n`;
}
