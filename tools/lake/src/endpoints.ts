import type { Credentials } from './data-dir';

/**
 * Holds what a local stack writes about itself into `endpoints.json`, which stays there when the stack stops; URLs are without a trailing
 * slash.
 */
export interface Endpoints extends Credentials {
  readonly ingest: string;
  readonly lookup: string;
  readonly s3: string;
  readonly kinesis: string;
  readonly analytics: string;
  /** API of the state of the lake, and of work on it; absent in what an earlier release wrote. */
  readonly operations?: string;
  /** Iceberg REST catalog of the published tables, read-only; its token is the API key. Absent in what an earlier release wrote. */
  readonly icebergCatalog?: string;
  readonly athena: string;
  readonly stepFunctions: string;
  readonly lambda: string;
  readonly secretsManager: string;
  /** Address of the console with its token; absent where it is not built. */
  readonly console?: string;
  readonly bucket: string;
  readonly region: string;
}
