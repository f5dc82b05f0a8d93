import {
  alwaysHeldCharacters,
  doubleHolds,
  fitsDecimal,
  int64Text,
  isDateAt,
  isJsonNumber,
  plainDecimal,
  timestampLength,
  writeTimestamp,
} from '@sluice/values';
import type { ByteSink, ByteSource } from './byte-sink';
import { copyNumber, copyPlainInteger, copyString } from './copy-token';
import type { Violation } from './fault';
import {
  backslash,
  closeBracket,
  comma,
  isDigit,
  jsonTypeOf,
  letterF,
  letterN,
  letterT,
  malformed,
  minus,
  openBracket,
  quote,
  skipLiteral,
  skipNumber,
  skipSpace,
  skipString,
  skipValue,
  sourceOf,
  stringOf,
  textOf,
  type JsonType,
} from './json-scanner';
import { Kind, type ColumnPlan, type ScalarPlan } from './plan';
import { doubleClearlyHolds } from './double-clearly-holds';
import { CheckReport, type ValueCheck } from './value-check';

const integerHasFraction: Violation = {
  code: 'type',
  detail: 'a number with a fraction where the schema wants an integer',
};
const integerTooLarge: Violation = {
  code: 'range',
  detail: 'the integer does not fit into 64 bits',
};
const doubleTooLarge: Violation = {
  code: 'range',
  detail: 'the number is beyond the range of a double',
};
const noDecimal: Violation = { code: 'format', detail: 'the text is not a decimal number' };
const noDate: Violation = {
  code: 'format',
  detail: 'the text is not a date such as 2026-01-31 (RFC 3339)',
};
const noTime: Violation = {
  code: 'format',
  detail: 'the text is not a date-time such as 2026-01-31T12:00:00Z (RFC 3339)',
};
const timeTooFar: Violation = {
  code: 'range',
  detail: 'the time in UTC is outside of the years 0000 to 9999',
};

const upperA = 0x41;
const upperF = 0x46;
const lowerCaseBit = 0x20;

/**
 * Writes values of columns. A value that breaks a rule is skipped like any other, and `violation` says why; the
 * sink's content must not be used then.
 */
export class ValueWriter {
  /** Reason why the last value was refused. The reader of this field clears it. */
  violation: Violation | undefined = undefined;
  /** JSON pointer from the column's value to the violation. */
  below = '';
  /** True where the column holds only a part of the last value. The reader of this field clears it. */
  inexact = false;

  /** @param reserve makes room for everything that the text from an index on can become */
  constructor(
    private readonly sink: ByteSink,
    private readonly reserve: (at: number) => void,
  ) {}

  scalar(plan: ScalarPlan, source: ByteSource, start: number): number {
    const first = source.bytes[start] as number;
    const { kind } = plan;
    let end = 0;
    if (kind === Kind.string) {
      if (first === quote) {
        end = copyString(source, start, this.sink);
        if (end < 0) {
          end = -end;
          this.inexact = true;
        }
      }
    } else if (kind === Kind.bigint) {
      if (isDigit(first) || first === minus)
        end = copyPlainInteger(source, start, this.sink) || this.#oddInteger(source, start);
    } else if (kind === Kind.double) {
      if (isDigit(first) || first === minus) end = this.#double(source, start);
    } else if (kind === Kind.boolean) {
      if (first === letterT || first === letterF) {
        end = skipLiteral(source.bytes, start);
        this.sink.copy(source, start, end);
      }
    } else if (kind === Kind.decimal) {
      if (first === quote || isDigit(first) || first === minus)
        end = this.#decimal(plan, source, start);
    } else if (first === quote) end = this.#time(plan, source, start);

    if (end === 0) return this.wrongType(plan, source, start);
    if (plan.rule !== undefined) {
      this.violation ??= plan.rule(source.bytes, start, end);
      if (plan.isUuid && this.violation === undefined) this.#lowerUuid(source, start, end);
    }
    return end;
  }

