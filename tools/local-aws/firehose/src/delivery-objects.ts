import type { DeliveryStreamConfig } from './delivery-stream-config';
import { errorLine, type ErrorOutputType, type FailedRecord } from './error-output';
import { evaluatePrefix, objectName } from './object-key';

/** An object that is written for a buffer. */
export interface DeliveryObject {
  readonly key: string;
  readonly bytes: Uint8Array;
  /** True where the object belongs to the error output. */
  readonly isErrors: boolean;
}

export interface DeliveryObjectsOptions {
  readonly config: Pick<
    DeliveryStreamConfig,
    'name' | 'prefix' | 'errorOutputPrefix' | 'fileExtension'
  >;
  /** One file with this many rows. It is not written where there are none. */
  readonly file: { readonly bytes: Uint8Array; readonly rows: number };
  readonly failed: readonly FailedRecord[];
  /**
   * Arrival of the buffer's oldest record, in milliseconds since 1970: the time from which prefixes are made ("Custom
   * prefixes").
   */
  readonly oldestArrivalMs: number;
  readonly endedAtMs: number;
  readonly randomUuid: () => string;
}

/** Returns the objects of one buffer with their keys: its file, and one for each kind of failure. */
export function deliveryObjects({
  config: { name, prefix, errorOutputPrefix, fileExtension },
  file,
  failed,
  oldestArrivalMs,
  endedAtMs,
  randomUuid,
}: DeliveryObjectsOptions): readonly DeliveryObject[] {
  const objectKey = (pattern: string, extension: string, type?: ErrorOutputType): string =>
    evaluatePrefix(pattern, {
      timestampMs: oldestArrivalMs,
      randomString: () => randomUuid().replaceAll('-', '').slice(0, 11),
      ...(type && { errorOutputType: type }),
    }) +
    objectName({
      deliveryStreamName: name,
      version: 1,
      timestampMs: endedAtMs,
      uuid: randomUuid(),
      extension,
    });
  const objects: DeliveryObject[] = [];
  if (file.rows > 0)
    objects.push({ key: objectKey(prefix, fileExtension), bytes: file.bytes, isErrors: false });
  for (const type of ['processing-failed', 'format-conversion-failed'] as const) {
    const lines = failed.filter(({ errorOutputType }) => errorOutputType === type);
    if (lines.length > 0)
      objects.push({
        key: objectKey(errorOutputPrefix, '', type),
        bytes: Buffer.from(lines.map((line) => errorLine(line, endedAtMs)).join('')),
        isErrors: true,
      });
  }
  return objects;
}
