/** Largest size of a request and of an answer, in bytes. Source: Lambda quotas, "Invocation payload (synchronous)". */
export const maxPayloadBytes = 6 * 1024 * 1024;

/**
 * Reason for a failed invocation. `Timeout`: it exceeded its time limit. `Unhandled`: the handler threw or rejected,
 * or something that it left running did. `OutOfMemory`: the heap reached the function's limit. `Exited`: the function
 * ended its process, or the stack was closed. `StartFailed`: its module could not be loaded.
 */
export type FunctionErrorType =
  | 'Timeout'
  | 'Unhandled'
  | 'OutOfMemory'
  | 'Exited'
  | 'StartFailed'
  | 'RequestTooLarge'
  | 'ResponseTooLarge';

export type FunctionResult =
  | { readonly ok: true; readonly payload: unknown }
  | { readonly ok: false; readonly errorType: FunctionErrorType; readonly message: string };
