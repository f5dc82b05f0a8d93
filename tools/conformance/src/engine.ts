/** A case in which another engine's result differed from ours. */
export interface Difference {
  /** Description of the case. */
  readonly tried: string;
  readonly ours: string;
  readonly theirs: string;
}

/** An accepted difference, with the reason. */
export interface Known {
  readonly name: string;
  readonly reason: string;
  /**
   * Number of times that it occurred. One that never occurs is no longer a difference, and must be removed from the
   * list.
   */
  readonly times: number;
}

export interface EngineRun {
  /** Versions of all programs involved, by name. */
  readonly versions: Readonly<Record<string, string>>;
  readonly tried: number;
  readonly differences: readonly Difference[];
  readonly known: readonly Known[];
  /** Remarks for the reader about how far the comparison went. */
  readonly notes: readonly string[];
}

/** An engine by other authors, and the comparison with it. */
export interface Engine {
  /** Name on the command line. */
  readonly name: string;
  readonly title: string;
  /** One sentence that says what is compared with what. */
  readonly compares: string;
  /** Runs the comparison. @throws {@link EngineMissing} where the engine is not available here */
  readonly run: (context: EngineContext) => Promise<EngineRun>;
}

export interface EngineContext {
  /** The engine's own folder, which is kept between runs. */
  readonly folder: string;
  /** Folder for downloads in the user's cache, shared by all checkouts. */
  readonly cache: string;
  /** Temporary folder, deleted afterwards. */
  readonly scratch: string;
  readonly root: string;
  readonly progress: (line: string) => void;
}

/** Error for an engine that is not available; the message describes the attempt and its result. */
export class EngineMissing extends Error {
  override readonly name = 'EngineMissing';
}

export type EngineReport = Pick<Engine, 'name' | 'title' | 'compares'> & {
  readonly date: string;
  readonly seconds: number;
} & (
    | ({ readonly status: 'ran' } & EngineRun)
    | { readonly status: 'skipped'; readonly reason: string }
  );
