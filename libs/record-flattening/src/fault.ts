/** Why a record can't become rows. Names of JSON Schema keywords where one was violated. */
export type FaultCode =
  | 'malformed-json'
  | 'invalid-utf8'
  /** The record holds nothing, not even an empty array. */
  | 'blank'
  /** A value of the record, or an element of its array, is valid JSON but no object. */
  | 'not-an-object'
  | 'required'
  /** `null` where the schema does not allow it. */
  | 'null'
  | 'type'
  | 'format'
  /** A number that its column can't hold: beyond 64 bits, the double's range or the decimal's digits. */
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

/** What is wrong, and where. Holds names and limits of the schema, never values of the event. */
export interface FlattenFault {
  readonly code: FaultCode;
  /**
   * JSON pointer (RFC 6901) to the value. It begins with the event's position where the record holds an
   * array, or where the event is not the record's first.
   */
  readonly path: string;
  /** A sentence for the reader of a log. */
  readonly detail: string;
  /** Index of the first byte that no JSON text can have there, where the record is not JSON. */
  readonly offset?: number;
}

/** A rule of the schema that a value breaks; the place is added by whoever knows it. */
export interface Violation {
  readonly code: FaultCode;
  readonly detail: string;
}

/** Thrown by the scanner at the first byte that no JSON text can have there. Never leaves this library. */
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

/** Nobody means to send it, so it leaves a trace; an empty bulk says what it is. */
export const blankRecord: FlattenFault = {
  code: 'blank',
  path: '',
  detail: 'the record is empty, or holds nothing but white space',
};
