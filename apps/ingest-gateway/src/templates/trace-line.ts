// Directives that put a line before the events of a recorded request: its trace, the request's id and its time.
import { traceMagicText } from '@sluice/traces';

/** Recording of requests by the gateway. */
export interface GatewayTraces {
  /** Share of the requests without a `traceparent` that are recorded, from 0 to 1. */
  readonly share: number;
}

/**
 * Largest size of a recorded event, and of a batch, in characters, of which each has at most 3 bytes in UTF-8. With
 * the line they stay within what Kinesis takes: 1 MiB a record, 5 MiB a request.
 */
const maxEventCharacters = 262_144;
const maxBatchCharacters = 1_048_576;
/** Number of a batch's events that are recorded, from the first. */
const maxTracedInBatch = 50;

/** A request id as API Gateway makes it. A client that chose its own gets no line. */
const anyId = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';

/** Returns a pattern of valid `traceparent`s of version 00 (W3C Trace Context, section 3.2), the only one that is passed on. */
const validParent = (flags: string): string =>
  `00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]${flags}`;

/**
 * Returns a regular expression of the request ids of a share of the requests, by their first four digits, which are
 * random; undefined for none.
 */
function idsOfShare(share: number): string | undefined {
  const below = Math.round(share * 0x1_0000);
  if (below <= 0) return undefined;
  if (below >= 0x1_0000) return anyId;
  const digits = below.toString(16).padStart(4, '0');
  const ranges = Array.from(digits).flatMap((digit, place) => {
    const value = Number.parseInt(digit, 16);
    if (value === 0) return [];
    const smaller = '0123456789abcdef'.slice(0, value);
    return [`${digits.slice(0, place)}[${smaller}][0-9a-f]{${3 - place}}`];
  });
  return `(${ranges.join('|')})[0-9a-f]{4}-.*`;
}

/**
 * Returns directives that set `$trace` to the line up to the event's index, or to an empty text where the request is
 * not recorded. The caller's flag decides; without a valid `traceparent` the request id does, and makes the trace's id.
 * Only text that a regular expression has matched is written.
 */
const setTrace = ({ share }: GatewayTraces, maxCharacters: number): string => {
  const ids = idsOfShare(share);
  return `
#set($trace = "")
#set($requestId = "$!context.requestId")
#set($parent = "$!input.params('traceparent')")
#set($recorded = "")
#if($parent.matches('${validParent('[13579bdf]')}'))
#set($recorded = $parent)
${
  ids === undefined
    ? ''
    : `#elseif(!$parent.matches('${validParent('[0-9a-f]')}') && $requestId.matches('${ids}'))
#set($traceId = $requestId.replaceAll('-', ''))
#set($recorded = "00-\${traceId}-0000000000000000-01")
`
}#end
#if($recorded != "" && $requestId.matches('${anyId}') && $input.body.length() <= ${maxCharacters})
#set($mark = $util.base64Decode("${Buffer.from(traceMagicText).toString('base64')}"))
#set($trace = "\${mark}\${recorded} \${requestId} $context.requestTimeEpoch ")
#end`.trimStart();
};

/** Directives of a request with one event: they set `$line`, which is written before it. */
export const setLineOfOne = (traces: GatewayTraces | undefined): string =>
  traces === undefined
    ? ''
    : `
${setTrace(traces, maxEventCharacters)}
#set($line = "")
#if($trace != "")
#set($line = "\${trace}0$newline")
#end`;

/** Directives of a batch, before its events. */
export const setTraceOfBatch = (traces: GatewayTraces | undefined): string =>
  traces === undefined ? '' : `\n${setTrace(traces, maxBatchCharacters)}`;

/** Directives of a batch for each event, whose text is `$json`: they set `$line`, which is written before it. */
export const setLineInBatch = (traces: GatewayTraces | undefined): string =>
  traces === undefined
    ? ''
    : `
#set($line = "")
#if($foreach.index < ${maxTracedInBatch} && $trace != "" && $json.length() <= ${maxEventCharacters})
#set($line = "\${trace}$foreach.index$newline")
#end`;

/** Returns the reference to the line; nothing where no request is recorded. */
export const lineReference = (traces: GatewayTraces | undefined): string =>
  traces === undefined ? '' : '$line';
