import { pollUntil } from '@sluice/waiting';
import { isDeepStrictEqual } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { typedText, type Shop } from './shop';

export interface CheckTrackerOptions {
  readonly browser: Browser;
  readonly endpoints: { readonly ingest: string; readonly lookup: string; readonly apiKey: string };
  readonly shop: Shop;
  readonly say: (line: string) => void;
}

/** Columns of a row of the table `web_event` that are checked. */
interface Row {
  readonly kind: string;
  readonly page_url: string;
  readonly custom_name: string | null;
  readonly event_id: string;
}

const rowsMs = 60_000;

/** Visits a site with the tracker, and compares the actions with the rows. @returns a sentence for each difference */
export async function checkTracker({
  browser,
  endpoints,
  shop,
  say,
}: CheckTrackerOptions): Promise<readonly string[]> {
  const faults: string[] = [];
  const expectSame = (what: string, seen: unknown, wanted: unknown): void => {
    const isSame = isDeepStrictEqual(seen, wanted);
    say(`${isSame ? 'passed' : 'failed'}  ${what}`);
    if (!isSame) faults.push(`${what}: ${JSON.stringify(seen)}, not ${JSON.stringify(wanted)}`);
  };
  shop.setIngest(endpoints.ingest, endpoints.apiKey);
  const page = await browser.newPage();
  const posts: string[] = [];
  page.on('request', (request) => {
    if (request.url().startsWith(endpoints.ingest) && request.method() === 'POST')
      posts.push(request.url());
  });
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });

  await page.goto(`${shop.origin}/?utm_source=mail&visitor=17`);
  await page.click('[data-track=buy]');
  expectSame('before consent nothing is sent or stored', [posts, await stored(page)], [[], []]);

  await page.click('#agree');
  await page.click('[data-track=buy]');
  await page.fill('[name=email]', typedText);
  await page.click('#send');
  await page.evaluate("setTimeout(() => { throw new Error('planted') })");
  await page.evaluate("sluice.track('looked', { at: 'shoes' })");
  const session = await page.evaluate<string>(
    "localStorage.getItem('sluice.session').split(' ')[0]",
  );
  // The click's page goes away before the tracker's two seconds are over.
  await page.click('#basket');
  await page.waitForURL('**/basket*');
  await page.click('#agree');

  // The network fails; what was not sent is sent by the next page.
  await page.route(`${endpoints.ingest}/**`, (route) => route.abort());
  await page.evaluate("sluice.track('offline')");
  const waiting = (await stored(page)).filter((key) => key.startsWith('sluice.event.'));
  await page.reload();
  await page.unroute(`${endpoints.ingest}/**`);
  await page.click('#agree');
  await page.evaluate('sluice.flush()');
  expectSame(
    'what was sent is no longer in the browser',
    (await stored(page)).filter((key) => key.startsWith('sluice.event.')),
    [],
  );
  expectSame('an event that could not be sent waited', waiting.length > 0, true);

  const wanted = [
    'click /',
    'click /',
    'click /',
    'custom looked',
    'custom offline',
    'error /',
    'form_submit /',
    'page_view /',
    'page_view /basket',
    'page_view /basket',
  ];
  const rows = await rowsOf(session, wanted.length, endpoints);
  expectSame('each thing that was done is one row of the session', rows.map(nameOf).sort(), wanted);
  expectSame(
    'each row has an id of its own',
    new Set(rows.map(({ event_id }) => event_id)).size,
    rows.length,
  );
  expectSame(
    'no row holds what was typed, or a query but for the campaign’s',
    [typedText, 'visitor=17', 'next=1'].filter((text) => JSON.stringify(rows).includes(text)),
    [],
  );
  expectSame(
    'the campaign is kept',
    rows.some(({ page_url }) => page_url === `${shop.origin}/?utm_source=mail`),
    true,
  );

  await page.click('#refuse');
  const before = posts.length;
  await page.evaluate("sluice.track('unwanted')");
  await page.evaluate('sluice.flush()');
  expectSame(
    'after a refusal nothing is sent or stored',
    [posts.length - before, await stored(page)],
    [0, []],
  );
  expectSame(
    'the browser complains of nothing but the planted error and the network',
    complaints.filter((text) => !/planted|ERR_FAILED/.test(text)),
    [],
  );
  return faults;
}

const stored = (page: Page): Promise<string[]> =>
  page.evaluate<string[]>('Object.keys(localStorage).sort()');

const nameOf = ({ kind, custom_name, page_url }: Row): string =>
  `${kind} ${custom_name ?? new URL(page_url).pathname}`;

/** Looks up a session's rows until there are as many as wanted, and a little longer, in case there are more. */
async function rowsOf(
  session: string,
  wanted: number,
  { lookup, apiKey }: CheckTrackerOptions['endpoints'],
): Promise<readonly Row[]> {
  const ask = async (): Promise<readonly Row[]> => {
    const response = await fetch(`${lookup}/v1/events/web_event?id=${session}`, {
      headers: { 'x-api-key': apiKey },
    });
    const { rows = [] } = (await response.json()) as { readonly rows?: readonly Row[] };
    return rows;
  };
  await pollUntil(async () => (await ask()).length >= wanted || undefined, {
    everyMs: 500,
    withinMs: rowsMs,
  });
  await sleep(5_000);
  return ask();
}
