import { ingestedSentence } from './ingested-text';

const file = { file: 'a.ndjson', eventType: 'product_event' };

test.each([
  [
    { accepted: 1, rejected: 0, rows: 1, failed: 0 },
    '1 event of a.ndjson taken: 1 row of product_event.',
  ],
  [
    { accepted: 12_000, rejected: 3, rows: 11_990, failed: 10 },
    '12,000 events of a.ndjson taken: 11,990 rows of product_event, 10 failed, 3 not\ntaken.',
  ],
  [
    { accepted: 10, rejected: 0, rows: 12, failed: 1 },
    '10 events of a.ndjson taken: 12 rows of product_event (with 3 of what was sent\nbefore or by others), 1 failed.',
  ],
  [{ accepted: 2, rejected: 0, rows: undefined, failed: undefined }, '2 events of a.ndjson taken.'],
])('%j reads as a sentence', (counts, sentence) => {
  expect(ingestedSentence({ ...file, ...counts })).toBe(sentence);
});

test.each([
  [100, 'orders.ndjson taken: 100 rows of order (all of which were there already).'],
  [1, 'orders.ndjson taken: 100 rows of order (1 of which was there already).'],
  [0, 'orders.ndjson taken: 100 rows of order.'],
  [undefined, 'orders.ndjson taken: 100 rows of order.'],
])('%j rows that were there already are told of', (copies, sentence) => {
  const counts = { accepted: 100, rejected: 0, rows: 100, failed: 0, copies };
  const text = ingestedSentence({ file: 'orders.ndjson', eventType: 'order', ...counts });
  expect(text.replace(/\s+/g, ' ')).toBe(`100 events of ${sentence}`);
});
