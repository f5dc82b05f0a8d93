import type { LocalKinesis } from '@sluice/local-kinesis';
import type { LocalFunction } from '@sluice/local-lambda';
import type { S3Options } from '@sluice/local-s3';

/** What stands at the boundaries between the parts, for a program that puts them to the test. */
export interface StackFaults {
  readonly s3?: S3Options['fault'];
  /** Gives what gateway, delivery streams and functions speak to in place of Kinesis, and closes both. */
  readonly aroundKinesis?: (kinesis: LocalKinesis) => Promise<LocalKinesis>;
  readonly aroundFunction?: (one: LocalFunction) => LocalFunction;
}
