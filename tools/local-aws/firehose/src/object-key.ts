// Object names and prefix expressions, by "Custom prefixes for Amazon S3 objects" and "Amazon S3 object name" of the
// Firehose developer guide. All times are in UTC.

/** Error for a prefix that Firehose would refuse when the delivery stream is created. */
export class PrefixError extends Error {
  override readonly name = 'PrefixError';
}

export interface PrefixValues {
  /** Arrival of the oldest record in the object, in milliseconds since 1970. */
  readonly timestampMs: number;
  /** `processing-failed`, `format-conversion-failed`; absent for delivered data. */
  readonly errorOutputType?: string;
  /** Returns eleven characters, new ones for every `!{firehose:random-string}`. */
  readonly randomString: () => string;
}

const expression = /!\{([a-zA-Z]+):([^}]*)\}/g;

/** Time pattern that Firehose appends to a prefix without an expression. */
const defaultTimePattern = 'yyyy/MM/dd/HH/';

/**
 * Fills the expressions of a prefix.
 *
 * @throws {@link PrefixError} for a namespace or time pattern that Firehose, or this emulation, does not support
 */
export function evaluatePrefix(prefix: string, values: PrefixValues): string {
  let expressions = 0;
  const evaluated = prefix.replace(expression, (whole, namespace: string, argument: string) => {
    expressions++;
    if (namespace === 'timestamp') return formatTime(argument, values.timestampMs);
    if (namespace === 'firehose' && argument === 'random-string') return values.randomString();
    if (namespace === 'firehose' && argument === 'error-output-type' && values.errorOutputType)
      return values.errorOutputType;
    throw new PrefixError(`the prefix "${prefix}" holds ${whole}, which has no meaning here`);
  });
  return expressions > 0 ? evaluated : prefix + formatTime(defaultTimePattern, values.timestampMs);
}

/** Letters of Java's DateTimeFormatter that lake prefixes use, in the lengths that produce digits. */
const timeFields: Readonly<Record<string, (date: Date) => string>> = {
  yyyy: (date) => String(date.getUTCFullYear()).padStart(4, '0'),
  yy: (date) => String(date.getUTCFullYear() % 100).padStart(2, '0'),
  MM: (date) => String(date.getUTCMonth() + 1).padStart(2, '0'),
  dd: (date) => String(date.getUTCDate()).padStart(2, '0'),
  HH: (date) => String(date.getUTCHours()).padStart(2, '0'),
  mm: (date) => String(date.getUTCMinutes()).padStart(2, '0'),
  ss: (date) => String(date.getUTCSeconds()).padStart(2, '0'),
  SSS: (date) => String(date.getUTCMilliseconds()).padStart(3, '0'),
};

function formatTime(pattern: string, ms: number): string {
  const date = new Date(ms);
  return pattern.replace(/'([^']*)'|([a-zA-Z])\2*/g, (token, quoted: string | undefined) => {
    if (quoted !== undefined) return quoted === '' ? "'" : quoted;
    const field = timeFields[token.replace(/^Y+$/, (letters) => letters.toLowerCase())];
    if (!field)
      throw new PrefixError(
        `the time pattern "${pattern}" holds "${token}"; known are ${Object.keys(timeFields).join(' ')}`,
      );
    return field(date);
  });
}

export interface ObjectNameParts {
  readonly deliveryStreamName: string;
  /** Version of the delivery stream's configuration; 1 until it is updated. */
  readonly version: number;
  readonly timestampMs: number;
  readonly uuid: string;
  /** File extension with its dot, or empty. */
  readonly extension: string;
}

/** Returns `<stream>-<version>-<yyyy-MM-dd-HH-mm-ss>-<uuid><extension>`. */
export const objectName = (parts: ObjectNameParts): string =>
  `${parts.deliveryStreamName}-${parts.version}-${formatTime('yyyy-MM-dd-HH-mm-ss', parts.timestampMs)}-${parts.uuid}${parts.extension}`;
