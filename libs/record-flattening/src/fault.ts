/** Reason why a record can't become rows. A violated keyword of JSON Schema is named as itself. */
export type FaultCode =
  | 'malformed-json'
  | 'invalid-utf8'
  /** The record holds nothing, not even an empty array. */
  | 'blank'
  /** A value of the record, or an element of its array, is valid JSON but not an object. */
  | 'not-an-object'
  | 'required'
  /** The value is `null`, and the schema does not allow it. */
  | 'null'
  | 'type'
  | 'format'
  /** The column can't hold the number: it exceeds 64 bits, the range of a double or the digits of the decimal. */
  | 'range'
  | 'enum'
  | 'const'
  | 'pattern'
  | 'minLength'
  | 'maxLength'
  | 'minimum'
  | 'maximum'
  | 'exclusiveMinimum'
  | 'exclusiveMaximum'
  | 'multipleOf'
  | 'minItems'
  | 'maxItems'
  | 'uniqueItems'
  | 'anyOf';

/** A fault of an event and its location. Holds names and limits of the schema, never values of the event. */
export interface FlattenFault {
  readonly code: FaultCode;
  /**
   * JSON pointer (RFC 6901) to the value. It begins with the event's position where the record holds an array, and
   * where the event is not the record's first.
   */
  readonly path: string;
  /** A sentence for people who read logs. */
  readonly detail: string;
  /** Index of the first byte that JSON does not allow at its place; undefined unless the record is malformed. */
  readonly offset?: number;
}

/** A schema rule that a value violates. The caller, which knows it, adds the location. */
export interface Violation {
  readonly code: FaultCode;
  readonly detail: string;
}

/** Error that the scanner throws at the first byte that JSON does not allow at its place. Never leaves this library. */
export class SyntaxFault extends Error {
  override readonly name = 'SyntaxFault';
  constructor(
    readonly code: 'malformed-json' | 'invalid-utf8',
    /** Index into the record's bytes. */
    readonly offset: number,
    expected: string,
  ) {
    super(expected);
  }
}

/** Fault of an empty record. Nobody sends one on purpose, so it is reported; an empty array is dropped instead. */
export const blankRecord: FlattenFault = {
  code: 'blank',
  path: '',
  detail: 'the record is empty, or holds nothing but white space',
};
