import type { Browser, Page } from 'playwright-core';

/** Longest task of a page's main thread during some work, in whole milliseconds. */
export interface LongestTask {
  /** From its begin to its end, including the time during which other programs had the processor. */
  readonly ms: number;
  /** Time on the processor: what the page itself needs, however busy the machine is. */
  readonly ownMs: number;
}

/**
 * An event of Chromium's trace. Times are in microseconds (Trace Event Format, "Duration Events" and "Metadata Events").
 */
interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly dur?: number;
  /** Duration by the thread's own clock, which stands while the thread does not run. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

const categories = ['disabled-by-default-devtools.timeline'];

/** Does some work while the page's tasks are recorded. @returns the longest wall-clock time and processor time of any task */
export async function longestTask(
  { browser, page }: { readonly browser: Browser; readonly page: Page },
  work: () => Promise<unknown>,
): Promise<LongestTask> {
  await browser.startTracing(page, { categories });
  let trace: Buffer;
  try {
    await work();
  } finally {
    trace = await browser.stopTracing();
  }
  const { traceEvents } = JSON.parse(trace.toString()) as {
    readonly traceEvents: readonly TraceEvent[];
  };
  return longestTaskOf(traceEvents);
}

/** Returns the longest task of pages' main threads in a trace. @throws Error where it has none, so that nothing was measured */
export function longestTaskOf(events: readonly TraceEvent[]): LongestTask {
  const mainThreads = new Set(
    events
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(thread),
  );
  const tasks = events.filter(
    (event) => event.name === 'RunTask' && event.ph === 'X' && mainThreads.has(thread(event)),
  );
  if (tasks.length === 0) throw new Error('the trace has no task of a page');
  const longest = (of: (task: TraceEvent) => number | undefined): number =>
    Math.round(tasks.reduce((most, task) => Math.max(most, of(task) ?? 0), 0) / 1_000);
  return { ms: longest(({ dur }) => dur), ownMs: longest(({ tdur }) => tdur) };
}

const thread = ({ pid, tid }: TraceEvent): string => `${pid} ${tid}`;
