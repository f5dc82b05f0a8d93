import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { S3Options } from '@sluice/local-s3';
import type { ScannedDay } from './published-lake';

/** What an engine answered to the queries of a {@link ScannedDay}. */
export interface ScanAnswers {
  /** Rows found by day and key. */
  readonly found?: number;
  /** Rows of the day. */
  readonly counted?: number;
}

/** Queries whose requests are counted separately. */
export const scanQueries = ['by key', 'count'] as const;
export type ScanQuery = (typeof scanQueries)[number];

/**
 * Witnesses which data files are requested of S3 while an engine runs a query. The engine's program tells, by a request
 * to {@link url}, which query comes next.
 */
export class ScanLog {
  readonly #server: Server;
  readonly #requested = new Map<string, Set<string>>();
  #query = '';

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#query = decodeURIComponent((request.url ?? '/').slice(1));
      response.end();
    });
  }

  static async start(): Promise<ScanLog> {
    const log = new ScanLog();
    await new Promise<void>((resolve) => {
      log.#server.listen(0, '127.0.0.1', resolve);
    });
    return log;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Notes a request, for S3's option `fault`. */
  readonly note: NonNullable<S3Options['fault']> = ({ key }) => {
    if (this.#query === '' || !key?.includes('/compacted/')) return undefined;
    const keys = this.#requested.get(this.#query) ?? new Set();
    this.#requested.set(this.#query, keys.add(key));
    return undefined;
  };

  /** Returns the keys of the data files that were requested for a query. */
  requested(engine: string, query: ScanQuery): readonly string[] {
    return [...(this.#requested.get(`${engine} ${query}`) ?? [])];
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

/**
 * Compares what an engine read for its queries with what it has to read.
 *
 * @returns what differs, as a sentence; undefined where nothing does
 */
export function scanFault(
  query: ScanQuery,
  requested: readonly string[],
  { rows, mayHold }: ScannedDay,
  { found, counted }: ScanAnswers,
): string | undefined {
  const others = requested.filter((key) => !mayHold.includes(key)).length;
  if (query === 'count')
    return counted !== rows
      ? `${counted ?? 'no'} rows of ${rows}`
      : requested.length > 0
        ? `${requested.length} data files were read to count a sealed day`
        : undefined;
  return found !== 1
    ? `${found ?? 'no'} rows of one`
    : requested.length === 0
      ? 'no data file was read for a row'
      : others > 0
        ? `${others} files were read that can not hold the key`
        : undefined;
}
