import { MemoryObjectStore } from '@sluice/lake-layout';
import { eraseFailed } from './erase-failed';

const key = 'order/errors/processing-failed/dt=2026-11-20/e';

const line = (body: string): string =>
  `${JSON.stringify({ arrivalTimestamp: 1, errorCode: 'x', errorMessage: 'y', rawData: Buffer.from(body).toString('base64') })}\n`;

async function erasedOf(subject: string, body: string): Promise<number> {
  const store = new MemoryObjectStore();
  await store.put(key, Buffer.from(line(body)));
  const [{ failedRecords } = { failedRecords: -1 }, other] = await eraseFailed({
    ...{ store, table: 'order', dryRun: false },
    people: [new Set([subject]), new Set(['somebody else'])],
  });
  expect(other).toEqual({ failedRecords: 0, unreadRecords: 0 });
  const left = Buffer.from((await store.get(key)).bytes).toString();
  expect(left).toBe(failedRecords === 1 ? '{"erased":true}\n' : line(body));
  return failedRecords;
}

test.each([
  ['lea', '{"user":"lea"}'],
  ['lea', '{"text":"ask (lea), please"}'],
  ['lea', '{"text":"Dear\\nlea"}'],
  ['lea', '{"user":"\\u006cea"}'],
  ['lea', 'no JSON: lea'],
  ['7', '{"user":7}'],
  ['ada@example.org', '{"cc":"<ada@example.org>"}'],
  ['a.b+c', '{"user":"a.b+c"}'],
  ['O"Neil', '{"user":"O\\"Neil"}'],
  ['名前', '{"text":"これは名前です"}'],
])('of %s the failed record %s goes', async (subject, body) => {
  expect(await erasedOf(subject, body)).toBe(1);
});

test.each([
  ['lea', '{"user":"leaf"}'],
  ['x', '{"text":"next"}'],
  ['7', '{"user":17}'],
  ['a.b+c', '{"user":"aXbbc"}'],
])('of %s the failed record %s stays', async (subject, body) => {
  expect(await erasedOf(subject, body)).toBe(0);
});
