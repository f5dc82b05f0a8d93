import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { productEvent } from '@sluice/event-types';
import { workspaceRoot } from '@sluice/infra/synthesise';
import type { Browser, Page } from 'playwright-core';
import { hostileValues } from './hostile-values';
import { keyboardFaults, tabTo } from './keyboard';

export interface CheckConsoleOptions {
  readonly browser: Browser;
  /** Address of the console, including the token. */
  readonly address: string;
  /** Address that takes spans. */
  readonly traces: string;
  /** Data directory of the stack. */
  readonly dataDir: string;
  /** Folder for pictures. @default none are taken */
  readonly pictures: string | undefined;
  readonly say: (line: string) => void;
}

const patienceMs = Number(process.env['PATIENCE_MS'] ?? 60_000);

/** Carries out the main task of each page. @returns a sentence for each failure */
export async function checkConsole({
  browser,
  address,
  traces,
  dataDir,
  pictures,
  say,
}: CheckConsoleOptions): Promise<readonly string[]> {
  const faults: string[] = [];
  const context = await browser.newContext({
    viewport: { width: 1360, height: 860 },
    colorScheme: 'dark',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(patienceMs);
  page.on('console', (message) => {
    if (
      message.type() === 'error' &&
      /Content Security Policy|TrustedHTML|TypeError/.test(message.text())
    )
      faults.push(`the browser says: ${message.text().slice(0, 300)}`);
  });
  page.on('pageerror', (error) => faults.push(`a script failed: ${error.message.slice(0, 300)}`));
  const step = async (name: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
      say(`ok    ${name}`);
    } catch (error) {
      // What the page itself says of it, where it says something.
      const told = (await page.getByRole('alert').allTextContents()).map((text) => `; ${text}`);
      faults.push(`${name}: ${(error as Error).message.split('\n')[0] ?? ''}${told.join('')}`);
      say(`FAIL  ${name}: ${(error as Error).message}${told.join('')}`);
    }
  };
  const picture = async (name: string): Promise<void> => {
    if (pictures === undefined) return;
    mkdirSync(pictures, { recursive: true });
    await page.screenshot({ path: join(pictures, `console-${name}.png`) });
  };
  const open = async (name: string): Promise<void> => {
    await page
      .getByRole('navigation')
      .getByRole('link', { name: new RegExp(`^${name}`) })
      .click();
    await page.getByRole('heading', { level: 1, name }).waitFor();
  };
  const accessible = (name: string): Promise<void> =>
    step(`axe finds nothing on ${name}`, async () => {
      const found = await axeFindings(page);
      if (found.length > 0) throw new Error(found.join('; '));
    });

  /** Checks the page as it is now with axe, and walks through it by Tab. */
  const usable = async (name: string): Promise<void> => {
    await accessible(name);
    await step(`Tab reaches all of ${name}, and shows where it is`, async () => {
      const found = await keyboardFaults(page);
      if (found.length > 0) throw new Error(found.join('; '));
    });
  };

  await step('Flow shows the sample data', async () => {
    await page.goto(address);
    await page.getByRole('heading', { level: 1, name: 'Flow' }).waitFor();
    await page.getByRole('row', { name: /product_event/ }).waitFor();
    if (page.url().includes('token')) throw new Error('the token stays in the address');
  });

  const bad = (value: string): string =>
    JSON.stringify({
      [productEvent.time ?? '']: 'yesterday',
      [productEvent.identity ?? '']: randomUUID(),
      eventType: value,
      sessionId: '17',
      properties: {},
    });
  await step('an event that is sent becomes a row', async () => {
    await open('Live');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByText('It is in the stream').waitFor();
    await page.locator('.feed .pill.good').first().waitFor();
  });
  await step('a bad event fails with its reason', async () => {
    await page.getByRole('checkbox', { name: /Let the gateway check/ }).uncheck();
    const area = page.getByRole('textbox', { name: 'Event as JSON' });
    const good = await area.inputValue();
    await area.fill(good.replace(/"sessionId": -?\d+/, '"sessionId": "17"'));
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.locator('.feed .pill.bad').first().waitFor();
    await picture('live');
  });
  await usable('Live');
  await step('a failure is found, mended, tried, replayed and becomes a row', async () => {
    await open('Failures');
    await page
      .getByRole('button', { name: /\/sessionId/ })
      .first()
      .click();
    await page.getByRole('button', { name: 'Try it' }).click();
    await page.getByText('would become rows').waitFor();
    await picture('failures');
    await page.getByRole('button', { name: /^Replay/ }).click();
    await page.getByText(/went back into the stream/).waitFor();
    await page.getByText(/more\. ?/).waitFor();
  });
  await usable('Failures');
  await step('twenty hostile values are shown as text', async () => {
    for (const value of hostileValues) {
      // Passed as text, so that it runs in the page and is not compiled for Node.
      const body = JSON.stringify(`{"events":[${bad(value)}]}`);
      await page.evaluate(`fetch('api/ingest/v1/events/product_event/batch', {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer ' + localStorage.getItem('sluice-token') },
        body: ${body},
      }).then(({ status }) => status)`);
    }
    await open('Live');
    await page.getByRole('searchbox', { name: 'Holds' }).fill('yesterday');
    await page.locator('.feed .pill.bad').nth(19).waitFor();
    for (let index = 0; index < 20; index++) {
      const row = page.locator('.feed > li > button').nth(index);
      await row.click();
      await row.click();
    }
    await open('Failures');
    await page.locator('.groups button').first().click();
    await page.getByRole('heading', { name: 'Samples' }).waitFor();
    const harmed = await page.evaluate<boolean>(
      `'harmed' in window || document.querySelector('main script, main iframe, main style') !== null`,
    );
    if (harmed) throw new Error('a value was taken for markup');
  });
  await step('an event that was sent has a trace, from the gateway to its row', async () => {
    await open('Live');
    await page.getByRole('searchbox', { name: 'Holds' }).fill('');
    await page.getByRole('checkbox', { name: /Let the gateway check/ }).check();
    await page.getByRole('button', { name: 'Make another' }).click();
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByText('It is in the stream').waitFor();
    const sent = page.locator('.feed > li').first();
    await sent.locator('.pill.good').waitFor();
    await sent.getByRole('button').first().click();
    await sent.getByRole('link', { name: 'Its trace' }).click();
    await page.getByRole('heading', { level: 1, name: 'Traces' }).waitFor();
    const spans = page.getByRole('list', { name: 'Spans of the trace' });
    for (const name of [/ingest-gateway POST/, /event-stream wait/, /process/, /delivery deliver/])
      await spans.getByRole('button', { name }).waitFor();
    await spans.getByRole('button', { name: /delivery deliver/ }).click();
    await spans.getByText('sluice.event_id').waitFor();
    await picture('traces');
  });
  await usable('Traces');
  await step('hostile values in a span are shown as text', async () => {
    const attributes = hostileValues.map((value, index) => ({
      key: index % 2 === 0 ? `a${index}` : value.slice(0, 100),
      value: { stringValue: value },
    }));
    const traceId = 'ab'.repeat(16);
    const name = hostileValues[0] ?? '';
    const span = {
      traceId,
      spanId: 'ab'.repeat(8),
      name,
      status: { code: 2, message: name },
      attributes,
    };
    const answer = await fetch(`${traces}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }),
    });
    if (!answer.ok) throw new Error(`the receiver answers ${answer.status}`);
    await page.getByRole('searchbox', { name: 'Id' }).fill(traceId);
    // The list is that of the id a moment after it was typed.
    await page.locator(`.traces a[href*="${traceId}"]`).click();
    const spans = page.getByRole('list', { name: 'Spans of the trace' });
    await spans.getByRole('button', { name: /script/ }).click();
    await spans.getByText('a18').waitFor();
    const harmed = await page.evaluate<boolean>(
      `'harmed' in window || document.querySelector('main script, main iframe, main style') !== null`,
    );
    if (harmed) throw new Error('a value was taken for markup');
    await page.getByRole('searchbox', { name: 'Id' }).fill('');
  });
  await step('a row is looked up by its key, and the plan is drawn', async () => {
    await open('Look up');
    await page.locator('.chip').first().click();
    await page.getByRole('grid', { name: 'Rows found' }).waitFor();
    await page.getByRole('heading', { name: 'Plan' }).waitFor();
    await picture('look-up');
    await page.getByRole('link', { name: 'its trace' }).click();
    const spans = page.getByRole('list', { name: 'Spans of the trace' });
    await spans.getByRole('button', { name: /lookup-api GET/ }).waitFor();
    await open('Look up');
  });
  await usable('Look up');
  await step('a row is looked up and opened by the keyboard alone', async () => {
    const key = await page.locator('.chip').first().textContent();
    await page.getByRole('heading', { level: 1 }).click();
    await tabTo(page, 'form.bar input:not([type=date])');
    await page.keyboard.type(key ?? '');
    await page.keyboard.press('Enter');
    await tabTo(page, '[role=grid]');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'The row that was opened' }).waitFor();
    await page.keyboard.press('Enter');
    await page
      .getByRole('region', { name: 'The row that was opened' })
      .waitFor({ state: 'detached' });
  });
  await step('SQL is asked, and a chart is drawn', async () => {
    await open('SQL');
    // The example by a text column is there once the event types are known.
    await page
      .locator('option', { hasText: /^rows by (?!minute|day)/ })
      .waitFor({ state: 'attached' });
    await page.getByRole('combobox', { name: 'Insert' }).selectOption('e1');
    await page.getByRole('img', { name: /^Chart of events/ }).waitFor();
    await page.getByRole('grid', { name: 'Result of the query' }).waitFor();
    await picture('sql');
  });
  await step('a join is run, and says what came of it', async () => {
    await page.getByRole('button', { name: 'Run match_event_players' }).click();
    const runs = page.getByRole('list', { name: 'Latest runs' });
    await runs
      .getByText(/succeeded.*: \d+ left rows, \d+ right rows/s)
      .first()
      .waitFor();
    await runs.scrollIntoViewIfNeeded();
    await picture('joins');
    await runs.getByRole('button', { name: 'ask for its rows' }).first().click();
    await page
      .getByRole('status')
      .filter({ hasText: /^[1-9]\d* rows in/ })
      .waitFor();
  });
  await usable('SQL');
  await step('SQL is asked by the keyboard alone', async () => {
    await tabTo(page, '.cm-content');
    await page.keyboard.press('Control+A');
    // Text that replaces a selection gets a style from Chromium itself, which the page's policy refuses.
    await page.keyboard.press('Backspace');
    await page.keyboard.type('select 41 as one union all select 42 order by 1');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('gridcell', { name: '42' }).waitFor();
    // Closes the list of completions, and lets Tab leave the editor.
    await page.keyboard.press('Escape');
    await tabTo(page, '[role=grid]');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'The row that was opened' }).getByText('42').waitFor();
  });
  await step('the rows of a day that have a value are counted, by column', async () => {
    await open('Event types');
    await page.getByRole('button', { name: 'Count the last 14 days' }).click();
    const counted = page.getByRole('region', { name: /^Rows with a value/ });
    await counted
      .getByRole('columnheader', { name: /^\d{4}-\d{2}-\d{2} ?[\d,]+ rows/ })
      .first()
      .waitFor();
    const full = await counted.getByRole('row', { name: /^event_id 100 %/ }).count();
    if (full !== 1) throw new Error('not every row has an event_id');
    await page.evaluate(
      `document.querySelector('[aria-label^="Rows with a value"]').closest('section').scrollIntoView()`,
    );
    await picture('filled-by-day');
  });
  await step('a dropped file gives an event type', async () => {
    await open('Event types');
    await page
      .locator('input[type=file]')
      .setInputFiles(join(workspaceRoot(), 'docs', 'examples', 'orders.ndjson'));
    await page.getByRole('region', { name: 'Columns that were inferred' }).waitFor();
    await picture('event-types');
  });
  await step(
    'a file that is dropped on any page gives a type; its odd event fails, and is told',
    async () => {
      await open('Flow');
      const parcels = Array.from({ length: 20 }, (_, index) =>
        JSON.stringify({
          parcelId: `p-${index}`,
          price: index === 7 ? 'about twenty' : index + 0.5,
        }),
      ).join('\n');
      // Dropped by the page itself: a browser lets nobody drop a file from outside.
      await page.evaluate(`{
      const files = new DataTransfer();
      files.items.add(new File([${JSON.stringify(parcels)}], 'parcels.ndjson'));
      document.querySelector('main').dispatchEvent(
        new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: files }),
      );
    }`);
      await page.getByText('line 8 has the first that is not').waitFor();
      await page.getByRole('combobox', { name: 'Type of price' }).selectOption('double');
      await page.getByText('its event fails').waitFor();
      await page.getByRole('button', { name: 'Take it, and send the events' }).click();
      await page.getByText('20 events sent.').waitFor();
      await page.getByRole('link', { name: 'see why, and mend' }).click();
      await page.getByRole('button', { name: /\/price/ }).click();
      await page.getByText('about twenty').first().waitFor();
      await open('Event types');
    },
  );
  await step(
    'a definition that is edited is taken up, with rows from before and after',
    async () => {
      const file = join(dataDir, 'event-types', 'parcels.event.json');
      const before = readFileSync(file, 'utf8');
      const edited = (properties: object): void => {
        const definition = JSON.parse(before) as {
          readonly schema: { readonly properties: object };
        };
        const { schema } = definition;
        const changed = { ...schema, properties: { ...schema.properties, ...properties } };
        writeFileSync(file, JSON.stringify({ ...definition, version: '1.1.0', schema: changed }));
      };
      edited({ city: { type: 'string' } });
      await page.getByText('version 1.1.0', { exact: true }).waitFor();
      // Passed as text, so that it runs in the page and is not compiled for Node.
      await page.evaluate(`fetch('api/ingest/v1/events/parcels', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer ' + localStorage.getItem('sluice-token') },
      body: '{"parcelId":"p-99","price":9.5,"city":"Ulm"}',
    }).then(({ status }) => status)`);
      for (const id of ['p-1', 'p-99']) {
        await page.evaluate(`location.hash = '#/look-up?table=parcels&id=${id}'`);
        const found = page.getByRole('grid', { name: 'Rows found' });
        for (let turn = 0; turn < 20 && !(await found.isVisible()); turn++) {
          await page.waitForTimeout(1_000);
          await page.getByRole('button', { name: 'Look up', exact: true }).click();
        }
        await found.getByRole('columnheader', { name: 'city' }).waitFor();
        await found
          .getByRole('gridcell', { name: id === 'p-1' ? 'null' : 'Ulm' })
          .first()
          .waitFor();
      }
      await page.evaluate(
        `localStorage.setItem('sluice-sql', 'select count(*), count(city) from parcels')`,
      );
      await open('SQL');
      const counts = page.getByRole('row', { name: /^20 ?1$/ });
      for (let turn = 0; turn < 20 && !(await counts.isVisible()); turn++) {
        await page.waitForTimeout(1_000);
        await page.getByRole('button', { name: /^Run Ctrl/ }).click();
      }
      await counts.waitFor();
      edited({ price: { type: 'string' } });
      await open('Event types');
      await page.getByText(/does not take up what the data directory has now: .*price/).waitFor();
      edited({ city: { type: 'string' } });
      await page.getByText(/does not take up/).waitFor({ state: 'detached' });
    },
  );
  await usable('Event types');
  await step('a day is compacted', async () => {
    await open('Days');
    await page.getByRole('button', { name: 'Compact now' }).click();
    await page.getByText(/There was nothing to do|rows? in \d/).waitFor();
    await picture('days');
  });
  await usable('Days');
  await step('an address that names what is not there says so', async () => {
    const told = async (hash: string, text: RegExp): Promise<void> => {
      await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
      await page.locator('main').getByText(text).first().waitFor();
    };
    await told('#/flows', /The console has no page “flows”/);
    if ((await page.title()) !== 'No such page · Sluice') throw new Error(await page.title());
    await page.locator('main').getByRole('link', { name: 'Days' }).click();
    await told('#/days?table=nothing', /names the table “nothing”, which does not exist/);
    await told('#/days?day=2001-01-01', /holds nothing of the day “2001-01-01”/);
    await told('#/event-types?name=nothing', /names the event type “nothing”/);
    await told('#/sql?join=nothing', /names the join “nothing”/);
    await told('#/guide?page=nothing', /no guide “nothing”/);
  });
  await step('a runbook is shown in the page, and leads to another one', async () => {
    await page.evaluate(`location.hash = '#/guide?page=lookup-slow'`);
    await page.getByRole('heading', { level: 1, name: 'Look-ups are slow' }).waitFor();
    await page.getByRole('link', { name: 'compaction-lagging' }).click();
    await page.getByRole('heading', { level: 1, name: 'Compaction does not catch up' }).waitFor();
  });
  await usable('a runbook');
  await step('what an erasure does is told', async () => {
    await page.evaluate(`location.hash = '#/guide?page=privacy&at=erasing-a-person'`);
    await page.getByRole('heading', { name: 'Erasing a person' }).waitFor();
  });
  await step('the pictures of the flow', async () => {
    await open('Flow');
    await page.getByRole('img', { name: /delivered between/ }).waitFor();
    await picture('flow');
  });
  await usable('Flow');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 390, height: 844 });
  const links = page.getByRole('navigation').locator('li a > span:first-of-type');
  for (const name of await links.allTextContents()) {
    await step(`${name} is not wider than a phone`, async () => {
      await open(name);
      const overflow = await page.evaluate<number>(
        'document.documentElement.scrollWidth - innerWidth',
      );
      if (overflow > 1) throw new Error(`it is ${overflow} pixels too wide`);
    });
    if (name === 'Look up')
      await step('a row is looked up on a phone', async () => {
        await page.locator('.chip').first().click();
        await page.getByRole('grid', { name: 'Rows found' }).waitFor();
      });
    await accessible(`${name} on a phone in light colours`);
  }
  await step('the picture of a phone', async () => {
    await open('Flow');
    await picture('phone');
  });
  await context.close();
  return faults;
}

async function axeFindings(page: Page): Promise<readonly string[]> {
  const source = readFileSync(
    createRequire(join(workspaceRoot(), 'package.json')).resolve('axe-core/axe.min.js'),
    'utf8',
  );
  await page.evaluate(source);
  const violations = await page.evaluate<readonly Violation[]>(
    'axe.run().then(({ violations }) => violations)',
  );
  return violations.map(
    ({ id, nodes }) =>
      `${id} (${nodes.length}): ${nodes[0]?.html.slice(0, 140) ?? ''} ${nodes[0]?.failureSummary?.split('\n')[1] ?? ''}`,
  );
}

/** A violation in axe's results (axe-core API, "Results object"). */
interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}
