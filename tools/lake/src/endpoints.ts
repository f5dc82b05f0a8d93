import type { Credentials } from './data-dir';

/**
 * Description that a local stack writes about itself into `endpoints.json`, which stays there when the stack stops.
 * URLs have no trailing slash.
 */
export interface Endpoints extends Credentials {
  readonly ingest: string;
  readonly lookup: string;
  readonly s3: string;
  readonly kinesis: string;
  readonly analytics: string;
  /** API of the lake's state and of work on it; missing in files of earlier releases. */
  readonly operations?: string;
  /**
   * Iceberg REST catalogue of the published tables, read-only; its token is the API key. Missing in files of earlier
   * releases.
   */
  readonly icebergCatalog?: string;
  readonly athena: string;
  readonly stepFunctions: string;
  readonly lambda: string;
  readonly secretsManager: string;
  /** Glue's catalog, of the tables that functions made; missing in files of earlier releases. */
  readonly glue?: string;
  /**
   * Address for spans by OTLP over HTTP with JSON, such as `OTEL_EXPORTER_OTLP_ENDPOINT` has it; missing in files of
   * earlier releases.
   */
  readonly traces?: string;
  /** Address of the console with its token; missing where the console is not built. */
  readonly console?: string;
  /** API keys with scopes, by their names; missing where there are none. */
  readonly scopedApiKeys?: Readonly<Record<string, string>>;
  readonly bucket: string;
  readonly region: string;
}
