/** The fate of one event. */
export type Outcome =
  /** The stream holds the event. */
  | { readonly status: 'accepted' }
  /** The page was closed and the browser took over the event. Whether it arrives is not known. */
  | { readonly status: 'handed-over' }
  | { readonly status: 'rejected'; readonly rejection: Rejection };

export interface Rejection {
  /**
   * `invalid`: the event does not conform, or is not JSON. `too-large`: it does not fit in one record. `refused`:
   * there is no such event type, or the client may not send it. `gave-up`: every attempt failed.
   */
  readonly code: 'invalid' | 'too-large' | 'refused' | 'gave-up';
  /** The gateway's own message, if it sent one. */
  readonly message: string;
  /** JSON pointer to the fault, if the client's own check found it. */
  readonly pointer?: string;
  /** HTTP status of the last answer; undefined where there was no answer. */
  readonly httpStatus: number | undefined;
}

/** Number of events by outcome. `queued` is the sum of the others. */
export interface Counters {
  readonly queued: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly handedOver: number;
  /** Events that are queued or on the way. */
  readonly pending: number;
  /** Requests made, including those that failed. */
  readonly requests: number;
  /** Number of times that an event was sent again. */
  readonly resends: number;
}

/** A fault of an event and its location. Holds names and limits of the schema, never values of the event. */
export interface EventFault {
  /** The violated keyword of the schema, `malformed-json` or `not-an-object`. */
  readonly code: string;
  /** JSON pointer (RFC 6901); empty for the whole event. */
  readonly pointer: string;
  readonly message: string;
}

/** Checks an event's JSON text; returns undefined where it conforms. */
export type EventCheck = (json: string) => EventFault | undefined;
