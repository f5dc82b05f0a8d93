import { gzipSync } from 'node:zlib';
import type { OutgoingRecord } from '@sluice/aws-clients/put-all-records';
import { defineEvent, type EventType } from '@sluice/event-schema';
import { MemoryObjectStore } from '@sluice/lake-layout';
import { readHashKeys } from '@sluice/privacy';
import {
  compileFlattener,
  openRecord,
  sealFailedRecord,
  sealRecord,
} from '@sluice/record-flattening';
import { FaultyStore } from '@sluice/lake-layout/testing/faulty-store';
import { replayTable, type ReplayOptions } from './replay-table';

const reading = (required: readonly string[]): EventType =>
  defineEvent({
    name: 'reading',
    version: '1.0.0',
    key: 'sensor',
    schema: {
      type: 'object',
      required: ['sensor', ...required],
      properties: { sensor: { type: 'string' }, value: { type: 'number' } },
    },
  });

const strict = reading(['value']);
const mended = reading([]);

const arrivalTimestamp = Date.parse('2026-11-20T10:00:00Z');
const base64 = (data: string | Uint8Array): string => Buffer.from(data).toString('base64');

const processingFailed = (data: string | Uint8Array): string =>
  `${JSON.stringify({
    attemptsMade: 1,
    arrivalTimestamp,
    errorCode: 'Lambda.ProcessingFailedStatus',
    errorMessage: 'ProcessingFailed status set for record',
    attemptEndingTimestamp: arrivalTimestamp + 1,
    rawData: base64(data),
    lambdaArn: 'arn:aws:lambda:eu-west-1:1:function:f',
  })}\n`;

const conversionFailed = (data: string, sequenceNumber: string, spelling: 'old' | 'new'): string =>
  `${JSON.stringify({
    attemptsMade: 1,
    arrivalTimestamp,
    [spelling === 'old' ? 'lastErrorCode' : 'errorCode']: 'DataFormatConversion.MalformedData',
    [spelling === 'old' ? 'lastErrorMessage' : 'errorMessage']: 'Data does not match the schema',
    rawData: base64(data),
    sequenceNumber,
    subSequenceNumber: null,
  })}\n`;

const errorKey = (kind: string, name: string, date = '2026-11-20'): string =>
  `reading/errors/${kind}/dt=${date}/${name}`;

const put = (store: MemoryObjectStore, key: string, lines: readonly string[]) =>
  store.put(key, new TextEncoder().encode(lines.join('')));

/** Stream that keeps its records, and derives the identities of their rows. */
class Stream {
  readonly records: OutgoingRecord[] = [];
  refuse: (record: OutgoingRecord) => string | undefined = () => undefined;

  readonly send = (table: string, records: readonly OutgoingRecord[]) => {
    expect(table).toBe('reading');
    return Promise.resolve(
      records.map((record) => {
        const refusal = this.refuse(record);
        if (refusal === undefined) this.records.push(record);
        return refusal;
      }),
    );
  };

  texts(): readonly string[] {
    return this.records.map(({ data }) => Buffer.from(openRecord(data).bytes).toString()).sort();
  }

  /** Returns the `event_id`s that the transformer derives. */
  eventIds(): readonly string[] {
    const flattener = compileFlattener(mended);
    return this.records.map(({ data }) => {
      const { bytes, envelope } = openRecord(data);
      const result = flattener.flatten(bytes, envelope!.origin);
      if (result.status !== 'rows') throw new Error(`not a row: ${result.status}`);
      return (JSON.parse(Buffer.from(result.bytes).toString()) as { event_id: string }).event_id;
    });
  }
}

const replay = (
  store: ReplayOptions['store'],
  stream: Stream,
  options: Partial<ReplayOptions> = {},
) =>
  replayTable({
    store,
    eventType: mended,
    send: stream.send,
    now: () => arrivalTimestamp,
    ...options,
  });

