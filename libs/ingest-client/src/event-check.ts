/** What is wrong with an event, and where. Holds names and limits of the schema, never values of the event. */
export interface EventFault {
  /** The keyword of the schema that is violated, `malformed-json` or `not-an-object`. */
  readonly code: string;
  /** JSON pointer (RFC 6901); empty for the whole event. */
  readonly pointer: string;
  readonly message: string;
}

/** Checks an event's JSON text. @returns undefined where it conforms */
export type EventCheck = (json: string) => EventFault | undefined;
