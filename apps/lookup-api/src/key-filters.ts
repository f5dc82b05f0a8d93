import type { Column } from '@sluice/event-schema';
import {
  decodeKeyFilter,
  keyFilterForm,
  keyFilterText,
  keyText,
  type KeyFilter,
  type KeyFilterFile,
  type ObjectStore,
} from '@sluice/lake-layout';
import type { DayFiles } from './day-files';
import type { KeyValue } from './key-value';

/** Number of days up to which all days are read, because filters would cost as much as they save. */
const minDays = 5;
/** Milliseconds without use after which a filter makes room for another. */
const unusedMs = 10 * 60_000;
const defaultMaxBytes = 16 << 20;

interface KnownFilter {
  /** The filter; undefined where the object can't be read. */
  readonly filter: KeyFilter | undefined;
  readonly bytes: number;
  usedMs: number;
}

/**
 * Keeps the filters of sealed days between look-ups, and tells which keys a day may hold. Filters are kept by ETag.
 * Filters in use never make room for others: where there are more days than fit, some are read as if they had no
 * filter.
 */
export class KeyFilters {
  readonly #known = new Map<string, KnownFilter>();
  readonly #maxBytes: number;
  readonly #now: () => number;
  #bytes = 0;

  constructor({
    maxBytes = defaultMaxBytes,
    now = Date.now,
  }: { readonly maxBytes?: number; readonly now?: () => number } = {}) {
    this.#maxBytes = maxBytes;
    this.#now = now;
  }

  /** Returns the keys that the day may hold: all of them where its filter is not known yet. */
  keysOfDay(
    { keyFilter }: DayFiles,
    keys: readonly KeyValue[],
    column: Column,
  ): readonly KeyValue[] {
    if (keyFilter?.keyForm !== keyFilterForm(column)) return keys;
    const known = this.#known.get(versionId(keyFilter));
    if (!known) return keys;
    known.usedMs = this.#now();
    const { filter } = known;
    return filter
      ? keys.filter((key) => filter.mayHold(keyFilterText(keyText(key, column.type), column)))
      : keys;
  }

  /**
   * Fetches the filters that the next look-up of these days will use, as far as there is room. Failures are ignored;
   * such days are read without a filter.
   *
   * @param days those with a file that may hold a key
   */
  async fetchFor(
    days: readonly DayFiles[],
    store: Pick<ObjectStore, 'get'>,
    signal: AbortSignal,
  ): Promise<void> {
    if (days.length < minDays) return;
    const wanted = days
      .flatMap(({ keyFilter }) => keyFilter ?? [])
      .filter((file) => !this.#known.has(versionId(file)));
    await Promise.all(
      wanted.map(async (file) => {
        if (!this.#makeRoomFor(file)) return;
        // Reserves its room at once, so that filters that are fetched in parallel respect it.
        const entry = { filter: undefined, bytes: file.bytes, usedMs: this.#now() };
        this.#keep(file, entry);
        try {
          const { bytes } = await store.get(file.key, { ifMatch: file.etag, signal });
          this.#drop(versionId(file));
          this.#keep(file, { ...entry, filter: decodeKeyFilter(bytes) });
        } catch {
          this.#drop(versionId(file));
        }
      }),
    );
  }

  #makeRoomFor({ bytes }: KeyFilterFile): boolean {
    if (bytes > this.#maxBytes) return false;
    if (this.#bytes + bytes > this.#maxBytes)
      for (const [id, { usedMs }] of this.#known)
        if (usedMs + unusedMs < this.#now()) this.#drop(id);
    return this.#bytes + bytes <= this.#maxBytes;
  }

  #keep(file: KeyFilterFile, entry: KnownFilter): void {
    this.#known.set(versionId(file), entry);
    this.#bytes += entry.bytes;
  }

  #drop(id: string): void {
    this.#bytes -= this.#known.get(id)?.bytes ?? 0;
    this.#known.delete(id);
  }
}

const versionId = ({ key, etag }: KeyFilterFile): string => `${etag} ${key}`;
