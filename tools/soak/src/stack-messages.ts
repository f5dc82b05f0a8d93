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
  | { readonly type: 'done'; readonly id: number; readonly result: unknown }
  | { readonly type: 'refused'; readonly id: number; readonly message: string };
