import type { FirehoseTransformationEventRecord } from 'aws-lambda';
import { defineEvent } from '@sluice/event-schema';
import { KeyedHash, readHashKeys } from '@sluice/privacy';
import {
  asSealedRecord,
  compileFlattener,
  openFailedRecord,
  sealRecord,
} from '@sluice/record-flattening';
import { keepFailedSealed } from './keep-failed';
import type { PutObject } from './lake-objects';
import { batchTransformer } from './transform-batch';

const eventType = defineEvent({
  name: 'visit',
  version: '1.0.0',
  key: 'id',
  privacy: { email: 'hash' },
  schema: {
    type: 'object',
    required: ['id'],
    properties: { id: { type: 'string' }, email: { type: 'string' } },
  },
});
const hash = new KeyedHash('1', new Uint8Array(32));
const keys = readHashKeys(JSON.stringify({ current: '1', '1': 'k'.repeat(40) }));
const flattener = compileFlattener(eventType, { hash });

const record = (
  recordId: string,
  data: string | Uint8Array,
): FirehoseTransformationEventRecord => ({
  recordId,
  approximateArrivalTimestamp: Date.UTC(2026, 0, 2),
  data: Buffer.from(data).toString('base64'),
  kinesisRecordMetadata: {
    shardId: 'shard-1',
    partitionKey: 'p',
    sequenceNumber: `4${recordId}`,
    subsequenceNumber: '',
    approximateArrivalTimestamp: Date.UTC(2026, 0, 2),
  },
});

function transformer(put?: PutObject) {
  const objects = new Map<string, string>();
  const transform = batchTransformer({
    flattener,
    hash,
    putBack: () => Promise.reject(new Error('nothing is to be put back')),
    keepFailed: keepFailedSealed({
      table: 'visit',
      keys,
      now: () => 7,
      put:
        put ??
        ((key, bytes) => {
          objects.set(key, Buffer.from(bytes).toString());
          return Promise.resolve();
        }),
    }),
  });
  return { transform, objects };
}

const bad = '{"id":"1","email":{"ada@example.org":1}}';

test('Firehose gets nothing of a failed record, its neighbours are rows, and the original opens with the key', async () => {
  const { transform, objects } = transformer();
  const zipped = Buffer.from([0x1f, 0x8b, 1, 2]);
  const { answers, faults, counts } = await transform([
    record('0', '{"id":"0","email":"ada@example.org"}'),
    record('1', bad),
    record('2', `[{"id":"2"},${bad}]`),
    record('3', zipped),
    record('4', '{"email":"ada@exa'),
    record('5', '{"id":"5"}'),
  ]);
  expect(answers.map(({ result }) => result)).toEqual([
    'Ok',
    'Dropped',
    'Dropped',
    'Dropped',
    'Dropped',
    'Ok',
  ]);
  expect(answers.filter(({ result }) => result !== 'Ok').some(({ data }) => data)).toBe(false);
  expect(counts).toMatchObject({ rows: 2, failed: 4, dropped: 0 });
  expect(JSON.stringify(faults)).not.toContain('ada@');

  const [[key = '', text = ''] = []] = objects;
  expect(objects.size).toBe(1);
  expect(key).toMatch(/^visit\/errors\/sealed\/dt=2026-01-02\/[0-9a-f]{32}-4\.ndjson$/);
  expect(text).not.toContain('ada@');
  expect(text).not.toContain(Buffer.from(bad).toString('base64').slice(0, 20));
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => asSealedRecord(JSON.parse(line) as never)!);
  expect(
    lines.map(({ errorCode, pointer, sequenceNumber }) => [errorCode, pointer, sequenceNumber]),
  ).toEqual([
    ['type', '/email', '41'],
    ['type', '/1/email', '42'],
    ['malformed-gzip', '', '43'],
    ['malformed-json', expect.any(String), '44'],
  ]);
  expect(Buffer.from(openFailedRecord(lines[0]!, 'visit', keys)).toString()).toBe(bad);
  expect(() => openFailedRecord(lines[0]!, 'other', keys)).toThrow();
});

test('a record that was put back before keeps the place where it came first', async () => {
  const { transform, objects } = transformer();
  const origin = { shardId: 'shard-0', sequenceNumber: '7', arrivalMs: Date.UTC(2026, 0, 1) };
  await transform([record('1', sealRecord(Buffer.from(bad), { origin, attempt: 2 }))]);
  const [key = ''] = objects.keys();
  expect(key).toContain('dt=2026-01-01');
  expect([...objects.values()][0]).toContain('"shardId":"shard-0","sequenceNumber":"7"');
});

test('what can not be kept is no answer: Firehose sends the batch again', async () => {
  const { transform } = transformer(() => Promise.reject(new Error('no store')));
  await expect(transform([record('1', bad)])).rejects.toThrow('no store');
});

test('a transformer that breaks down over a record seals it, and does the rest', async () => {
  const kept: unknown[] = [];
  const transform = batchTransformer({
    flattener: {
      eventType,
      flatten: (bytes, origin) => {
        if (Buffer.from(bytes).includes('ada')) throw new Error('over ada@example.org');
        return flattener.flatten(bytes, origin);
      },
    },
    hash,
    putBack: () => Promise.resolve([]),
    keepFailed: (records) => Promise.resolve(void kept.push(...records)),
  });
  const { answers, faults } = await transform([
    record('1', '{"id":"ada"}'),
    record('2', '{"id":"b"}'),
  ]);
  expect(answers.map(({ result }) => result)).toEqual(['Dropped', 'Ok']);
  expect(faults).toMatchObject([{ code: 'internal' }]);
  expect(JSON.stringify(faults)).not.toContain('ada');
  expect(kept).toHaveLength(1);
});
