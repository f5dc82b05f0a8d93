import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from '@sluice/infra/synthesise';
import type { ConsoleWalk } from './console-walk';

/** Checks that event types come from dropped files and change with their definitions. */
export async function checkDefinitions(
  { page, step, picture, open, usable }: ConsoleWalk,
  dataDir: string,
): Promise<void> {
  await step('a dropped file gives an event type', async () => {
    await open('Event types');
    await page
      .locator('input[type=file]')
      .setInputFiles(join(workspaceRoot(), 'docs', 'examples', 'orders.ndjson'));
    await page.getByRole('region', { name: 'Inferred columns' }).waitFor();
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
      await page.getByText('the first other value is in line 8').waitFor();
      await page.getByRole('combobox', { name: 'Type of price' }).selectOption('double');
      await page.getByText('its event fails').waitFor();
      await page.getByRole('button', { name: 'Create it and send the events' }).click();
      await page.getByText('20 events sent.').waitFor();
      await page.getByRole('link', { name: 'see why, and fix them' }).click();
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
      await page.getByText(/refused the current ones of the data directory: .*price/).waitFor();
      edited({ city: { type: 'string' } });
      await page.getByText(/refused the current ones/).waitFor({ state: 'detached' });
    },
  );
  await usable('Event types');
}
