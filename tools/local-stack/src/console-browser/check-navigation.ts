import type { ConsoleWalk } from './console-walk';

/** Checks the page Days, addresses, guides, and the picture of Flow. */
export async function checkNavigation({
  page,
  step,
  picture,
  open,
  usable,
}: ConsoleWalk): Promise<void> {
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
}
