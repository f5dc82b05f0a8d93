// A lake in a folder with its maintenance function, whose runs may die, and a clock that need not be waited for.
import type { ObjectStore } from '@sluice/lake-layout';
import { FolderObjectStore } from '@sluice/lake-layout/folder';
import { DyingStore, InjectedFault } from '@sluice/lake-layout/testing/faulty-store';
import { maintain, type MaintenanceDependencies } from '@sluice/lake-maintenance';
import { readHashKeys } from '@sluice/privacy';
import { seededRandom, type SeededRandom } from '@sluice/values/seeded-random';
import { setTimeout as delay } from 'node:timers/promises';
import { visit, visitTable } from './people';

export const hourMs = 3_600_000;
export const streamRetentionMs = 24 * hourMs;
/** Keys of the ledger of people who are hidden. */
export const ledgerKeys = readHashKeys(JSON.stringify({ current: '1', '1': 'l'.repeat(40) }));

/** A clock that is set ahead where somebody would have to wait. */
class WorldClock {
  #aheadMs = 0;
  /** The times of the machine at which it was set ahead, with how far it was from then on. */
  readonly #settings: { readonly fromMs: number; readonly aheadMs: number }[] = [];
  readonly now = (): number => Date.now() + this.#aheadMs;

  setAhead(ms: number): void {
    this.#aheadMs += ms;
    this.#settings.push({ fromMs: Date.now(), aheadMs: this.#aheadMs });
  }

  /** Returns what this clock showed at a time of the machine. */
  at(machineMs: number): number {
    const setting = this.#settings.findLast(({ fromMs }) => fromMs <= machineMs);
    return machineMs + (setting?.aheadMs ?? 0);
  }
}

/** Returns a store of a folder's objects, with the moments that a clock showed when they were written. */
function storeByClock(folder: string, clock: WorldClock): ObjectStore {
  const inner = new FolderObjectStore(folder);
  return {
    async *list(prefix, options) {
      for await (const object of inner.list(prefix, options))
        yield { ...object, modifiedMs: clock.at(object.modifiedMs) };
    },
    get: (key, options) => inner.get(key, options),
    put: (key, bytes, options) => inner.put(key, bytes, options),
    delete: (keys) => inner.delete(keys),
  };
}

/** A lake in a folder, its functions, and a clock. */
export class ErasureWorld {
  readonly store: ObjectStore;
  kills = 0;
  runs = 0;
  /** Whether runs may die yet. */
  mayKill = false;
  readonly #plannedKills: number;
  readonly #random: SeededRandom;
  readonly #clock = new WorldClock();
  readonly now = this.#clock.now;
  /** Number of runs of the function that have not ended. */
  #running = 0;
  /** Number of these that are to die. */
  #toDie = 0;
  /** Time that passes as soon as no run has to live through it: no function lives that long. */
  #dueMs = 0;

  constructor(folder: string, kills: number, seed: number) {
    this.store = storeByClock(folder, this.#clock);
    this.#plannedKills = kills;
    this.#random = seededRandom(seed);
  }

  pick(below: number): number {
    return this.#random.integer(0, below - 1);
  }

  wait(ms: number): void {
    this.#clock.setAhead(ms);
  }

  /** Does something during which no time passes but that of the machine. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    while (this.#dueMs > 0) await delay(5);
    this.#running++;
    try {
      return await work();
    } finally {
      this.#ended();
    }
  }

  #ended(): void {
    this.#running--;
    if (this.#running === 0 && this.#dueMs > 0) {
      this.wait(this.#dueMs);
      this.#dueMs = 0;
    }
  }

  /** Invokes the maintenance function, which may die at any of its requests. */
  async run(request: {
    readonly action: 'compact' | 'erase' | 'sweep-results';
    readonly [member: string]: unknown;
  }): Promise<void> {
    while (this.#dueMs > 0) await delay(5);
    const isToDie =
      this.mayKill && this.kills + this.#toDie < this.#plannedKills && this.#random.chance(0.4);
    const store = isToDie
      ? new DyingStore(
          this.store,
          1 + this.pick(this.pick(4) === 0 ? 200 : 40),
          this.#random.chance(0.5),
        )
      : this.store;
    if (request.action === 'erase') this.runs++;
    const dependencies: MaintenanceDependencies = {
      store,
      bucket: 'lake',
      eventTypes: [visit],
      send: () => Promise.reject(new Error('nothing is to be replayed')),
      now: this.now,
      erasing: { readLedgerKeys: () => Promise.resolve(ledgerKeys), streamRetentionMs },
    };
    this.#running++;
    if (isToDie) this.#toDie++;
    try {
      await maintain(request, this.now() + hourMs, dependencies);
    } catch (error) {
      if (!wasInjected(error)) throw error;
    } finally {
      if (isToDie) this.#toDie--;
      if (store instanceof DyingStore && store.died) {
        this.kills++;
        // What a run that died had begun is taken up once no run can be alive any more.
        this.#dueMs += hourMs / 3;
      }
      this.#ended();
    }
  }

  async runToItsEnd(): Promise<void> {
    for (let run = 0; run < 3; run++) {
      await this.run({ action: 'erase' });
      await this.run({ action: 'compact', table: visitTable });
      this.wait(hourMs / 3);
    }
  }
}

function wasInjected(error: unknown): boolean {
  if (error instanceof InjectedFault) return true;
  if (error instanceof AggregateError) return error.errors.every(wasInjected);
  return error instanceof Error && error.cause !== undefined && wasInjected(error.cause);
}
