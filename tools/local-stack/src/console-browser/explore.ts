import { mkdirSync, writeFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { withConsole } from './with-console';
const v1 = {
  name: 'visit',
  version: '1.0.0',
  key: 'user',
  identity: 'id',
  subject: 'user',
  description: 'A visit',
  schema: {
    type: 'object',
    required: ['id', 'user'],
    properties: {
      id: { type: 'string', format: 'uuid' },
      user: { type: 'string' },
      amount: { type: 'integer' },
      note: { type: 'string' },
    },
  },
};
const v2 = {
  ...v1,
  version: '1.1.0',
  schema: {
    ...v1.schema,
    properties: {
      id: v1.schema.properties.id,
      user: { type: 'string' },
      amount: { type: 'number' },
      tags: { type: 'array', items: { type: 'string' } },
      city: { type: 'string' },
    },
  },
};
let dir = '';
const put = (d: object) => {
  mkdirSync(join(dir, 'event-types'), { recursive: true });
  writeFileSync(join(dir, 'event-types', 'visit.event.json'), JSON.stringify(d, undefined, 2));
};
void withConsole(
  async ({ browser, address, dataDir }) => {
    const page = await (
      await browser.newContext({ viewport: { width: 1360, height: 1100 } })
    ).newPage();
    page.on(
      'console',
      (m) => m.type() === 'error' && console.log('CONSOLE', m.text().slice(0, 300)),
    );
    page.on('pageerror', (e) => console.log('PAGEERROR', e.message));
    page.on('response', (r) => {
      if (r.status() >= 400) console.log('HTTP', r.status(), r.url());
    });
    const ends = JSON.parse(readFileSync(join(dataDir, 'endpoints.json'), 'utf8')) as Record<
      string,
      string
    >;
    const post = async (path: string, body: object, base = 'ingest') => {
      const r = await fetch(`${ends[base]}${path}`, {
        method: 'POST',
        headers: { 'x-api-key': ends['apiKey'] ?? '', 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return `${r.status} ${(await r.text()).slice(0, 300)}`;
    };
    const get = async (path: string, base = 'operations') => {
      const r = await fetch(`${ends[base]}${path}`, {
        headers: { 'x-api-key': ends['apiKey'] ?? '' },
      });
      return (await r.text()).slice(0, 1500);
    };
    const sleep = (ms: number) => new Promise((d) => setTimeout(d, ms));
    console.log(
      'post',
      await post('/v1/events/visit/batch', {
        events: [1, 2, 3].map((n) => ({
          id: randomUUID(),
          user: `u-${n}`,
          amount: n,
          note: `n${n}`,
        })),
      }),
    );
    await sleep(9000);
    await page.goto(address);
    await page.getByRole('row', { name: /product_event/ }).waitFor();
    const shot = async (hash: string, name: string, wait = 1500) => {
      await page.evaluate(`location.hash=${JSON.stringify(hash)}`);
      await sleep(wait);
      const alerts = await page.getByRole('alert').allTextContents();
      console.log(name, alerts.length ? 'ALERT ' + alerts.join(' | ') : 'ok');
      await page.screenshot({ path: `/tmp/explore/${name}.png` });
    };
    await shot('#/sql?table=visit', 'a-sql', 3000);
    put(v2);
    const t0 = Date.now();
    for (let i = 0; i < 60; i++) {
      const r = await get('/v1/event-types');
      if (
        (
          await (
            await fetch(ends['operations'] + '/v1/lake', {
              headers: { 'x-api-key': ends['apiKey'] ?? '' },
            })
          ).text()
        ).includes('"1.1.0"')
      )
        break;
      await sleep(500);
    }
    console.log('taken after', Date.now() - t0);
    await shot('#/live?table=visit', 'a2-live', 500);
    console.log(
      'post2',
      await post('/v1/events/visit/batch', {
        events: [4, 5].map((n) => ({
          id: randomUUID(),
          user: `u-${n}`,
          amount: n + 0.5,
          tags: ['a'],
          city: 'Ulm',
        })),
      }),
    );
    console.log(
      'post-old',
      await post('/v1/events/visit', {
        id: randomUUID(),
        user: 'u-6',
        amount: 6,
        note: 'old client',
      }),
    );
    await sleep(9000);
    await shot('#/flow', 'b-flow');
    await shot('#/live?table=visit', 'b-live');
    await shot('#/event-types?name=visit', 'b-types', 2500);
    await page.screenshot({ path: '/tmp/explore/b-types.png' });
    await page
      .getByRole('button', { name: /Count the last/ })
      .click()
      .catch(() => console.log('no count'));
    await sleep(2500);
    await page
      .getByRole('region', { name: /Rows with a value/ })
      .scrollIntoViewIfNeeded()
      .catch(() => console.log('no region'));
    await page.screenshot({ path: '/tmp/explore/b-types-filled.png' });
    await shot('#/look-up?table=visit&id=u-1', 'b-lookup0');
    await page.getByRole('button', { name: 'Look up', exact: true }).click();
    await sleep(1200);
    await page.screenshot({ path: '/tmp/explore/b-lookup1.png' });
    await shot('#/look-up?table=visit&id=u-4', 'b-lookup4');
    await page.getByRole('button', { name: 'Look up', exact: true }).click();
    await sleep(1200);
    await page.screenshot({ path: '/tmp/explore/b-lookup4.png' });
    await shot('#/sql?table=visit', 'b-sql', 3500);
    await shot('#/failures', 'b-failures');
    await shot('#/days?table=visit', 'b-days');
    console.log('erase', await post('/v1/erasures', { subject: 'u-1' }, 'operations'));
    await sleep(8000);
    console.log(await get('/v1/lake/visit/days'));
    await shot('#/days?table=visit', 'c-days', 4500);
    await shot('#/guide?page=privacy&at=erasing-a-person', 'c-guide');
    await shot('#/guide', 'c-runbooks');
    await shot('#/nothing', 'c-nothing');
    await shot('#/days?table=nothing', 'c-unknown');
    await shot('#/flow', 'c-flow');
    return 0;
  },
  {
    prepare: (d) => {
      dir = d;
      put(v1);
    },
  },
);
