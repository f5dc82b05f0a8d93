import { seededRandom, type SeededRandom } from '@sluice/event-types/samples';
import { kinesisCaller, type LocalKinesis } from '@sluice/local-kinesis';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { FaultDice } from './fault-dice';
import { faultyKinesis } from './faulty-kinesis';

/** Records of a stub of Kinesis, which accepts everything and answers with the data as sequence numbers. */
const stored: string[] = [];
const kinesisServer = createServer((message, response) => {
  void text(message).then((body) => {
    const { Records } = JSON.parse(body) as {
      readonly Records: readonly { readonly Data: string }[];
    };
    stored.push(...Records.map(({ Data }) => Data));
    response.end(
      JSON.stringify({
        FailedRecordCount: 0,
        Records: Records.map(({ Data }) => ({ SequenceNumber: Data })),
      }),
    );
  });
});

/** Returns a random source that always picks one kind of fault. */
const always = (wanted: string): SeededRandom => ({
  ...seededRandom(1),
  chance: () => true,
  pick: (values) => values[(values as readonly unknown[]).indexOf(wanted)],
});

const closers: (() => Promise<void>)[] = [];
let upstream: LocalKinesis;
beforeAll(async () => {
  kinesisServer.listen(0, '127.0.0.1');
  await once(kinesisServer, 'listening');
  const url = `http://127.0.0.1:${(kinesisServer.address() as AddressInfo).port}`;
  upstream = {
    url,
    call: kinesisCaller(url, { accessKeyId: 'a', secretAccessKey: 'b' }),
    close: () => Promise.resolve(),
  } as LocalKinesis;
});
beforeEach(() => void stored.splice(0));
afterAll(async () => {
  for (const close of closers) await close();
  kinesisServer.close();
});

async function put(fault: string): Promise<{ status: number; body: unknown }> {
  const dice = new FaultDice({ random: always(fault), share: 1, onFault: () => undefined });
  const kinesis = await faultyKinesis(upstream, dice, seededRandom(5));
  closers.push(() => kinesis.close());
  const response = await fetch(kinesis.url, {
    method: 'POST',
    headers: { 'x-amz-target': 'Kinesis_20131202.PutRecords' },
    body: JSON.stringify({ Records: ['a', 'b', 'c', 'd', 'e'].map((Data) => ({ Data })) }),
  });
  return { status: response.status, body: await response.json() };
}

test('what is refused of a request is not stored, and the others are answered in their order', async () => {
  const { body } = await put('kinesis refuses some');
  const { FailedRecordCount, Records } = body as {
    readonly FailedRecordCount: number;
    readonly Records: readonly { readonly SequenceNumber?: string; readonly ErrorCode?: string }[];
  };
  expect(FailedRecordCount).toBeGreaterThan(0);
  expect(stored.length).toBe(5 - FailedRecordCount);
  expect(
    Records.map(({ SequenceNumber, ErrorCode }, index) =>
      ErrorCode ? !stored.includes('abcde'[index]!) : SequenceNumber === 'abcde'[index],
    ),
  ).toEqual([true, true, true, true, true]);
});

test('a throttle and a failure store nothing', async () => {
  expect(await put('kinesis throttles')).toMatchObject({
    status: 400,
    body: { __type: 'ProvisionedThroughputExceededException' },
  });
  expect(await put('kinesis 500')).toMatchObject({ status: 500 });
  await expect(put('kinesis disconnect')).rejects.toThrow();
  expect(stored).toEqual([]);
});

test('a lost answer stores everything', async () => {
  await expect(put('kinesis answer lost')).rejects.toThrow();
  expect(stored).toEqual(['a', 'b', 'c', 'd', 'e']);
});
