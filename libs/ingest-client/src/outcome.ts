/** What became of one event. */
export type Outcome =
  /** The stream has it. */
  | { readonly status: 'accepted' }
  /** The page went away and the browser took the event over; whether it arrives, nobody hears. */
  | { readonly status: 'handed-over' }
  | { readonly status: 'rejected'; readonly rejection: Rejection };

export interface Rejection {
  /**
   * `invalid`: it does not conform, or is not JSON. `too-large`: more than one record holds. `refused`: no such
   * event type, or not allowed. `gave-up`: every attempt failed.
   */
  readonly code: 'invalid' | 'too-large' | 'refused' | 'gave-up';
  /** The gateway's own words where it said something. */
  readonly message: string;
  /** JSON pointer to what is wrong, where a check of the client's own found it. */
  readonly pointer?: string;
  /** HTTP status of the last answer; undefined where there was none. */
  readonly httpStatus: number | undefined;
}

/** Events by what became of them. `queued` = sum of the others. */
export interface Counters {
  readonly queued: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly handedOver: number;
  /** Queued or on the way. */
  readonly pending: number;
  /** Requests made, with those that failed. */
  readonly requests: number;
  /** Times that an event was sent again. */
  readonly resends: number;
}

/** What is wrong with an event, and where. Holds names and limits of the schema, never values of the event. */
export interface EventFault {
  /** The keyword of the schema that is violated, `malformed-json` or `not-an-object`. */
  readonly code: string;
  /** JSON pointer (RFC 6901); empty for the whole event. */
  readonly pointer: string;
  readonly message: string;
}

/** Checks an event's JSON text; returns undefined where it conforms. */
export type EventCheck = (json: string) => EventFault | undefined;
