import type { FirehoseTransformationEventRecord } from 'aws-lambda';
import { defineEvent } from '@sluice/event-schema';
import { MemoryObjectStore } from '@sluice/lake-layout';
import { currentHash, readHashKeys } from '@sluice/privacy';
import {
  addToLedger,
  columnsOfSubject,
  hiddenTexts,
  ledgerEntries,
  settleLedger,
} from '@sluice/privacy/erasures';
import { compileFlattener } from '@sluice/record-flattening';
import { suppressedPeople } from './suppressed-people';
import { batchTransformer } from './transform-batch';

const hashKeys = readHashKeys(JSON.stringify({ current: '1', '1': 'h'.repeat(40) }));
const ledgerKeys = readHashKeys(JSON.stringify({ current: '1', '1': 'l'.repeat(40) }));
const eventType = defineEvent({
  name: 'visit',
  version: '1.0.0',
  key: 'id',
  subject: ['user.name', 'account', 'email'],
  privacy: { email: 'hash' },
  schema: {
    type: 'object',
    required: ['id'],
    properties: {
      id: { type: 'string' },
      note: { type: 'string' },
      user: { type: 'object', properties: { name: { type: 'string' } } },
      account: { type: 'integer' },
      email: { type: 'string' },
      tags: { type: 'array', items: { type: 'string' } },
      more: { type: 'object' },
    },
  },
});

const record = (id: number, data: object | string): FirehoseTransformationEventRecord => ({
  recordId: `${id}`,
  approximateArrivalTimestamp: 1_000,
  data: Buffer.from(typeof data === 'string' ? data : JSON.stringify(data)).toString('base64'),
});

function setUp() {
  const store = new MemoryObjectStore();
  const clock = { nowMs: 0 };
  const failures: unknown[] = [];
  let failing: Error | undefined;
  let gets = 0;
  const hash = currentHash(hashKeys);
  const transform = batchTransformer({
    flattener: compileFlattener(eventType, { hash }),
    hash,
    putBack: () => Promise.resolve([]),
    findSuppressed: suppressedPeople({
      eventType,
      store: {
        get: (key) => {
          gets++;
          return failing ? Promise.reject(failing) : store.get(key);
        },
      },
      readKeys: () => Promise.resolve(ledgerKeys),
      onFailure: (error) => failures.push(error),
      now: () => clock.nowMs,
    }),
  });
  return {
    clock,
    failures,
    gets: () => gets,
    fail: (error: Error | undefined) => (failing = error),
    suppress: (subject: string, suppress = true) =>
      addToLedger(
        store,
        'visit',
        ledgerEntries(ledgerKeys, hiddenTexts(columnsOfSubject(eventType, subject, hashKeys)), {
          untilMs: 5,
          suppress,
          erasure: `e-${subject}`,
        }),
      ),
    settle: (subject: string) => settleLedger(store, 'visit', `e-${subject}`),
    /** Returns the ids of the rows that come of events, and what was counted. */
    send: async (...events: (object | string)[]) => {
      const { answers, counts } = await transform(events.map((event, at) => record(at, event)));
      const rows = answers.flatMap(({ data = '' }) =>
        Buffer.from(data, 'base64')
          .toString()
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line) as { id: string; [name: string]: unknown }),
      );
      return {
        ids: rows.map(({ id }) => id),
        rows,
        counts,
        results: answers.map((one) => one.result),
      };
    },
  };
}

test('later events of an erased person are left out, wherever and however the person is named; others stay as they are', async () => {
  const { suppress, settle, send } = setUp();
  await suppress('Ada "A." Lovelace');
  await suppress('9007199254740993');
  await suppress('ada@example.org');
  await suppress('later', false);
  await settle('ada@example.org');
  const bait = '","user_name":"Ada \\"A.\\" Lovelace","account":9007199254740993';
  const { ids, rows, counts, results } = await send(
    { id: 'a', user: { name: 'Ada "A." Lovelace' } },
    { id: 'b', user: { name: 'Ada' }, account: 9007199254740992 },
    [
      { id: 'c', email: 'ada@example.org' },
      { id: 'd', note: bait, more: { user_name: 'ada@example.org' }, tags: ['user_name', bait] },
    ],
    // An object of JavaScript would not keep its last digit.
    '{"id":"e","account":9007199254740993}',
    { id: 'f', user: { name: 'later' } },
    { id: 'g', email: 'Ada@example.org' },
  );
  expect(ids).toEqual(['b', 'd', 'f', 'g']);
  expect(rows[1]).toMatchObject({ note: bait, tags: ['user_name', bait] });
  expect(results).toEqual(['Dropped', 'Ok', 'Ok', 'Dropped', 'Ok', 'Ok']);
  expect(counts).toMatchObject({ records: 6, rows: 4, dropped: 2, failed: 0, suppressed: 3 });
});

test('the ledger is asked for every ten seconds, and holds on while it can not be read', async () => {
  const { suppress, send, clock, gets, fail, failures } = setUp();
  const ada = { id: 'a', user: { name: 'ada' } };
  expect((await send(ada)).ids).toEqual(['a']);
  await suppress('ada');
  expect((await send(ada)).ids).toEqual(['a']);
  expect(gets()).toBe(1);
  clock.nowMs += 10_000;
  expect((await send(ada)).ids).toEqual([]);
  clock.nowMs += 10_000;
  fail(new Error('no store'));
  expect((await send(ada)).ids).toEqual([]);
  expect((await send(ada)).ids).toEqual([]);
  expect(failures).toEqual([new Error('no store'), new Error('no store')]);
  fail(undefined);
  expect((await send(ada, { id: 'b' })).ids).toEqual(['b']);
  expect(failures).toHaveLength(2);
});

test('a ledger that was never readable leaves nothing out, and says so', async () => {
  const { fail, failures, send } = setUp();
  fail(new Error('no right'));
  expect((await send({ id: 'a' })).ids).toEqual(['a']);
  expect(failures).toHaveLength(1);
});
