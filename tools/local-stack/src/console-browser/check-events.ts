import { randomUUID } from 'node:crypto';
import { productEvent } from '@sluice/event-types';
import type { CheckConsoleOptions, ConsoleWalk } from './console-walk';
import { hostileValues } from './hostile-values';

/** Checks the pages of events on their way: Flow, Live, Failures and Traces. */
export async function checkEvents(
  { page, step, picture, open, usable }: ConsoleWalk,
  { address, traces }: Pick<CheckConsoleOptions, 'address' | 'traces'>,
): Promise<void> {
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
    await page.getByText('The event is in the stream').waitFor();
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
  await step('a failure is found, fixed, tried, replayed and becomes a row', async () => {
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
    await page.getByRole('searchbox', { name: 'Contains' }).fill('yesterday');
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
    await page.getByRole('searchbox', { name: 'Contains' }).fill('');
    await page.getByRole('checkbox', { name: /Let the gateway check/ }).check();
    await page.getByRole('button', { name: 'Make another' }).click();
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByText('The event is in the stream').waitFor();
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
}
