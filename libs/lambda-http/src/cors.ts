// The one writer of CORS headers, for the answers of functions and for the documents by which API Gateway answers itself.

/** Access to an API for scripts of other sites. */
export interface Cors {
  /**
   * `*` or one origin, such as `https://app.example.com`. API keys travel in a header, never in a cookie, so `*` gives nothing
   * away.
   */
  readonly allowOrigin: string;
}

export const everyOrigin: Cors = { allowOrigin: '*' };

/**
 * Headers of answers that scripts may read, in addition to those that every script may (Fetch standard,
 * "CORS-safelisted response-header name"). One list serves all APIs: naming a header that an API never sends reveals
 * nothing.
 */
const readableHeaders = [
  'ETag',
  'Location',
  'Retry-After',
  'Server-Timing',
  'X-Amzn-RequestId',
  'X-Columns-Left-Out',
  'X-Event-Types-Left-Out',
  'X-Next-Cursor',
  'X-Query-State',
  'X-Reference-Tables-Left-Out',
  'X-Restricted-Records',
  'X-Row-Count',
  'X-Sealed-Records',
];

/**
 * Headers that scripts may send: those that an API reads, an API key, the trace that a request belongs to, and those
 * of a request signed with IAM credentials.
 */
const sendableHeaders = [
  'Accept',
  'Authorization',
  'Content-Encoding',
  'Content-Type',
  'If-None-Match',
  'X-Amz-Content-Sha256',
  'X-Amz-Date',
  'X-Amz-Security-Token',
  'x-api-key',
  'traceparent',
];

/** Seconds for which a browser need not ask again; Chromium keeps no answer for longer. */
const maxAgeSeconds = 7_200;

/** Returns the headers, by name, of every answer except the one to a preflight; none where browsers are kept out. */
export const corsHeaders = (cors: Cors | undefined): Readonly<Record<string, string>> =>
  cors
    ? {
        'Access-Control-Allow-Origin': cors.allowOrigin,
        'Access-Control-Expose-Headers': readableHeaders.join(','),
      }
    : {};

/**
 * Returns the headers, by name, of the answer to a preflight: a browser's question whether a script may send its
 * request.
 */
export const preflightHeaders = (
  { allowOrigin }: Cors,
  methods: readonly string[],
): Readonly<Record<string, string>> => ({
  'Access-Control-Allow-Origin': allowOrigin,
  'Access-Control-Allow-Methods': methods.join(','),
  'Access-Control-Allow-Headers': sendableHeaders.join(','),
  'Access-Control-Max-Age': String(maxAgeSeconds),
});
