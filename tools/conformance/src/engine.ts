/** Something of ours where another engine did otherwise. */
export interface Difference {
  /** What was tried. */
  readonly tried: string;
  readonly ours: string;
  readonly theirs: string;
}

/** Something that differs, with the reason why it may. */
export interface Known {
  readonly name: string;
  readonly reason: string;
  /** How often it was met; where it never was, it is no longer a difference and has to go from the list. */
  readonly times: number;
}

export interface EngineRun {
  /** Versions of everything that took part, by name. */
  readonly versions: Readonly<Record<string, string>>;
  readonly tried: number;
  readonly differences: readonly Difference[];
  readonly known: readonly Known[];
  /** What a reader should know of how far it went. */
  readonly notes: readonly string[];
}

/** An engine that others wrote, and what of Sluice is tried on it. */
export interface Engine {
  /** Name on the command line. */
  readonly name: string;
  readonly title: string;
  /** One sentence: what is compared with what. */
  readonly compares: string;
  /** @throws {@link EngineMissing} where it is not to be had here */
  readonly run: (context: EngineContext) => Promise<EngineRun>;
}

export interface EngineContext {
  /** A folder of the engine's own that stays from run to run. */
  readonly folder: string;
  /** A folder for what is fetched, in the user's cache: it is shared by all checkouts. */
  readonly cache: string;
  /** A folder that is gone afterwards. */
  readonly scratch: string;
  readonly root: string;
  readonly progress: (line: string) => void;
}

/** The engine can't be had; the message is the attempt and what came of it. */
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
