import type { TableMetadata } from '@sluice/iceberg-metadata';
import { objectPath, repeatOnConflict } from '@sluice/lake-layout';
import {
  commitVersion,
  metadataKey,
  readTableState,
  writeHint,
  type TableLocation,
  type TableState,
} from './table-state';

/** Points a catalogue outside of the store to the newest version. */
export interface CatalogPointer {
  /**
   * Makes the catalogue name a version, unless it names that or a newer one already.
   *
   * @param location `s3://bucket/key` of the metadata file
   */
  point(
    table: string,
    location: string,
    version: { readonly number: number; readonly metadata: TableMetadata },
  ): Promise<void>;
}

export interface NewestVersionOptions {
  readonly location: TableLocation;
  readonly catalog?: CatalogPointer | undefined;
  readonly now: () => number;
  /** Called each time that the known version may no longer be the newest. */
  readonly onForget: () => void;
}

const hourMs = 3_600_000;

/**
 * Milliseconds for which a version that was read counts as the newest. Versions younger than {@link metadataGraceMs}
 * are never deleted, so a number that was free at that time can't have been used and freed again.
 */
const stateMs = 30 * 60_000;
export const metadataGraceMs = hourMs;
const maxConflicts = 8;

/** Keeps the newest version of a table's metadata, commits the next one, and makes the pointers name it. */
export class NewestVersion {
  readonly #location: TableLocation;
  readonly #catalog: CatalogPointer | undefined;
  readonly #now: () => number;
  readonly #onForget: () => void;
  #state: TableState | undefined;
  /** Version that the catalogue named when it was last asked. */
  #catalogued = 0;
  #catalogFault: string | undefined;
  /** Time of the oldest version that a pointer does not name, in milliseconds since 1970. */
  #behindSinceMs: number | undefined;

  constructor({ location, catalog, now, onForget }: NewestVersionOptions) {
    this.#location = location;
    this.#catalog = catalog;
    this.#now = now;
    this.#onForget = onForget;
  }

  /** The version that is known without reading the store. */
  get known(): TableState | undefined {
    return this.#state;
  }

  /** Reason why the catalogue does not name the newest version; undefined where it does, or where there is none. */
  get catalogFault(): string | undefined {
    return this.#catalogFault;
  }

  /** Time since which the pointers do not name the newest version, in milliseconds since 1970. */
  get behindSinceMs(): number | undefined {
    return this.#behindSinceMs;
  }

  /** Returns the known version, and reads it again where it is too old. */
  async fresh(): Promise<TableState | undefined> {
    const known = this.#state;
    if (known && this.#now() < known.readAtMs + stateMs) return known;
    return this.#read();
  }

  async #read(after?: number): Promise<TableState | undefined> {
    this.forget();
    const nowMs = this.#now();
    this.#state = await readTableState(this.#location, {
      nowMs,
      ...(after !== undefined && { after }),
    });
    return this.#state;
  }

  forget(): void {
    this.#state = undefined;
    this.#onForget();
  }

  /**
   * Writes the version that follows `over`; {@link point} makes readers see it.
   *
   * @throws PreconditionFailedError where another publisher was first
   */
  async commit(
    over: TableState | undefined,
    metadata: TableMetadata,
    {
      manifests = over?.manifests ?? [],
      nowMs,
    }: { readonly manifests?: TableState['manifests']; readonly nowMs: number },
  ): Promise<void> {
    this.#state = await commitVersion(this.#location, over, metadata, { manifests, nowMs });
  }

  /**
   * Makes the pointers name the newest version. A catalogue that can't be reached does not stop the readers of the
   * store: {@link catalogFault} tells why, and the next call tries again.
   */
  async point(): Promise<void> {
    const state = this.#state;
    if (!state) return;
    const isCatalogued = !this.#catalog || this.#catalogued >= state.version;
    if (state.pointed && isCatalogued) return;
    this.#behindSinceMs ??= state.metadata['last-updated-ms'];
    const [hintEtag, catalogFault] = await Promise.all([
      state.pointed ? state.hintEtag : writeHint(this.#location, state),
      isCatalogued ? undefined : this.#pointCatalog(state),
    ]);
    this.#state = { ...state, pointed: true, hintEtag };
    this.#catalogFault = catalogFault;
    if (this.#catalogFault === undefined) this.#behindSinceMs = undefined;
  }

  /** @returns why it failed */
  async #pointCatalog({ version, metadata }: TableState): Promise<string | undefined> {
    const { bucket, table } = this.#location;
    const location = objectPath(bucket, metadataKey(table, version));
    try {
      await this.#catalog?.point(table, location, { number: version, metadata });
      this.#catalogued = version;
      return undefined;
    } catch (error) {
      return `the catalogue does not name version ${version} of ${table}: ${(error as Error).message}`;
    }
  }

  /** Repeats work each time that another publisher was faster, after reading what that one wrote. */
  async retried<T>(work: () => Promise<T>, onConflict?: () => void): Promise<T> {
    return repeatOnConflict(maxConflicts + 1, work, async () => {
      onConflict?.();
      await this.#read(this.#state?.version);
    });
  }
}
