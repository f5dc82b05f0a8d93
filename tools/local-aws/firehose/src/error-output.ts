// Lines of the error output: "Data transformation failure handling" and "Record format conversion error
// handling" in the Firehose developer guide.
import type { SourceRecord } from './source-record';

/** A record that could not be delivered, with the data needed to replay it. */
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
      /** The transformation's result for the record, which is all that the converter sees. */
      readonly converted: Uint8Array;
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

/**
 * Returns one line of JSON with its newline. `rawData` is the record as the failing step received it: for the
 * function as it came from the stream, for the conversion as the function returned it (according to floci issue 3349;
 * AWS's page does not say).
 */
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
          rawData: Buffer.from(failed.converted).toString('base64'),
          sequenceNumber: source.sequenceNumber,
          subSequenceNumber: source.subSequenceNumber ?? null,
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
