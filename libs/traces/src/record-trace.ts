/**
 * Trace that an event belongs to, and the request that it came with. The gateway writes it as a line before the bytes
 * of an event whose request is recorded:
 *
 *     \x1esluice-trace/1 <traceparent> <request id> <milliseconds since 1970> <index>\n <event>
 *
 * Like an envelope, the line begins with a byte that begins no JSON text and no gzip file. Its members are checked by
 * the gateway and again here.
 */
export interface RecordTrace {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** Span of the client that sent the request, as 16 hexadecimal digits; undefined where the trace begins here. */
  readonly parentSpanId: string | undefined;
  /** Id that API Gateway gave the request. */
  readonly requestId: string;
  /** Moment at which API Gateway received the request, in milliseconds since 1970. */
  readonly requestMs: number;
  /** Position of the event in its request, from 0. */
  readonly index: number;
}

/** First bytes of the line. The templates of the ingest gateway write the same. */
export const traceMagicText = '\x1esluice-trace/1 ';

const noSpan = '0'.repeat(16);
const linePattern =
  /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2} ([0-9a-f-]{36}) ([0-9]{1,15}) ([0-9]{1,4})$/;

/** Returns the line of a trace, with its line feed. */
export const traceLine = ({
  traceId,
  parentSpanId = noSpan,
  requestId,
  requestMs,
  index,
}: RecordTrace): string =>
  `${traceMagicText}00-${traceId}-${parentSpanId}-01 ${requestId} ${requestMs} ${index}\n`;

/** Parses what follows the first bytes of a line. @returns undefined where it is malformed */
export function parseTraceLine(text: string): RecordTrace | undefined {
  const [, traceId, parent, requestId, requestMs, index] = linePattern.exec(text) ?? [];
  if (traceId === undefined || requestId === undefined) return undefined;
  return {
    traceId,
    parentSpanId: parent === noSpan ? undefined : parent,
    requestId,
    requestMs: Number(requestMs),
    index: Number(index),
  };
}
