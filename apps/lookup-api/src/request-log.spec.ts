import { MemoryObjectStore } from '@sluice/lake-layout';
import { RequestTrace } from '@sluice/traces';
import { recordingOf, RequestLog } from './request-log';
import { RequestMeter } from './request-meter';

test('each request of a look-up is named with its range, its outcome and its times', async () => {
  const store = new MemoryObjectStore();
  await store.put('order/raw/a', Buffer.from('0123456789'));
  let nowMs = 100;
  const log = new RequestLog(() => nowMs++, 100);
  const trace = new RequestTrace('lookup-api', { traceId: 'a'.repeat(32), spanId: undefined });
  const meter = new RequestMeter(store, recordingOf([trace, log]));
  for await (const { key } of meter.list('order/raw/')) expect(key).toBe('order/raw/a');
  meter.hedged();
  await meter.get('order/raw/a', { range: { start: 2, end: 6 } });
  await meter.get('order/raw/b').catch(() => undefined);
  expect(log.requests).toEqual([
    { method: 'list', of: 'order/raw/', files: 1, startMs: 0, endMs: 1 },
    {
      ...{ method: 'get', of: 'order/raw/a', range: '2-5', bytes: 4, isSecond: true },
      ...{ startMs: 2, endMs: 3 },
    },
    { method: 'get', of: 'order/raw/b', outcome: 'not there', startMs: 4, endMs: 5 },
  ]);
  expect(trace.end('GET /x')).toHaveLength(4);
});

test('of very many requests the first are named, and the others counted', () => {
  const log = new RequestLog(() => 0, 0);
  for (let request = 0; request < 203; request++) log.begin('GetObject', 'client')();
  expect(log.requests).toHaveLength(200);
  expect(log.leftOut).toBe(3);
});
