import { MemoryObjectStore, ObjectNotFoundError } from '@sluice/lake-layout';
import { RequestTrace, type Span } from '@sluice/traces';
import { Hedging } from './hedging';
import { RequestMeter } from './request-meter';

const context = { traceId: 'a'.repeat(32), spanId: undefined };

/** Returns the spans of requests below that of the look-up. */
async function spansOf(work: (meter: RequestMeter, trace: RequestTrace) => Promise<unknown>) {
  const store = new MemoryObjectStore();
  await store.put('order/raw/a', Buffer.from('0123456789'));
  const trace = new RequestTrace('lookup-api', context);
  const meter = new RequestMeter(store, trace);
  await work(meter, trace);
  const [, ...parts] = trace.end('GET /x');
  return { meter, parts };
}

const shown = ({ name, attributes, error }: Span) => [name, attributes, error];

test('each request to S3 leaves a span with its bytes', async () => {
  const { parts, meter } = await spansOf(async (measured) => {
    const keys: string[] = [];
    for await (const { key } of measured.list('order/raw/')) keys.push(key);
    expect(keys).toEqual(['order/raw/a']);
    await measured.get('order/raw/a', { range: { start: 2, end: 6 } });
    await measured.get('order/raw/a', { range: { last: 3 } });
    await expect(measured.get('order/raw/b')).rejects.toThrow(ObjectNotFoundError);
  });
  const get = { 'rpc.system': 'aws-api', 'rpc.service': 'S3', 'rpc.method': 'GetObject' };
  expect(parts.map(shown)).toEqual([
    [
      'ListObjectsV2',
      {
        ...get,
        'rpc.method': 'ListObjectsV2',
        'sluice.prefix': 'order/raw/',
        'sluice.files': 1,
      },
      undefined,
    ],
    [
      'GetObject',
      { ...get, 'aws.s3.key': 'order/raw/a', 'sluice.range': '2-5', 'sluice.bytes': 4 },
      undefined,
    ],
    [
      'GetObject',
      { ...get, 'aws.s3.key': 'order/raw/a', 'sluice.range': '-3', 'sluice.bytes': 3 },
      undefined,
    ],
    ['GetObject', { ...get, 'aws.s3.key': 'order/raw/b', 'sluice.found': false }, undefined],
  ]);
  expect(meter.costs).toEqual({ lists: 1, gets: 3, hedges: 0, bytesRead: 7 });
});

test('of two requests for the same, the second says so, and the slower that it was cancelled', async () => {
  let late: (() => void) | undefined;
  const hedging = new Hedging({
    budget: 0.5,
    now: () => 0,
    schedule: (_, callback) => {
      late = callback;
      return () => undefined;
    },
  });
  const { parts } = await spansOf(async (measured) => {
    const quick = hedging.over(measured);
    for (let known = 0; known < 20; known++) await quick.get('order/raw/a');
    const signal = new AbortController();
    let requests = 0;
    const slowFirst = {
      list: measured.list.bind(measured),
      get: (key: string, options?: Parameters<RequestMeter['get']>[1]) =>
        measured.get(key, options),
    };
    jest.spyOn(measured.store, 'get').mockImplementation((...[, { signal: given } = {}]) =>
      ++requests === 1
        ? new Promise((_, reject) => {
            given?.addEventListener('abort', () => reject(new Error('aborted')));
          })
        : Promise.resolve({ bytes: Buffer.from('x'), etag: '', totalBytes: 1 }),
    );
    const answer = hedging.over(slowFirst, measured.hedged).get('order/raw/a', {
      signal: signal.signal,
    });
    late?.();
    await answer;
    await new Promise(setImmediate);
  });
  expect(parts.slice(20).map(({ attributes }) => attributes)).toEqual([
    expect.objectContaining({ 'sluice.hedged': true, 'sluice.bytes': 1 }),
    expect.objectContaining({ 'sluice.cancelled': true }),
  ]);
  expect(parts.filter(({ error }) => error !== undefined)).toEqual([]);
});