describe('replaying failed records', () => {
  it('sends both kinds, in both spellings, back as they came, and a second run sends nothing', async () => {
    const store = new MemoryObjectStore();
    const stream = new Stream();
    await put(store, errorKey('processing-failed', 'a'), [
      processingFailed('{"sensor":"s1"}'),
      processingFailed('{"sensor":"s2","value":1.10}'),
    ]);
    await put(store, errorKey('format-conversion-failed', 'b'), [
      conversionFailed(
        '{"sensor":"s3"}',
        '49590338271490256608559692538361571095921575989136588801',
        'old',
      ),
      conversionFailed(
        '{"sensor":"s4"}',
        '49590338271490256608559692538361571095921575989136588802',
        'new',
      ),
    ]);
    expect(await replay(store, stream)).toMatchObject({
      objects: 2,
      sent: 4,
      left: 0,
      complete: true,
    });
    expect(stream.texts()).toEqual([
      '{"sensor":"s1"}',
      '{"sensor":"s2","value":1.10}',
      '{"sensor":"s3"}',
      '{"sensor":"s4"}',
    ]);
    expect(await replay(store, stream)).toMatchObject({ skippedObjects: 2, sent: 0 });
    expect(stream.records).toHaveLength(4);
  });

  it('leaves what the schema still refuses, and brings it once the schema is mended', async () => {
    const store = new MemoryObjectStore();
    const stream = new Stream();
    await put(store, errorKey('processing-failed', 'a'), [
      processingFailed('{"sensor":"s1"}'),
      processingFailed('{"sensor":"s2","value":1}'),
      processingFailed('{"sensor":"s3"}'),
      processingFailed('no JSON'),
    ]);
    const first = await replay(store, stream, { eventType: strict });
    expect(first).toMatchObject({ sent: 1, left: 3 });
    expect(first.groups.map(({ verdict, records, reason }) => [verdict, records, reason])).toEqual([
      ['still-failing', 2, expect.stringContaining('required')],
      ['still-failing', 1, expect.stringContaining('malformed-json')],
      ['sent', 1, 'ProcessingFailed status set for record'],
    ]);
    expect(await replay(store, stream)).toMatchObject({ sent: 2, left: 1 });
    expect(stream.texts()).toEqual([
      '{"sensor":"s1"}',
      '{"sensor":"s2","value":1}',
      '{"sensor":"s3"}',
    ]);
    expect(await replay(store, stream)).toMatchObject({ sent: 0, left: 1 });
  });

  it('reports and does nothing in a dry run', async () => {
    const store = new MemoryObjectStore();
    const stream = new Stream();
    const key = errorKey('processing-failed', 'a');
    await put(store, key, [processingFailed('{"sensor":"s1"}')]);
    const puts = store.calls.filter(({ operation }) => operation === 'put').length;
    const report = await replay(store, stream, { dryRun: true });
    expect(report).toMatchObject({
      dryRun: true,
      sent: 1,
      groups: [{ example: { key, line: 0 } }],
    });
    expect(stream.records).toHaveLength(0);
    expect(store.calls.filter(({ operation }) => operation === 'put')).toHaveLength(puts);
  });

  it('takes only the days and the kind asked for', async () => {
    const store = new MemoryObjectStore();
    const stream = new Stream();
    for (const day of ['18', '19', '20', '21'])
      await put(store, errorKey('processing-failed', 'a', `2026-11-${day}`), [
        processingFailed(`{"sensor":"s${day}"}`),
      ]);
    await put(store, errorKey('format-conversion-failed', 'b'), [
      conversionFailed('{"sensor":"c"}', '1', 'new'),
    ]);
    const range = { from: '2026-11-19', to: '2026-11-20', kinds: ['processing-failed'] as const };
    await replay(store, stream, range);
    expect(stream.texts()).toEqual(['{"sensor":"s19"}', '{"sensor":"s20"}']);
  });

  it('tries again what the stream refused, and only that', async () => {
    const store = new MemoryObjectStore();
    const stream = new Stream();
    await put(store, errorKey('processing-failed', 'a'), [
      processingFailed('{"sensor":"s1"}'),
      processingFailed('{"sensor":"s2"}'),
    ]);
    stream.refuse = ({ data }) =>
      Buffer.from(data).includes('s2') ? 'ProvisionedThroughputExceededException: slow' : undefined;
    expect(await replay(store, stream)).toMatchObject({ sent: 1, left: 1 });
    stream.refuse = () => undefined;
    expect(await replay(store, stream)).toMatchObject({ sent: 1, left: 0 });
    expect(stream.texts()).toEqual(['{"sensor":"s1"}', '{"sensor":"s2"}']);
  });

  it('goes on where the time was up', async () => {
    const store = new MemoryObjectStore();
    const stream = new Stream();
    await put(
      store,
      errorKey('processing-failed', 'a'),
      Array.from({ length: 4_500 }, (_, n) => processingFailed(`{"sensor":"s${n}"}`)),
    );
    let nowMs = 0;
    const send: ReplayOptions['send'] = (table, records) => {
      nowMs += 10;
      return stream.send(table, records);
    };
    const now = () => nowMs;
    expect(await replay(store, stream, { send, now, deadlineMs: 15 })).toMatchObject({
      sent: 4_000,
      complete: false,
    });
    expect(await replay(store, stream, { send, now })).toMatchObject({ sent: 500, complete: true });
    expect(new Set(stream.texts()).size).toBe(4_500);
  });

  it('gives an event the same event_id however often its record comes', async () => {
    const store = new MemoryObjectStore();
    const stream = new Stream();
    const origin = { shardId: 'shard-7', sequenceNumber: '77', arrivalMs: 5 };
    const lines = [
      processingFailed('{"sensor":"s1"}'),
      processingFailed('{"sensor":"s1"}'),
      processingFailed(sealRecord(Buffer.from('{"sensor":"s2"}'), { origin, attempt: 5 })),
      conversionFailed('{"sensor":"s3"}', '123', 'new'),
    ];
    await put(store, errorKey('processing-failed', 'a'), lines);
    await put(store, errorKey('processing-failed', 'a-again'), lines);
    await replay(store, stream);
    const ids = stream.eventIds();
    expect(ids.slice(4)).toEqual(ids.slice(0, 4));
    expect(new Set(ids).size).toBe(4);
    expect(ids).toContain('shard-7:77:0');
  });

  describe('that the conversion refused', () => {
    const row = (value: string, more = ''): string =>
      `{"sensor":"s1","value":${value}${more},"event_id":"shard-7:77:0","ingested_at":"2026-11-20 10:00:00.000"}\n`;
    const sent = async (line: string): Promise<readonly unknown[]> => {
      const store = new MemoryObjectStore();
      const stream = new Stream();
      await put(store, errorKey('format-conversion-failed', 'a'), [line]);
      await replay(store, stream);
      return stream.records.map(({ data }) => {
        const { bytes, envelope } = openRecord(data);
        return [
          envelope?.holds ?? 'record',
          envelope?.origin.sequenceNumber,
          Buffer.from(bytes).toString(),
        ];
      });
    };

    it('sends rows back as rows, as the converter saw them', async () => {
      expect(await sent(conversionFailed(row('1.50'), '77', 'new'))).toEqual([
        ['rows', '77', row('1.50')],
      ]);
      expect(await sent(conversionFailed(row('1') + row('2'), '77', 'old'))).toEqual([
        ['rows', '77', row('1') + row('2')],
      ]);
    });

    it('sends an original back as an original', async () => {
      const original = '{"sensor":"s1","value":1.50}';
      expect(await sent(conversionFailed(original, '77', 'new'))).toEqual([
        ['record', '77', original],
      ]);
    });

    it('sends rows that came back a second time', async () => {
      const origin = { shardId: 'shard-7', sequenceNumber: '77', arrivalMs: 5 };
      const sealed = sealRecord(Buffer.from(row('1')), { origin, attempt: 1, holds: 'rows' });
      expect(await sent(processingFailed(sealed).replace('attemptsMade', 'n'))).toEqual([
        ['rows', '77', row('1')],
      ]);
    });

    it('leaves rows whose values are not of the types of the columns', async () => {
      const store = new MemoryObjectStore();
      const stream = new Stream();
      await put(store, errorKey('format-conversion-failed', 'a'), [
        conversionFailed(row('"text"'), '77', 'new'),
      ]);
      const report = await replay(store, stream);
      expect(report).toMatchObject({ sent: 0, left: 1 });
      expect(report.groups[0]?.reason).toBe(
        'type at /*/value: string where the column wants a number',
      );
    });

    it('sends rows that a transform mended', async () => {
      const store = new MemoryObjectStore();
      const stream = new Stream();
      await put(store, errorKey('format-conversion-failed', 'a'), [
        conversionFailed(row('"1"'), '77', 'new'),
      ]);
      const mend = (bytes: Uint8Array) =>
        Buffer.from(Buffer.from(bytes).toString().replace('"1"', '1'));
      expect(await replay(store, stream, { mend })).toMatchObject({ sent: 1 });
      expect(openRecord(stream.records[0]!.data).envelope?.holds).toBe('rows');
    });
  });

  describe('whose place the error output does not name', () => {
    const place = (sequenceNumber: string, data: string, arrivalMs = arrivalTimestamp) => ({
      shardId: 'shard-1',
      sequenceNumber,
      arrivalMs,
      data: Buffer.from(data),
    });
    const reading = (...records: ReturnType<typeof place>[]): ReplayOptions['readStream'] =>
      async function* (table, { fromMs, toMs }) {
        expect([table, fromMs, toMs]).toEqual(['reading', arrivalTimestamp, arrivalTimestamp]);
        yield* await Promise.resolve(records);
      };
    const lines = [processingFailed('{"sensor":"s1"}'), processingFailed('{"sensor":"s2"}')];

    it('gives events the ids that the transformer would have given them', async () => {
      const store = new MemoryObjectStore();
      const stream = new Stream();
      await put(store, errorKey('processing-failed', 'a'), [...lines, lines[0]!]);
      await put(store, errorKey('format-conversion-failed', 'b'), [
        conversionFailed('{"sensor":"s3"}', '8', 'new'),
      ]);
      const readStream = reading(
        place('5', '{"sensor":"s1"}'),
        place('6', '{"sensor":"s2"}'),
        place('7', '{"sensor":"s1"}'),
        place('8', '{"sensor":"s3"}'),
        place('9', '{"sensor":"s2"}', arrivalTimestamp + 1),
      );
      await replay(store, stream, { readStream });
      expect([...stream.eventIds()].sort()).toEqual([
        'shard-1:5:0',
        'shard-1:6:0',
        'shard-1:7:0',
        'shard-1:8:0',
      ]);
    });

    it('gives them the same ids once the stream has let them go', async () => {
      const store = new MemoryObjectStore();
      const stream = new Stream();
      await put(store, errorKey('processing-failed', 'a'), lines);
      stream.refuse = ({ data }) => (Buffer.from(data).includes('s2') ? 'slow' : undefined);
      await replay(store, stream, {
        readStream: reading(place('5', '{"sensor":"s1"}'), place('6', '{"sensor":"s2"}')),
      });
      stream.refuse = () => undefined;
      await replay(store, stream, { readStream: reading() });
      expect(stream.eventIds()).toEqual(['shard-1:5:0', 'shard-1:6:0']);
    });

    it('makes no two events one where it can not tell which of equal records failed', async () => {
      const store = new MemoryObjectStore();
      const stream = new Stream();
      await put(store, errorKey('processing-failed', 'a'), [lines[0]!]);
      const readStream = reading(place('5', '{"sensor":"s1"}'), place('7', '{"sensor":"s1"}'));
      await replay(store, stream, { readStream });
      expect(stream.eventIds()).toEqual([expect.stringMatching(/^replay:/)]);
    });

    it('goes on with the ids that a replay without places has begun with', async () => {
      const store = new MemoryObjectStore();
      const stream = new Stream();
      await put(store, errorKey('processing-failed', 'a'), lines);
      stream.refuse = ({ data }) => (Buffer.from(data).includes('s2') ? 'slow' : undefined);
      await replay(store, stream);
      stream.refuse = () => undefined;
      await replay(store, stream, { readStream: reading(place('6', '{"sensor":"s2"}')) });
      expect(stream.eventIds()).toEqual([
        expect.stringMatching(/^replay:/),
        expect.stringMatching(/^replay:/),
      ]);
    });
  });

  it('mends records before they are sent', async () => {
    const store = new MemoryObjectStore();
    const stream = new Stream();
    await put(store, errorKey('processing-failed', 'a'), [
      processingFailed("{'sensor':'s1'}"),
      processingFailed('hopeless'),
    ]);
    const mend = (bytes: Uint8Array) => {
      const text = Buffer.from(bytes).toString();
      return text === 'hopeless' ? undefined : Buffer.from(text.replaceAll("'", '"'));
    };
    expect(await replay(store, stream, { mend })).toMatchObject({ sent: 1, left: 1 });
    expect(stream.texts()).toEqual(['{"sensor":"s1"}']);
  });

  it('sends no record as two rows and loses none, whatever call fails', async () => {
    for (let call = 1; ; call++) {
      const store = new MemoryObjectStore();
      const stream = new Stream();
      for (const name of ['a', 'b'])
        await put(store, errorKey('processing-failed', name), [
          processingFailed(`{"sensor":"${name}1"}`),
          processingFailed(`{"sensor":"${name}2"}`),
        ]);
      const faulty = new FaultyStore(store, call, true);
      await replay(faulty, stream).catch(() => undefined);
      const hourLater = () => arrivalTimestamp + 3_600_000;
      await replay(store, stream, { now: hourLater });
      expect(new Set(stream.eventIds()).size).toBe(4);
      expect(new Set(stream.texts()).size).toBe(4);
      expect(await replay(store, stream, { now: hourLater })).toMatchObject({ sent: 0, left: 0 });
      if (faulty.calls < call) break;
    }
  });

  it('lets only one of two replays at once send an object', async () => {
    const store = new MemoryObjectStore();
    const stream = new Stream();
    await put(store, errorKey('processing-failed', 'a'), [processingFailed('{"sensor":"s1"}')]);
    const reports = await Promise.all([replay(store, stream), replay(store, stream)]);
    expect(reports.map(({ sent }) => sent).sort()).toEqual([0, 1]);
    expect(stream.records).toHaveLength(1);
  });

  it('reports a line that is no error line, and goes on', async () => {
    const store = new MemoryObjectStore();
    const stream = new Stream();
    await put(store, errorKey('processing-failed', 'a'), [
      'garbage\n',
      '{"rawData":1}\n',
      processingFailed('{"sensor":"s1"}'),
    ]);
    const report = await replay(store, stream);
    expect(report).toMatchObject({ sent: 1, left: 2 });
    expect(report.groups.filter(({ verdict }) => verdict === 'unreadable')).toHaveLength(2);
  });

  it('shows the decoded body of the first record of each reason where bodies are asked for, and nowhere else', async () => {
    const store = new MemoryObjectStore();
    const stream = new Stream();
    await put(store, errorKey('processing-failed', 'a'), [
      processingFailed('{"sensor":1.10,\n "note":"\u001b[31m"}'),
      processingFailed('{"sensor":2}'),
      processingFailed(gzipSync('{"value":"ü"}')),
    ]);
    const shown = await replay(store, stream, { dryRun: true, showBodies: true });
    expect(
      shown.groups.map(({ reason, records, example }) => [reason, records, example.body]),
    ).toEqual([
      [expect.stringMatching(/^malformed-json at /), 1, '{"sensor":1.10,  "note":"\\u001b[31m"}'],
      [expect.stringMatching(/^type at \/sensor: /), 1, '{"sensor":2}'],
      [expect.stringMatching(/^type at \/value: /), 1, '{"value":"ü"}'],
    ]);
    const quiet = await replay(store, stream, { dryRun: true });
    expect(JSON.stringify(quiet)).not.toContain('body');
  });
});

