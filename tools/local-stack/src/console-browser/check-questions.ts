import type { ConsoleWalk } from './console-walk';
import { tabTo } from './keyboard';

/** Checks the pages that ask the lake: Look up, SQL with joins, and the values of a column by day. */
export async function checkQuestions({
  page,
  step,
  picture,
  open,
  usable,
}: ConsoleWalk): Promise<void> {
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
    await page.getByRole('region', { name: 'Opened row' }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'Opened row' }).waitFor({ state: 'detached' });
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
    await runs.getByRole('button', { name: 'query its rows' }).first().click();
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
    await page.getByRole('region', { name: 'Opened row' }).getByText('42').waitFor();
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
}
