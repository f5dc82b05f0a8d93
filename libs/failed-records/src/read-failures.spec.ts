import { defineEvent } from '@sluice/event-schema';
import { MemoryObjectStore } from '@sluice/lake-layout';
import { FailureReader } from './read-failures';
import { onlyReason } from './only-reason';
import { replayTable } from './replay-table';
import { fixRecord } from './fixes';

const reading = defineEvent({
  name: 'reading',
  version: '1.0.0',
  key: 'sensor',
  schema: {
    type: 'object',
    required: ['sensor', 'value'],
    properties: { sensor: { type: 'string' }, value: { type: 'number' } },
  },
});

const at = Date.parse('2026-11-20T10:00:30Z');
const line = (record: string, arrivalTimestamp = at): string =>
  `${JSON.stringify({
    arrivalTimestamp,
    errorCode: 'Lambda.ProcessingFailedStatus',
    errorMessage: 'ProcessingFailed status set for record',
    rawData: Buffer.from(record).toString('base64'),
  })}\n`;
const put = (store: MemoryObjectStore, name: string, ...lines: readonly string[]) =>
  store.put(`reading/errors/processing-failed/dt=2026-11-20/${name}`, Buffer.from(lines.join('')));

test('shows no body of a record that an event type with privacy left in clear', async () => {
  const store = new MemoryObjectStore();
  await put(store, 'a', line('{"sensor":"ada@example.org","value":"x"}'));
  const eventTypes = [defineEvent({ ...reading, privacy: { sensor: 'hash' } })];
  const failures = await new FailureReader().read({ store, eventTypes, samples: 1 });
  expect(failures).toMatchObject({ records: 1, groups: [{ samples: [{ line: 0 }] }] });
  expect(JSON.stringify(failures)).not.toContain('ada');
});

test('groups by reason and place, with counts over time, decoded samples, and what would fix them', async () => {
  const store = new MemoryObjectStore();
  await put(
    store,
    'a',
    line('{"sensor":"s1","value":"1.50"}'),
    line('{"sensor":"s2","value":"2"}', at + 120_000),
    line('{"sensor":3,"value":1}'),
    'no line of JSON\n',
  );
  const failures = await new FailureReader().read({ store, eventTypes: [reading], samples: 1 });
  expect(failures).toMatchObject({
    records: 4,
    replayed: 0,
    objects: 1,
    objectsRead: 1,
    stepMs: 60_000,
  });
  expect(failures.groups[0]).toMatchObject({
    table: 'reading',
    code: 'type',
    pointer: '/value',
    records: 2,
    replayed: 0,
    series: [
      { atMs: at - 30_000, records: 1 },
      { atMs: at + 90_000, records: 1 },
    ],
    samples: [{ line: 1, body: '{"sensor":"s2","value":"2"}', isCut: false, isReplayed: false }],
    fixes: [{ at: '/value', to: 'number' }],
  });
  expect(failures.groups.map(({ code, pointer }) => [code, pointer])).toEqual(
    expect.arrayContaining([
      ['type', '/sensor'],
      ['unreadable', undefined],
    ]),
  );
});

test('replays one reason alone, fixed, shows both texts before, and counts what was replayed after', async () => {
  const store = new MemoryObjectStore();
  await put(store, 'a', line('{"sensor":"s1","value":"1.50"}'), line('{"sensor":3,"value":1}'));
  const sent: string[] = [];
  const replay = (dryRun: boolean) =>
    replayTable({
      store,
      eventType: reading,
      dryRun,
      showBodies: true,
      maxExamples: 2,
      select: onlyReason(reading, { code: 'type', pointer: '/value' }),
      fix: (bytes) => fixRecord(bytes, [{ at: '/value', to: 'number' }]),
      send: (_table, records) => {
        sent.push(...records.map(({ partitionKey }) => partitionKey));
        return Promise.resolve(records.map(() => undefined));
      },
    });
  const tried = await replay(true);
  expect(tried.groups).toMatchObject([
    {
      verdict: 'sent',
      records: 1,
      examples: [
        { before: '{"sensor":"s1","value":"1.50"}', body: '{"sensor":"s1","value":1.50}' },
      ],
    },
  ]);
  expect(sent).toHaveLength(0);
  expect(await replay(false)).toMatchObject({ sent: 1, left: 0 });
  expect(sent).toHaveLength(1);
  const reader = new FailureReader();
  const { groups } = await reader.read({ store, eventTypes: [reading] });
  expect(groups.map(({ pointer, records, replayed }) => [pointer, records, replayed])).toEqual([
    ['/sensor', 1, 0],
    ['/value', 1, 1],
  ]);
});

test('reads the newest objects, remembers them, and says what it left out', async () => {
  const store = new MemoryObjectStore();
  for (const name of ['a', 'b', 'c']) await put(store, name, line(`{"sensor":"${name}"}`));
  const reader = new FailureReader();
  const read = () => reader.read({ store, eventTypes: [reading], maxObjects: 2 });
  expect(await read()).toMatchObject({ objects: 3, objectsRead: 2, records: 2 });
  const before = store.calls.filter(({ operation }) => operation === 'get').length;
  await read();
  expect(store.calls.filter(({ operation }) => operation === 'get')).toHaveLength(before);
  const none = await reader.read({ store, eventTypes: [reading], from: '2026-11-21' });
  expect(none).toMatchObject({ objects: 0, records: 0, groups: [] });
});

test('what somebody sent is cut, and is text whatever it holds', async () => {
  const store = new MemoryObjectStore();
  await put(
    store,
    'a',
    line(`{"sensor":"<script>","long":"${'x'.repeat(1_000_000)}"}`),
    line('\u0000\u00ff'),
  );
  const { groups } = await new FailureReader().read({ store, eventTypes: [reading] });
  const samples = groups.flatMap((group) => group.samples);
  expect(samples.map(({ body, isCut }) => [body.length <= 8_192, isCut])).toEqual(
    expect.arrayContaining([
      [true, true],
      [true, false],
    ]),
  );
});
