import type { ConsoleWalk } from './console-walk';

/** Checks each page in light colours at the width of a phone. */
export async function checkPhone({
  page,
  step,
  picture,
  open,
  accessible,
}: ConsoleWalk): Promise<void> {
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
}
