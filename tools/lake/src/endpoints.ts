import type { Credentials } from './data-dir';

/** What `endpoints.json` holds; URLs without a trailing slash. */
export interface Endpoints extends Credentials {
  readonly ingest: string;
  readonly lookup: string;
  readonly s3: string;
  readonly kinesis: string;
  readonly analytics: string;
  readonly athena: string;
  readonly stepFunctions: string;
  readonly lambda: string;
  readonly bucket: string;
  readonly region: string;
}
