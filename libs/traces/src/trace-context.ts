import { createHash, randomBytes } from 'node:crypto';

/** A position in a trace: the span under which further ones are put (W3C Trace Context, `traceparent`). */
export interface TraceContext {
  /** 32 hexadecimal digits in lower case. */
  readonly traceId: string;
  /** 16 hexadecimal digits in lower case; undefined at the beginning of a trace. */
  readonly spanId: string | undefined;
}

export interface Traceparent extends TraceContext {
  /** True where the caller records the trace. */
  readonly isSampled: boolean;
}

const noSpan = '0'.repeat(16);
const noTrace = '0'.repeat(32);

/**
 * Parses the header `traceparent` of version 00 (W3C Trace Context, section 3.2). Of a higher version the same members
 * are read, as its section 4.3 asks.
 *
 * @returns undefined where it is malformed or absent, as if it had not been sent
 */
export function parseTraceparent(text: string | undefined): Traceparent | undefined {
  const [, version, traceId = '', spanId = '', flags = '', rest] =
    /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(text ?? '') ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && rest !== undefined))
    return undefined;
  if (traceId === noTrace || spanId === noSpan) return undefined;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** Returns the header `traceparent` of a recorded trace. */
export const traceparent = ({ traceId, spanId = noSpan }: TraceContext): string =>
  `00-${traceId}-${spanId}-01`;

/** Returns a new id of a trace. */
export const newTraceId = (): string => randomBytes(16).toString('hex');

/** Returns a new id of a span. */
export const newSpanId = (): string => randomBytes(8).toString('hex');

/**
 * Returns the id of a span, derived from the work that it describes, so that the same work always has the same id.
 *
 * @param parts what tells it from the other spans of its trace
 */
export const spanIdOf = (traceId: string, ...parts: readonly (string | number)[]): string =>
  createHash('sha256')
    .update(JSON.stringify([traceId, ...parts]))
    .digest('hex')
    .slice(0, 16);
