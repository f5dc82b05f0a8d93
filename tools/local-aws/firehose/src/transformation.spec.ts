import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { arrivalMs, config, errorLines, record, world, type Envelope } from './delivery-under-test';

describe('the transformation of a delivery stream', () => {
  test('invokes the function with batches of its buffer hint, in the documented envelope', async () => {
    const { stream, invocations } = world(Array.from({ length: 30 }, (_, n) => record(n + 1)));
    await stream.flush();
    await stream.stop();
    expect(invocations.length).toBeGreaterThan(1);
    expect(invocations[0]).toMatchObject({
      deliveryStreamArn: config.arn,
      sourceKinesisStreamArn: config.sourceStreamArn,
      region: 'eu-west-1',
      records: expect.arrayContaining([
        {
          recordId: '1000000',
          approximateArrivalTimestamp: arrivalMs + 1,
          data: record(1).data,
          kinesisRecordMetadata: {
            shardId: 'shard-0',
            partitionKey: 'k',
            approximateArrivalTimestamp: arrivalMs + 1,
            sequenceNumber: '1',
            subsequenceNumber: 0,
          },
        },
      ]),
    });
  });

  test.each<[string, (ids: readonly string[]) => unknown, string]>([
    ['a missing record id', () => ({ records: [] }), 'Lambda.MissingRecordId'],
    [
      'a record id twice',
      ([id]) => ({ records: [1, 2].map(() => ({ recordId: id, result: 'Ok', data: '' })) }),
      'Lambda.DuplicatedRecordId',
    ],
    [
      'ProcessingFailed',
      ([id]) => ({ records: [{ recordId: id, result: 'ProcessingFailed', data: '' }] }),
      'Lambda.ProcessingFailedStatus',
    ],
    [
      'an unknown result',
      ([id]) => ({ records: [{ recordId: id, result: 'Fine', data: '' }] }),
      'Lambda.InvalidReturnFormat',
    ],
    [
      'data that is not base64',
      ([id]) => ({ records: [{ recordId: id, result: 'Ok', data: '{}' }] }),
      'Lambda.InvalidReturnFormat',
    ],
    ['no records', () => 'done', 'Lambda.InvalidReturnFormat'],
  ])(
    'writes %s to the error output with the original bytes, without another attempt',
    async (_, answer, errorCode) => {
      const { stream, objects, invocations } = world([record(1)], {
        invoke: (payload) =>
          Promise.resolve({
            ok: true,
            payload: answer((payload as Envelope).records.map(({ recordId }) => recordId)),
          }),
      });
      await stream.flush();
      await stream.stop();
      expect([...objects.keys()]).toEqual([
        expect.stringMatching(/^order\/errors\/processing-failed\/dt=2026-11-21\/orders-1-/),
      ]);
      expect(errorLines(objects)).toEqual([
        {
          attemptsMade: 1,
          arrivalTimestamp: arrivalMs + 1,
          errorCode,
          errorMessage: expect.any(String),
          attemptEndingTimestamp: expect.any(Number),
          rawData: record(1).data,
          lambdaARN: 'arn:fn',
        },
      ]);
      expect(invocations).toHaveLength(1);
      expect(stream.stats).toMatchObject({ rowsDelivered: 0, recordsFailed: 1 });
    },
  );

  test('tries a function that fails three times more, then gives the batch up', async () => {
    const { stream, objects, invocations } = world([record(1), record(2)], {
      invoke: () => Promise.resolve({ ok: false, errorType: 'Unhandled', message: 'boom' }),
    });
    await stream.flush();
    await stream.stop();
    expect(invocations).toHaveLength(4);
    expect(errorLines(objects)).toMatchObject([
      { attemptsMade: 4, errorCode: 'Lambda.FunctionError', errorMessage: 'Unhandled: boom' },
      { attemptsMade: 4, errorCode: 'Lambda.FunctionError' },
    ]);
  });

  test('leaves no trace of a dropped record but the checkpoint', async () => {
    const { stream, objects, positions } = world([record(7)], {
      invoke: (payload) =>
        Promise.resolve({
          ok: true,
          payload: {
            records: (payload as Envelope).records.map(({ recordId }) => ({
              recordId,
              result: 'Dropped',
            })),
          },
        }),
    });
    await stream.flush();
    await stream.stop();
    expect(objects.size).toBe(0);
    expect(positions()).toEqual({ 'shard-0': '7' });
  });

  test('invokes the function with each record that a producer library put into one', async () => {
    const data = readFileSync(join(__dirname, 'fixtures', 'kpl-three.bin')).toString('base64');
    const { stream, invocations, objects, positions } = world([{ ...record(9), data }, record(10)]);
    await stream.flush();
    await stream.stop();
    expect((invocations as readonly Envelope[]).flatMap(({ records }) => records)).toMatchObject([
      ...[1, 2, 3].map((n, index) => ({
        recordId: `900000${index}`,
        data: Buffer.from(`{"id":"kpl-${n}","s":"${['one', 'two', 'three'][index]!}"}`).toString(
          'base64',
        ),
        kinesisRecordMetadata: { sequenceNumber: '9', subsequenceNumber: index },
      })),
      { recordId: '10000000' },
    ]);
    expect(objects.size).toBe(1);
    expect(positions()).toEqual({ 'shard-0': '10' });
  });
});
