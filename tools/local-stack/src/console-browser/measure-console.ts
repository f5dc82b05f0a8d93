import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { countText } from '@sluice/values/figures';
import { longestTask, type LongestTask } from './page-tasks';

export interface MeasureConsoleOptions {
  readonly browser: Browser;
  /** Address of the console, with the token. */
  readonly address: string;
  /** Moment at which the stack, which is new, was started. */
  readonly startedMs: number;
  /** Minutes during which events stream in. */
  readonly minutes: number;
  /** Number of events that stream in each second. */
  readonly eventsPerSecond: number;
  /** Starts the stream of events. @returns a function that ends it */
  readonly stream: () => () => Promise<void>;
  readonly say: (line: string) => void;
}

export interface ConsoleFigures {
  /** Seconds from the start of a new stack until the page shows rows of the sample data. */
  readonly firstRowsSeconds: number;
  /** Longest tasks of the page: while a million rows arrive, while they scroll, while a chart is drawn, and of each minute of events. */
  readonly arrival: LongestTask;
  readonly scroll: LongestTask;
  readonly draw: LongestTask;
  readonly live: readonly LongestTask[];
  /** Heap of the page in megabytes after each minute of events, after garbage collection. */
  readonly heapMegabytes: readonly number[];
  /** Events per second at the end of each minute, as the page displays them. */
  readonly arrivedPerSecond: readonly number[];
  /** Sentences about the figures that are beyond their bounds. */
  readonly faults: readonly string[];
}

const gridRows = 1_000_000;
const chartRows = 100_000;
/**
 * Longest task that is allowed, by the time that it has the processor: on a machine that does other things the clock
 * counts these too. Users notice longer ones (the W3C Long Tasks API counts from 50 ms).
 */
const longestOwnMs = 100;
/** Least share of the events that has to arrive at the page while it is measured. */
const minArrivedShare = 0.9;
/** Largest growth of the heap from the second minute to the last, which the records that are kept don't explain. */
const maxGrowthMegabytes = 20;
/** Time that a newcomer waits after the build until rows are on the page, in seconds. */
const longestStartSeconds = 15;
const patienceMs = 180_000;
/** Time in milliseconds within which the page draws what is there. */
const settleMs = 300;

/** Measures the page's memory, and its longest tasks with many rows and with many events. */
export async function measureConsole({
  browser,
  address,
  startedMs,
  minutes,
  eventsPerSecond,
  stream,
  say,
}: MeasureConsoleOptions): Promise<ConsoleFigures> {
  const context = await browser.newContext({ viewport: { width: 1360, height: 860 } });
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
  const bounded = async (what: string, work: () => Promise<unknown>): Promise<LongestTask> => {
    const longest = await longestTask({ browser, page }, async () => {
      await work();
      await sleep(settleMs);
    });
    say(`${what}: the longest task took ${taskText(longest)}`);
    if (longest.ownMs > longestOwnMs) faults.push(`${what}: a task took ${taskText(longest)}`);
    return longest;
  };

  await page.goto(address);
  await page.getByRole('row', { name: /product_event by user\.id [1-9]/ }).waitFor();
  const firstRowsSeconds = (Date.now() - startedMs) / 1_000;
  say(`rows are on the page ${firstRowsSeconds.toFixed(1)} s after the start of a new stack`);
  if (firstRowsSeconds > longestStartSeconds)
    faults.push(`rows were on the page ${firstRowsSeconds.toFixed(1)} s after the start`);
  await open('SQL');
  await write(
    page,
    `select range as n, 'row ' || range as name, range * 1.5 as x from range(${gridRows})`,
  );
  const rows = `${countText(gridRows)} rows`;
  const arrival = await bounded(`${rows} arrive`, async () => {
    await run(page);
    await page
      .getByRole('status')
      .filter({ hasText: new RegExp(`^${rows} in`) })
      .waitFor();
  });
  const scroll = await bounded(`${rows} scroll`, async () => {
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
  });

  await write(
    page,
    `select timestamp '2026-01-01' + interval 1 second * range as t, sin(range / 5000.0) as y, range % 1000 as z from range(${chartRows})`,
  );
  const draw = await bounded(`${countText(chartRows)} rows are drawn`, async () => {
    await run(page);
    await page.getByRole('img', { name: /^Chart of z by t/ }).waitFor();
  });

  await open('Live');
  const end = stream();
  const live: LongestTask[] = [];
  const heapMegabytes: number[] = [];
  const arrivedPerSecond: number[] = [];
  try {
    await sleep(10_000);
    for (let minute = 1; minute <= Math.max(1, Math.round(minutes)); minute++) {
      // The garbage collection that is asked for afterwards is not the page's.
      const longest = await bounded(`minute ${minute} of events`, () =>
        sleep(Math.min(60_000, minutes * 60_000)),
      );
      const said = await page
        .getByText(/[\d.,]+ a second/)
        .first()
        .textContent();
      const arrived = Number(/([\d.,]+) a second/.exec(said ?? '')?.[1]?.replaceAll(',', ''));
      const megabytes = await heap(page);
      live.push(longest);
      heapMegabytes.push(megabytes);
      arrivedPerSecond.push(arrived);
      say(`minute ${minute} of events: ${arrived} a second, heap ${megabytes} MB`);
    }
  } finally {
    await end();
  }
  const mean = arrivedPerSecond.reduce((sum, one) => sum + one, 0) / arrivedPerSecond.length;
  if (!(mean >= minArrivedShare * eventsPerSecond))
    faults.push(`${mean.toFixed(0)} events a second arrived, not ${eventsPerSecond}`);
  const [, second = heapMegabytes[0] ?? 0] = heapMegabytes;
  const growth = (heapMegabytes.at(-1) ?? 0) - second;
  if (growth > maxGrowthMegabytes) faults.push(`the heap grew by ${growth.toFixed(1)} MB`);
  await context.close();
  return {
    ...{ firstRowsSeconds, arrival, scroll, draw, live },
    ...{ heapMegabytes, arrivedPerSecond, faults },
  };
}

const taskText = ({ ms, ownMs }: LongestTask): string => `${ms} ms, ${ownMs} of the processor`;

/** Writes a query into the page's editor. */
async function write(page: Page, sql: string): Promise<void> {
  await page
    .getByRole('textbox', { name: /SQL|query/i })
    .first()
    .click();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(sql);
}

/** Runs the query that is in the page's editor. */
const run = (page: Page): Promise<void> => page.keyboard.press('Control+Enter');

async function heap(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return Math.round(usedSize / 1e5) / 10;
}
