import type { Endpoints } from '@sluice/lake';

/** Settings of a stack process, passed as JSON in its first argument. */
export interface StackSettings {
  readonly dataDir: string;
  /** Cloud assembly to run. @default the shipped one, as synthesised for the stage `dev` */
  readonly assembly?: string;
  /** First of the consecutive ports that a local stack uses. */
  readonly port: number;
  readonly seed: number;
  readonly faultShares: FaultShares;
  readonly bufferMs: number;
  /** Options of Node for the process. */
  readonly execArgv?: readonly string[];
}

/** Share of the calls over each boundary, from 0 to 1, at which a burst of faults begins. */
export interface FaultShares {
  readonly s3: number;
  readonly kinesis: number;
  readonly function: number;
}

export type StackCommand =
  /** Ends all faults. */
  | { readonly do: 'calm' }
  /** Makes every write fail for this many milliseconds. */
  | { readonly do: 'fill-disk'; readonly forMs: number }
  /**
   * From now on, stores an object of the table's error output but loses the answer, so that the delivery can't get
   * past it.
   */
  | { readonly do: 'hold-errors'; readonly table: string }
  | { readonly do: 'flush' }
  | { readonly do: 'invoke'; readonly functionName: string; readonly payload: unknown }
  | { readonly do: 'stop' };

export interface ToStack {
  readonly id: number;
  readonly command: StackCommand;
}

export type FromStack =
  | { readonly type: 'ready'; readonly endpoints: Endpoints }
  | { readonly type: 'fault'; readonly kind: string }
  /** The process uses a clock that is this many milliseconds ahead of the true one. */
  | { readonly type: 'clock'; readonly aheadMs: number }
  /** An object of the error output is about to be stored; its answer will be lost. */
  | { readonly type: 'errors-held'; readonly key: string }
  | { readonly type: 'done'; readonly id: number; readonly result: unknown }
  | { readonly type: 'refused'; readonly id: number; readonly message: string };
