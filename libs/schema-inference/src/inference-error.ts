/**
 * Error for events from which no definition can be inferred: there are none, or what was asked for (key, identity, a
 * field's type) does not fit them. The message says how many, and which is the first.
 */
export class InferenceError extends Error {
  override readonly name = 'InferenceError';
  constructor(
    readonly code: 'no-events' | 'unknown-field' | 'missing-values' | 'unfit-type',
    message: string,
  ) {
    super(message);
  }
}