describe('sealed records', () => {
  const keys = readHashKeys(JSON.stringify({ current: '1', '1': 'k'.repeat(40) }));
  const sealed = (body: string, sequenceNumber: string): string =>
    `${JSON.stringify(
      sealFailedRecord(
        {
          origin: { shardId: 'shard-1', sequenceNumber, arrivalMs: arrivalTimestamp },
          bytes: Buffer.from(body),
          fault: { code: 'required', path: '/value', detail: 'the value is missing' },
          nowMs: 1,
        },
        'reading',
        keys,
      ),
    )}\n`;
  const key = errorKey('sealed', '00-2.ndjson');

  test('go back into the stream once opened, with the place where they came', async () => {
    const store = new MemoryObjectStore();
    const stream = new Stream();
    await put(store, key, [sealed('{"sensor":"a"}', '7'), sealed('{"sensor":"b","x":[', '8')]);
    const report = await replay(store, stream, {
      eventType: mended,
      readErrorKeys: () => Promise.resolve(keys),
    });
    expect(report).toMatchObject({ sent: 1, left: 1 });
    expect(stream.eventIds()).toEqual(['shard-1:7:0']);
    expect(JSON.stringify(report)).not.toContain('"sensor"');
  });

  test('stay closed without a key, and the report says so', async () => {
    const store = new MemoryObjectStore();
    await put(store, key, [sealed('{"sensor":"a"}', '7')]);
    const report = await replay(store, new Stream(), { eventType: mended });
    expect(report).toMatchObject({ sent: 0, left: 1 });
    expect(report.groups[0]?.reason).toContain('no key');
  });
});
