import type { BenchRow } from './lookup-layouts';

/** A way to find the rows of a value. */
export interface LookupContender {
  /** Returns the rows; undefined for a contender that only measures the least time that finding them could take. */
  find(asked: string): Promise<readonly BenchRow[] | undefined>;
  /** Forgets everything learned, to be like a new process. */
  forget?(): Promise<void> | void;
}