  /** Converts to lower case the UUID at the end of the sink, which was copied from the source. */
  #lowerUuid(source: ByteSource, start: number, end: number): void {
    const { sink } = this;
    const from = sink.length - (end - start);
    for (let at = from; at < sink.length; at++) {
      const byte = sink.bytes[at] as number;
      if (byte === backslash) {
        // A letter may be written as an escape.
        sink.length = from;
        sink.text(JSON.stringify(stringOf(source.bytes, start, end).toLowerCase()));
        return;
      }
      if (byte >= upperA && byte <= upperF) sink.bytes[at] = byte | lowerCaseBit;
    }
  }

  /** Copies any value as JSON text, byte for byte. */
  json({ check }: ColumnPlan, source: ByteSource, start: number): number {
    const { sink } = this;
    const end = check ? this.#check(check, source, start) : skipValue(source.bytes, start);
    sink.put(quote);
    sink.escaped(source.bytes, start, end);
    sink.put(quote);
    return end;
  }

  #check(check: ValueCheck, source: ByteSource, start: number): number {
    const report = new CheckReport();
    const end = check(source.bytes, start, report);
    if (this.violation === undefined && report.violation !== undefined) {
      this.violation = report.violation;
      this.below = report.below;
    }
    return end;
  }

  array(
    plan: ColumnPlan & ScalarPlan,
    items: ScalarPlan,
    source: ByteSource,
    start: number,
  ): number {
    const { sink } = this;
    const { bytes } = source;
    if (bytes[start] !== openBracket) return this.wrongType(plan, source, start);
    sink.put(openBracket);
    let at = skipSpace(bytes, start + 1);
    let found: Violation | undefined;
    let inexact = false;
    let count = 0;
    if (bytes[at] === closeBracket) at++;
    else
      for (;;) {
        if (bytes[at] === letterN) {
          at = skipLiteral(bytes, at);
          sink.text('null');
          if (!items.nullable) this.violation = nullWhere(items);
        } else at = this.scalar(items, source, at);
        inexact ||= this.inexact;
        if (this.violation !== undefined && found === undefined) {
          found = this.violation;
          this.below = `/${count}`;
        }
        this.violation = undefined;
        count++;
        at = skipSpace(bytes, at);
        if (bytes[at] === comma) {
          sink.put(comma);
          at = skipSpace(bytes, at + 1);
        } else if (bytes[at] === closeBracket) {
          at++;
          break;
        } else malformed(bytes, at, 'a comma or ]');
      }
    sink.put(closeBracket);
    this.violation = found;
    this.inexact = inexact;
    if (plan.check) this.#check(plan.check, source, start);
    return at;
  }

  wrongType(plan: ScalarPlan, source: ByteSource, start: number): number {
    const end = skipValue(source.bytes, start);
    const found = typeNames[jsonTypeOf(source.bytes[start] as number)];
    this.violation = { code: 'type', detail: `${found} where the schema wants ${plan.typeName}` };
    return end;
  }

  #oddInteger(source: ByteSource, start: number): number {
    const end = skipNumber(source.bytes, start);
    const integer = int64Text(textOf(source.bytes, start, end));
    if (integer.ok) {
      this.reserve(start);
      this.sink.text(integer.text);
    } else this.violation = integer.reason === 'fraction' ? integerHasFraction : integerTooLarge;
    return end;
  }

  /** Copies a number. One that a double can't hold exactly is kept as written, for the converter to round. */
  #double(source: ByteSource, start: number): number {
    const signedEnd = copyNumber(source, start, this.sink);
    const end = Math.abs(signedEnd);
    const isLong = signedEnd < 0 || end - start > alwaysHeldCharacters;
    if (isLong && !doubleClearlyHolds(source, start, end)) {
      const text = textOf(source.bytes, start, end);
      if (!doubleHolds(text)) {
        if (Number.isFinite(Number(text))) this.inexact = true;
        else this.violation = doubleTooLarge;
      }
    }
    return end;
  }

  /** Writes a decimal, always as text, because a converter may read a number as a double (docs/limits.md#decimals). */
  #decimal(plan: ScalarPlan, source: ByteSource, start: number): number {
    const { bytes } = source;
    const quoted = bytes[start] === quote;
    const end = quoted ? skipString(bytes, start) : skipNumber(bytes, start);
    const text = quoted ? stringOf(bytes, start, end) : textOf(bytes, start, end);
    if (quoted && !isJsonNumber(text)) this.violation = noDecimal;
    else if (!fitsDecimal(text, plan.precision, plan.scale))
      this.violation = {
        code: 'range',
        detail: `a decimal(${plan.precision},${plan.scale}) can't hold every digit of the number`,
      };
    else {
      this.reserve(start);
      this.sink.text(`"${/[eE]/.test(text) ? plainDecimal(text) : text}"`);
    }
    return end;
  }

  #time(plan: ScalarPlan, source: ByteSource, start: number): number {
    const { sink } = this;
    let { bytes } = source;
    const end = skipString(bytes, start);
    let from = start + 1;
    let to = end - 1;
    if (hasEscape(bytes, from, to)) {
      ({ bytes, end: to } = sourceOf(stringOf(bytes, start, end)));
      from = 0;
    }
    sink.put(quote);
    if (plan.kind === Kind.date) {
      if (!isDateAt(bytes, from, to)) this.violation = noDate;
      else for (let at = from; at < to; at++) sink.put(bytes[at] as number);
    } else {
      const outcome = writeTimestamp(bytes, from, to, plan.digits, sink.bytes, sink.length);
      if (outcome === 'invalid') this.violation = noTime;
      else if (outcome === 'out-of-range') this.violation = timeTooFar;
      else this.inexact = outcome === 'inexact';
      sink.length += timestampLength(plan.digits);
    }
    sink.put(quote);
    return end;
  }
}

export const nullWhere = (plan: ScalarPlan): Violation => ({
  code: 'null',
  detail: `null is not allowed; the schema wants ${plan.typeName}`,
});

function hasEscape(source: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (source[at] === backslash) return true;
  return false;
}

/** Names of the types in sentences. */
const typeNames: Readonly<Record<JsonType, string>> = {
  string: 'a string',
  number: 'a number',
  boolean: 'a boolean',
  null: 'null',
  object: 'an object',
  array: 'an array',
};
