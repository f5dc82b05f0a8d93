// A clock that jumps, for a process and all of its threads, and a disk that is full. The clock follows a plan in a
// file, so that each thread, and each process started after a kill, has the same time. A disk is full from when the
// process is told until the time is over.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Plan of the clock and the disk. Moments are those of the true clock, in milliseconds since 1970. */
export interface WorldPlan {
  /** Moments from which the clock is this many milliseconds ahead (negative: behind); ascending. */
  readonly clock: readonly { readonly fromMs: number; readonly aheadMs: number }[];
  /** Moments from which nothing can be written for a while; ascending. */
  readonly fullDisk: readonly { readonly fromMs: number; readonly forMs: number }[];
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/**
 * Returns the plan of a run: by the stack's clock the day ends in the middle of the run, the clock jumps ahead, back
 * over midnight and ahead again, and twice the disk is full for a while.
 *
 * @param startMs by the true clock
 */
export function worldPlan(startMs: number, seconds: number): WorldPlan {
  const at = (share: number): number => startMs + Math.round(seconds * 1000 * share);
  // The last midnight, so that no row belongs to a day that has not begun.
  const midnightMs = Math.floor(startMs / dayMs) * dayMs;
  const aheadMs = midnightMs - at(0.5);
  const jumpMs = seconds * 100;
  return {
    clock: [
      { fromMs: 0, aheadMs },
      { fromMs: at(0.25), aheadMs: aheadMs + jumpMs },
      { fromMs: at(0.55), aheadMs: aheadMs - 2 * jumpMs },
      { fromMs: at(0.8), aheadMs: aheadMs + jumpMs },
    ],
    fullDisk: [at(0.35), at(0.7)].map((fromMs) => ({
      fromMs,
      forMs: Math.min(3_000, seconds * 50),
    })),
  };
}

/** Functions that a process which follows a plan has in addition. */
export interface FaultyWorld {
  /**
   * Makes every write of this thread fail for this many milliseconds of the true clock.
   *
   * @param onRefused called for each write
   */
  fillDisk(forMs: number, onRefused: () => void): void;
}

/** Returns the functions that {@link followPlan} gave this process. @throws Error where it follows no plan */
export function faultyWorld(): FaultyWorld {
  const world = (globalThis as { faultyWorld?: FaultyWorld }).faultyWorld;
  if (!world) throw new Error('this process was not started with the arguments of followPlan');
  return world;
}

/**
 * Writes the clock of a plan, and the script that makes a process follow it.
 *
 * @returns the arguments with which to start the process
 */
export function followPlan(folder: string, { clock }: Pick<WorldPlan, 'clock'>): readonly string[] {
  const script = join(folder, 'world-faults.cjs');
  writeFileSync(script, `${preload}\nfollow(${JSON.stringify(clock)});\n`);
  // Node loads it in the process and in each of its threads, before anything else.
  return ['--require', script];
}

const preload = /* js */ `
  const { syncBuiltinESMExports } = require('node:module');
  const fs = require('node:fs');

  function follow(clock) {
    const TrueDate = Date;
    const trueNow = Date.now;
    let reportedAheadMs;
    const now = () => {
      const ms = trueNow();
      let aheadMs = 0;
      for (const step of clock) if (step.fromMs <= ms) aheadMs = step.aheadMs;
      // Threads have no channel.
      if (aheadMs !== reportedAheadMs && process.send && process.connected) process.send({ type: 'clock', aheadMs });
      reportedAheadMs = aheadMs;
      return ms + aheadMs;
    };
    globalThis.Date = class Date extends TrueDate {
      constructor(...parts) {
        if (parts.length === 0) super(now());
        else super(...parts);
      }
      static now() {
        return now();
      }
    };

    // A stack that starts on a full disk ends with a sentence, as it should: it is told when it is ready.
    let fullUntilMs = 0;
    let refused = () => undefined;
    globalThis.faultyWorld = {
      fillDisk: (forMs, onRefused) => {
        fullUntilMs = trueNow() + forMs;
        refused = onRefused;
      },
    };
    const isFull = () => {
      if (trueNow() >= fullUntilMs) return false;
      refused();
      return true;
    };
    const refusal = () => Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', errno: -28, syscall: 'write' });
    const inSync = (holder, name) => {
      const write = holder[name];
      // Streams to a terminal or a pipe need no disk.
      holder[name] = function (target, ...rest) {
        if (target !== 1 && target !== 2 && isFull()) throw refusal();
        return write.call(this, target, ...rest);
      };
    };
    const inPromise = (holder, name) => {
      const write = holder[name];
      holder[name] = function (...given) {
        return isFull() ? Promise.reject(refusal()) : write.apply(this, given);
      };
    };
    const inCallback = (holder, name) => {
      const write = holder[name];
      holder[name] = function (target, ...rest) {
        const done = rest.at(-1);
        if (target !== 1 && target !== 2 && typeof done === 'function' && isFull()) process.nextTick(done, refusal());
        else write.call(this, target, ...rest);
      };
    };
    for (const name of ['writeSync', 'writeFileSync', 'appendFileSync']) inSync(fs, name);
    for (const name of ['write', 'writev', 'writeFile', 'appendFile']) inCallback(fs, name);
    for (const name of ['writeFile', 'appendFile']) inPromise(fs.promises, name);
    const open = fs.promises.open;
    fs.promises.open = async (...given) => {
      const handle = await open(...given);
      for (const name of ['write', 'writev', 'writeFile', 'appendFile']) inPromise(handle, name);
      return handle;
    };
    syncBuiltinESMExports();
  }
`;
