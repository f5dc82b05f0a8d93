import type { Endpoints } from '@sluice/lake';

/** What a stack process starts with, as JSON in its first argument. */
export interface StackSettings {
  readonly dataDir: string;
  /** Cloud assembly to run. @default the shipped one, as synthesised for the stage `dev` */
  readonly assembly?: string;
  /** First of the run of ports that a local stack takes. */
  readonly port: number;
  readonly seed: number;
  readonly faultShares: FaultShares;
  readonly bufferMs: number;
  /** Options of Node, for the process. */
  readonly execArgv?: readonly string[];
}

/** Share of the calls over each boundary, from 0 to 1, that begin a burst of faults. */
export interface FaultShares {
  readonly s3: number;
  readonly kinesis: number;
  readonly function: number;
}

export type StackCommand =
  /** No more faults. */
  | { readonly do: 'calm' }
  /** Every write fails for so many milliseconds. */
  | { readonly do: 'fill-disk'; readonly forMs: number }
  /** From now on an object of the table's error output is stored, and the answer is lost: the delivery does not get past it. */
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
  /** The process lives by a clock that is so many milliseconds ahead of the true one. */
  | { readonly type: 'clock'; readonly aheadMs: number }
  /** An object of the error output is about to be stored; its answer will be lost. */
  | { readonly type: 'errors-held' }
  | { readonly type: 'done'; readonly id: number; readonly result: unknown }
  | { readonly type: 'refused'; readonly id: number; readonly message: string };
