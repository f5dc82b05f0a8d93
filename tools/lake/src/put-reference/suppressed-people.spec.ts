import { defineEvent, defineReference } from '@sluice/event-schema';
import { MemoryObjectStore, referenceKey } from '@sluice/lake-layout';
import { readHashKeys } from '@sluice/privacy';
import { addToLedger, ledgerEntries, requestErasure } from '@sluice/privacy/erasures';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { putReference } from './put-reference';
import { renderReferenceReport } from './reference-report';
import { suppressedIn } from './suppressed-people';

const text = { type: 'string' } as const;
const visit = defineEvent({
  ...{ name: 'visit', version: '1.0.0', key: 'person', subject: 'person' },
  schema: { type: 'object', required: ['person'], properties: { person: text } },
});
const customers = defineReference({
  ...{ name: 'customers', key: 'id', subject: ['id', 'email'] },
  schema: { type: 'object', required: ['id'], properties: { id: text, email: text } },
});
const keys = readHashKeys(JSON.stringify({ current: '1', '1': 'l'.repeat(40) }));

const folder = mkdtempSync(join(tmpdir(), 'sluice-suppressed-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'customers.csv');
writeFileSync(file, 'id,email\n1,zq-ada\nzq-ada,b@example.org\n3,c@example.org\n4,\n');

/** Asks for the erasure of a person, then puts the file. @returns the table's bytes as text, and the report's */
async function putAfter(suppress: boolean, references?: readonly string[]) {
  const store = new MemoryObjectStore();
  const asked = { id: 'erasure-1', subject: 'zq-ada', tables: ['visit'], suppress };
  await requestErasure(store, keys, {
    ...{ ...asked, requestedAtMs: 0 },
    ...(references && { references }),
  });
  const entry = { untilMs: 0, suppress, erasure: asked.id };
  await addToLedger(store, 'visit', ledgerEntries(keys, [asked.subject], entry));
  const isSuppressed = await suppressedIn(customers, {
    ...{ store, eventTypes: [visit] },
    readLedgerKeys: () => Promise.resolve(keys),
  });
  const { name } = customers;
  const result = await putReference({ store, file, name, definition: customers, isSuppressed });
  if (result.outcome !== 'put') throw new Error(JSON.stringify(result));
  const objects: string[] = [];
  for await (const { key } of store.list('reference'))
    objects.push(Buffer.from((await store.get(key)).bytes).toString('latin1'));
  expect(Buffer.from((await store.get(referenceKey(name))).bytes).toString('latin1')).toBe(
    objects[0],
  );
  return { report: result.report, said: renderReferenceReport(result.report), objects };
}

test('rows of a person who is suppressed are left out, and the report says so', async () => {
  const { report, said, objects } = await putAfter(true, ['customers']);
  expect(report).toMatchObject({ rows: 2, suppressedRows: 2 });
  expect(said).toContain('left out: 2 rows that name people who were erased for good');
  // The file and its kept version.
  expect(objects).toHaveLength(2);
  for (const bytes of objects) {
    expect(bytes).not.toContain('zq-ada');
    expect(bytes).toContain('c@example.org');
  }
});

test.each([
  ['without "suppress"', false, ['customers']],
  ['of an event type alone', true, undefined],
])('after an erasure %s all rows are put', async (_, suppress, references) => {
  const { report, said } = await putAfter(suppress, references);
  expect(report).toMatchObject({ rows: 4, suppressedRows: 0 });
  expect(said).not.toContain('left out');
});
