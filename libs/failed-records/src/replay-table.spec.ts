import { gzipSync } from 'node:zlib';
import { MemoryObjectStore } from '@sluice/lake-layout';
import { sealRecord } from '@sluice/record-flattening';
import { FaultyStore } from '@sluice/lake-layout/testing/faulty-store';
import type { ReplayOptions } from './replay-table';
import {
  arrivalTimestamp,
  conversionFailed,
  errorKey,
  processingFailed,
  put,
  replay,
  Stream,
  strict,
} from './replay-under-test';

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

  it('leaves what the schema still refuses, and sends it once the schema is loosened', async () => {
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

  it('fixes records before they are sent', async () => {
    const store = new MemoryObjectStore();
    const stream = new Stream();
    await put(store, errorKey('processing-failed', 'a'), [
      processingFailed("{'sensor':'s1'}"),
      processingFailed('hopeless'),
    ]);
    const fix = (bytes: Uint8Array) => {
      const text = Buffer.from(bytes).toString();
      return text === 'hopeless' ? undefined : Buffer.from(text.replaceAll("'", '"'));
    };
    expect(await replay(store, stream, { fix })).toMatchObject({ sent: 1, left: 1 });
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
