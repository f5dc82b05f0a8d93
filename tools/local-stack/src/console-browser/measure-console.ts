import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';

export interface MeasureConsoleOptions {
  readonly browser: Browser;
  /** Address of the console, with the token. */
  readonly address: string;
  /** Moment at which the stack, which is new, was started. */
  readonly startedMs: number;
  /** Minutes during which events stream in. */
  readonly minutes: number;
  /** Starts the stream of events. @returns a function that ends it */
  readonly stream: () => () => Promise<void>;
  readonly say: (line: string) => void;
}

export interface ConsoleFigures {
  /** Seconds from the start of a new stack until the page shows rows of the sample data. */
  readonly firstRowsSeconds: number;
  /** Longest tasks of the page in milliseconds; 0 where none took 50. */
  readonly scrollMs: number;
  readonly drawMs: number;
  readonly liveMs: number;
  /** Heap of the page in megabytes after each minute of events, after garbage collection. */
  readonly heapMegabytes: readonly number[];
  /** Events per second, as the page displays them. */
  readonly arrivedPerSecond: number;
  /** Sentences about the figures that are beyond their bounds. */
  readonly faults: readonly string[];
}

const gridRows = 1_000_000;
const chartRows = 100_000;
/** Longest task that is allowed. Users notice longer ones (the W3C Long Tasks API counts from 50 ms). */
const longestTaskMs = 100;
/** Largest growth of the heap from the second minute to the last, which the records that are kept don't explain. */
const mostGrowthMegabytes = 20;
/** Time that a newcomer waits after the build until rows are on the page, in seconds. */
const longestStartSeconds = 15;
const patienceMs = 180_000;

/** Measures the page's memory, and its longest tasks with many rows and with many events. */
export async function measureConsole({
  browser,
  address,
  startedMs,
  minutes,
  stream,
  say,
}: MeasureConsoleOptions): Promise<ConsoleFigures> {
  const context = await browser.newContext({ viewport: { width: 1360, height: 860 } });
  await context.addInitScript(`
    globalThis.longTasks = [];
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) globalThis.longTasks.push(duration);
    }).observe({ type: 'longtask', buffered: true });
  `);
  const page = await context.newPage();
  page.setDefaultTimeout(patienceMs);
  const open = async (name: string): Promise<void> => {
    await page
      .getByRole('navigation')
      .getByRole('link', { name: new RegExp(`^${name}`) })
      .click();
    await page.getByRole('heading', { level: 1, name }).waitFor();
  };
  const faults: string[] = [];
  const bounded = (what: string, ms: number): number => {
    say(`${what}: the longest task took ${ms === 0 ? 'less than 50' : ms} ms`);
    if (ms > longestTaskMs) faults.push(`${what}: a task took ${ms} ms`);
    return ms;
  };

  await page.goto(address);
  await page.getByRole('row', { name: /product_event by user\.id [1-9]/ }).waitFor();
  const firstRowsSeconds = (Date.now() - startedMs) / 1_000;
  say(`rows are on the page ${firstRowsSeconds.toFixed(1)} s after the start of a new stack`);
  if (firstRowsSeconds > longestStartSeconds)
    faults.push(`rows were on the page ${firstRowsSeconds.toFixed(1)} s after the start`);
  await open('SQL');
  await ask(
    page,
    `select range as n, 'row ' || range as name, range * 1.5 as x from range(${gridRows})`,
  );
  await page
    .getByRole('status')
    .filter({ hasText: /^1,000,000 rows in/ })
    .waitFor();
  bounded(`${gridRows.toLocaleString('en')} rows arrive`, await longestTask(page));
  await page.evaluate(`(async () => {
    const grid = document.querySelector('[aria-label="Result of the query"]');
    const scroller = [grid, ...grid.querySelectorAll('*'), grid.parentElement].find((one) => one.scrollHeight > one.clientHeight + 1000);
    if (!scroller) throw new Error('nothing scrolls');
    for (let step = 0; step <= 300; step++) {
      scroller.scrollTop = (scroller.scrollHeight * step) / 300;
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  })()`);
  await page.getByRole('gridcell', { name: `row ${gridRows - 1}`, exact: true }).waitFor();
  const scrollMs = bounded(`${gridRows.toLocaleString('en')} rows scroll`, await longestTask(page));

  await ask(
    page,
    `select timestamp '2026-01-01' + interval 1 second * range as t, sin(range / 5000.0) as y, range % 1000 as z from range(${chartRows})`,
  );
  await page.getByRole('img', { name: /^Chart of y, z by t/ }).waitFor();
  const drawMs = bounded(
    `${chartRows.toLocaleString('en')} rows are drawn`,
    await longestTask(page),
  );

  await open('Live');
  const end = stream();
  const heapMegabytes: number[] = [];
  let arrivedPerSecond = 0;
  await sleep(10_000);
  await longestTask(page);
  let liveMs = 0;
  for (let minute = 1; minute <= Math.max(1, Math.round(minutes)); minute++) {
    await sleep(Math.min(60_000, minutes * 60_000));
    liveMs = Math.max(liveMs, await longestTask(page));
    heapMegabytes.push(await heap(page));
    // The garbage collection that was asked for is not the page's.
    await longestTask(page);
    const said = await page
      .getByText(/[\d.,]+ a second/)
      .first()
      .textContent();
    arrivedPerSecond = Number(/([\d.,]+) a second/.exec(said ?? '')?.[1]?.replaceAll(',', ''));
    say(
      `minute ${minute}: ${arrivedPerSecond} events a second, heap ${heapMegabytes.at(-1) ?? 0} MB, longest task ${liveMs} ms`,
    );
  }
  await end();
  bounded('events stream in', liveMs);
  const [, second = heapMegabytes[0] ?? 0] = heapMegabytes;
  const growth = (heapMegabytes.at(-1) ?? 0) - second;
  if (growth > mostGrowthMegabytes) faults.push(`the heap grew by ${growth.toFixed(1)} MB`);
  await context.close();
  return { firstRowsSeconds, scrollMs, drawMs, liveMs, heapMegabytes, arrivedPerSecond, faults };
}

/** Runs a query in the page's editor. */
async function ask(page: Page, sql: string): Promise<void> {
  const editor = page.getByRole('textbox', { name: /SQL|query/i }).first();
  await editor.click();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(sql);
  await longestTask(page);
  await page.keyboard.press('Control+Enter');
}

/** Returns the longest task since the previous call, in whole milliseconds. */
const longestTask = async (page: Page): Promise<number> => {
  await sleep(300);
  return page.evaluate<number>(`Math.round(Math.max(0, ...globalThis.longTasks.splice(0)))`);
};

async function heap(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return Math.round(usedSize / 1e5) / 10;
}
