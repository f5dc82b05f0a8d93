import {
  dateOfKey,
  errorsPrefix,
  isRawFile,
  lakeDate,
  rawFilesBelow,
  rawPrefix,
  rawTablePrefix,
  readManifest,
  unabsorbedFiles,
  type LakeDate,
  type ObjectInfo,
  type ObjectStore,
} from '@sluice/lake-layout';
import { readFooter } from '@sluice/parquet-reading';
import { startProgress, type Progress } from '@sluice/terminal/progress';
import { pollUntil } from '@sluice/waiting';
import { setTimeout as sleep } from 'node:timers/promises';
import { publishedFiles } from './published-files';

/** Rows and failures that deliveries added to a table since a moment. */
export interface DeliveredRows {
  readonly rows: number;
  readonly failed: number;
  /** Keys of objects of the error output. */
  readonly errorKeys: readonly string[];
}

export interface WaitOptions {
  /** Number of events that are to become rows or failures. */
  readonly events: number;
  /** Milliseconds without any delivery after which to give up. */
  readonly patienceMs: number;
  readonly signal: AbortSignal;
  /** Called after each look with the number of events that are rows or failures. */
  readonly onLook?: (settled: number) => void;
}

const pollMs = 250;

/** Milliseconds to wait for a delivery, which takes a minute at most if the stack uses the templates' interval. */
const deliveryPatienceMs = 75_000;
const sqlPatienceMs = 20_000;
const sayAfterMs = 2_000;

/**
 * Counts everything that is delivered to a table from now on, whoever sent it: rows in raw files, and lines of the
 * error output.
 */
export class DeliveryCount {
  readonly #store: ObjectStore;
  readonly #table: string;
  readonly #known = new Set<string>();
  readonly #dates = new Set<LakeDate>();
  readonly #errorKeys: string[] = [];
  #rows = 0;
  #failed = 0;
  #compactedBefore: { readonly date: LakeDate; readonly rows: number } | undefined;

  private constructor(store: ObjectStore, table: string) {
    this.#store = store;
    this.#table = table;
  }

  static async begin(store: ObjectStore, table: string): Promise<DeliveryCount> {
    const count = new DeliveryCount(store, table);
    for await (const { key } of count.#objects()) count.#known.add(key);
    const today = lakeDate(Date.now());
    // Rows that are not compacted yet may be copies of each other that nothing has counted.
    if (await count.#isAbsorbedOn(today))
      count.#compactedBefore = { date: today, rows: await count.#compactedRows(today) };
    return count;
  }

  /**
   * Returns how many of the delivered rows are copies of earlier rows, or of each other: events with one identity are
   * one row, however often they are sent. Must be called after {@link waitForSql}. Undefined where the number isn't
   * known; too small where others have sent events meanwhile.
   */
  async copies(): Promise<number | undefined> {
    const [date, ...more] = this.#dates;
    if (more.length > 0 || !this.#compactedBefore || this.#compactedBefore.date !== date)
      return undefined;
    const added = (await this.#compactedRows(date)) - this.#compactedBefore.rows;
    return Math.max(0, this.#rows - added);
  }

  async #compactedRows(date: LakeDate): Promise<number> {
    const stored = await readManifest(this.#store, this.#table, date);
    return (stored?.manifest.files ?? []).reduce((sum, { rows }) => sum + rows, 0);
  }

  /** Waits until a number of events have become rows or failures, or until none has for a while. */
  async wait({ events, patienceMs, signal, onLook }: WaitOptions): Promise<DeliveredRows> {
    let lastMs = performance.now();
    for (;;) {
      const before = this.#rows + this.#failed;
      await this.#look();
      const now = this.#rows + this.#failed;
      onLook?.(now);
      if (now > before) lastMs = performance.now();
      if (now >= events || signal.aborted || performance.now() - lastMs > patienceMs) break;
      await sleep(pollMs);
    }
    return { rows: this.#rows, failed: this.#failed, errorKeys: this.#errorKeys };
  }

  /** Waits like {@link wait}, long enough for every local stack, and shows its progress if that takes a while. */
  async waitAloud(
    events: number,
    { stderr, signal }: { readonly stderr: NodeJS.WriteStream } & Pick<WaitOptions, 'signal'>,
  ): Promise<DeliveredRows> {
    const startedMs = performance.now();
    let progress: Progress | undefined;
    const onLook = (settled: number): void => {
      if (performance.now() - startedMs < sayAfterMs) return;
      progress ??= startProgress({ label: 'Delivering', total: events, stream: stderr });
      progress.update(settled, settled);
    };
    try {
      return await this.wait({ events, patienceMs: deliveryPatienceMs, signal, onLook });
    } finally {
      progress?.stop();
    }
  }

  /** Waits until SQL sees the rows. @returns false where that takes too long */
  async waitForSql({ signal }: Pick<WaitOptions, 'signal'>): Promise<boolean> {
    const isPublished = async (): Promise<true | undefined> =>
      (await this.#isPublished()) || undefined;
    return (
      (await pollUntil(isPublished, { everyMs: pollMs, withinMs: sqlPatienceMs, signal })) ?? false
    );
  }

  async #isPublished(): Promise<boolean> {
    for (const date of this.#dates) {
      if (!(await this.#isAbsorbedOn(date))) return false;
      const stored = await readManifest(this.#store, this.#table, date);
      const published = await publishedFiles(this.#store, this.#table, date);
      if (!stored?.manifest.files.every(({ key }) => published.has(key))) return false;
    }
    return true;
  }

  async #isAbsorbedOn(date: LakeDate): Promise<boolean> {
    const raw = await rawFilesBelow(this.#store, rawPrefix(this.#table, date));
    const stored = await readManifest(this.#store, this.#table, date);
    return unabsorbedFiles(stored?.manifest, raw).length === 0;
  }

  async #look(): Promise<void> {
    for await (const object of this.#objects()) {
      const { key, bytes } = object;
      if (this.#known.has(key)) continue;
      this.#known.add(key);
      if (key.startsWith(errorsPrefix(this.#table))) {
        this.#errorKeys.push(key);
        this.#failed += lines((await this.#store.get(key)).bytes);
        continue;
      }
      const date = dateOfKey(key);
      if (date !== undefined) this.#dates.add(date);
      const footer = await readFooter({
        bytes,
        read: async (range) => (await this.#store.get(key, { range })).bytes,
      });
      this.#rows += footer.rows;
    }
  }

  async *#objects(): AsyncGenerator<ObjectInfo> {
    for (const prefix of [rawTablePrefix(this.#table), errorsPrefix(this.#table)])
      for await (const object of this.#store.list(prefix))
        if (object.bytes > 0 && isRawFile(object)) yield object;
  }
}

const lineFeed = 0x0a;

const lines = (bytes: Uint8Array): number =>
  bytes.reduce((sum, byte) => sum + (byte === lineFeed ? 1 : 0), 0);
