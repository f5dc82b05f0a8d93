import { MemoryObjectStore } from '@sluice/lake-layout';
import { openRecord, sealRecord } from '@sluice/record-flattening';
import {
  conversionFailed,
  errorKey,
  processingFailed,
  put,
  replay,
  Stream,
} from './replay-under-test';

describe('a record that the format conversion refused', () => {
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

  it('goes back as rows, as the converter saw them', async () => {
    expect(await sent(conversionFailed(row('1.50'), '77', 'new'))).toEqual([
      ['rows', '77', row('1.50')],
    ]);
    expect(await sent(conversionFailed(row('1') + row('2'), '77', 'old'))).toEqual([
      ['rows', '77', row('1') + row('2')],
    ]);
  });

  it('goes back as an original if it is one', async () => {
    const original = '{"sensor":"s1","value":1.50}';
    expect(await sent(conversionFailed(original, '77', 'new'))).toEqual([
      ['record', '77', original],
    ]);
  });

  it('goes back as rows a second time', async () => {
    const origin = { shardId: 'shard-7', sequenceNumber: '77', arrivalMs: 5 };
    const sealed = sealRecord(Buffer.from(row('1')), { origin, attempt: 1, holds: 'rows' });
    expect(await sent(processingFailed(sealed).replace('attemptsMade', 'n'))).toEqual([
      ['rows', '77', row('1')],
    ]);
  });

  it('stays if a value is not of its column’s type', async () => {
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

  it('goes back as rows once a transform has fixed it', async () => {
    const store = new MemoryObjectStore();
    const stream = new Stream();
    await put(store, errorKey('format-conversion-failed', 'a'), [
      conversionFailed(row('"1"'), '77', 'new'),
    ]);
    const fix = (bytes: Uint8Array) =>
      Buffer.from(Buffer.from(bytes).toString().replace('"1"', '1'));
    expect(await replay(store, stream, { fix })).toMatchObject({ sent: 1 });
    expect(openRecord(stream.records[0]!.data).envelope?.holds).toBe('rows');
  });
});
