import {
  dateOfKey,
  errorsPrefix,
  rawPrefix,
  rawTablePrefix,
  readManifest,
  unabsorbedFiles,
  type LakeDate,
  type ObjectInfo,
  type ObjectStore,
} from '@sluice/lake-layout';
import { readFooter } from '@sluice/parquet-reading';
import type { Terminal } from '@sluice/terminal/command-line';
import { setTimeout as sleep } from 'node:timers/promises';

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

  private constructor(store: ObjectStore, table: string) {
    this.#store = store;
    this.#table = table;
  }

  static async begin(store: ObjectStore, table: string): Promise<DeliveryCount> {
    const count = new DeliveryCount(store, table);
    for await (const { key } of count.#objects()) count.#known.add(key);
    return count;
  }

  /** Waits until a number of events are rows or failures, or none has arrived for a while. */
  async wait({ events, patienceMs, signal }: WaitOptions): Promise<DeliveredRows> {
    let lastMs = performance.now();
    for (;;) {
      const before = this.#rows + this.#failed;
      await this.#look();
      const now = this.#rows + this.#failed;
      if (now > before) lastMs = performance.now();
      if (now >= events || signal.aborted || performance.now() - lastMs > patienceMs) break;
      await sleep(pollMs);
    }
    return { rows: this.#rows, failed: this.#failed, errorKeys: this.#errorKeys };
  }

  /** Waits like {@link wait}, long enough for every local stack, and tells the user where it takes a while. */
  async waitAloud(
    events: number,
    { stderr, signal }: Pick<Terminal, 'stderr'> & Pick<WaitOptions, 'signal'>,
  ): Promise<DeliveredRows> {
    const timer = setTimeout(
      () => stderr.write('Waiting until the stack has delivered them …\n'),
      sayAfterMs,
    );
    try {
      return await this.wait({ events, patienceMs: deliveryPatienceMs, signal });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Waits until compaction has listed the rows for SQL. @returns false where that takes too long */
  async waitForSql({ signal }: Pick<WaitOptions, 'signal'>): Promise<boolean> {
    const giveUpMs = performance.now() + sqlPatienceMs;
    while (!(await this.#isListed())) {
      if (signal.aborted || performance.now() > giveUpMs) return false;
      await sleep(pollMs);
    }
    return true;
  }

  async #isListed(): Promise<boolean> {
    for (const date of this.#dates) {
      const raw: ObjectInfo[] = [];
      for await (const file of this.#store.list(rawPrefix(this.#table, date))) raw.push(file);
      const stored = await readManifest(this.#store, this.#table, date);
      if (unabsorbedFiles(stored?.manifest, raw).length > 0) return false;
    }
    return true;
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
      for await (const object of this.#store.list(prefix)) if (object.bytes > 0) yield object;
  }
}

const lineFeed = 0x0a;

const lines = (bytes: Uint8Array): number =>
  bytes.reduce((sum, byte) => sum + (byte === lineFeed ? 1 : 0), 0);
