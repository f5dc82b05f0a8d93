import type { RequestTrace, SpanAttributes } from '@sluice/traces';
import type { Recording } from './request-meter';

/** A request to S3 of one look-up, for `explain`. */
export interface LoggedRequest {
  readonly method: 'get' | 'list';
  /** Key of the object, or prefix of a listing. */
  readonly of: string;
  /** Bytes that were asked for, both inclusive, or how many of the last: `100-199`, `-8`. Missing for a whole object. */
  readonly range?: string;
  /** Milliseconds from the look-up's start. */
  readonly startMs: number;
  readonly endMs: number;
  /** Bytes of the answer to a `get`. */
  readonly bytes?: number;
  /** Number of objects in a listing. */
  readonly files?: number;
  /** True for the second of two requests for the same, which is sent where the first is late. */
  readonly isSecond?: true;
  /** Outcome of a request that brought no bytes. */
  readonly outcome?: 'not there' | 'cancelled' | 'failed';
}

/** Largest number of requests that an answer names. */
const maxLogged = 200;

/** Keeps the requests of one look-up with their times. */
export class RequestLog implements Recording {
  readonly #requests: LoggedRequest[] = [];
  #leftOut = 0;

  constructor(
    /** Clock of the look-up, in milliseconds. */
    private readonly now: () => number,
    private readonly startMs: number,
  ) {}

  /** The requests that have ended, in the order of their starts. */
  get requests(): readonly LoggedRequest[] {
    return [...this.#requests].sort((a, b) => a.startMs - b.startMs);
  }

  /** Number of requests that ended beyond the largest number to name. */
  get leftOut(): number {
    return this.#leftOut;
  }

  begin: RequestTrace['begin'] = (name, _kind, atStart) => {
    const startMs = this.#elapsedMs();
    return ({ attributes: atEnd = {}, error } = {}) => {
      if (this.#requests.length === maxLogged) this.#leftOut++;
      else
        this.#requests.push({
          method: name === 'ListObjectsV2' ? 'list' : 'get',
          ...described({ ...atStart, ...atEnd }, error),
          startMs,
          endMs: this.#elapsedMs(),
        });
    };
  };

  #elapsedMs(): number {
    return Math.round((this.now() - this.startMs) * 100) / 100;
  }
}

/** Records the same requests in several records. */
export const recordingOf = (records: readonly Recording[]): Recording => ({
  begin: (...part) => {
    const ends = records.map((record) => record.begin(...part));
    return (end) => ends.forEach((endOne) => endOne(end));
  },
});

/** Reads the attributes that the meter gives to a request's span. */
function described(
  attributes: SpanAttributes,
  error: string | undefined,
): Omit<LoggedRequest, 'method' | 'startMs' | 'endMs'> {
  const range = attributes['sluice.range'];
  const bytes = attributes['sluice.bytes'];
  const files = attributes['sluice.files'];
  const outcome =
    attributes['sluice.found'] === false
      ? 'not there'
      : attributes['sluice.cancelled'] === true
        ? 'cancelled'
        : error === undefined
          ? undefined
          : 'failed';
  return {
    of: String(attributes['aws.s3.key'] ?? attributes['sluice.prefix'] ?? ''),
    ...(typeof range === 'string' && { range }),
    ...(typeof bytes === 'number' && { bytes }),
    ...(typeof files === 'number' && { files }),
    ...(attributes['sluice.hedged'] === true && { isSecond: true as const }),
    ...(outcome !== undefined && { outcome }),
  };
}
