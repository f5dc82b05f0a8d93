import { defineEvent } from '@sluice/event-schema';
import { MemoryObjectStore } from '@sluice/lake-layout';
import { mergeReasons, readFailureReasons } from './failure-reasons';

const eventType = defineEvent({
  name: 'reading',
  version: '1.0.0',
  key: 'sensor',
  schema: {
    type: 'object',
    required: ['sensor'],
    properties: {
      sensor: { type: 'string' },
      parts: {
        type: 'array',
        items: { type: 'object', required: ['x'], properties: { x: { type: 'integer' } } },
      },
      value: { type: 'integer' },
    },
  },
});

const line = (data: string, more: object = {}): string =>
  `${JSON.stringify({
    arrivalTimestamp: 1,
    errorCode: 'Lambda.ProcessingFailedStatus',
    errorMessage: 'said by the service',
    rawData: Buffer.from(data).toString('base64'),
    ...more,
  })}\n`;

test('reasons are the code and pointer of the schema, counted, without a value of an event', async () => {
  const store = new MemoryObjectStore();
  const put = async (key: string, lines: readonly string[]): Promise<string> => {
    await store.put(key, Buffer.from(lines.join('')));
    return key;
  };
  const keys = [
    await put('reading/errors/processing-failed/dt=2026-01-01/a', [
      line('{"sensor":"secret","value":"secret"}'),
      line('{"sensor":"s","value":1.5}'),
      line('{"value":1}'),
      line('{"sensor":"s"}', { errorCode: 'Lambda.FunctionError' }),
      'no JSON\n',
    ]),
    await put('reading/errors/processing-failed/dt=2026-01-01/b', [line('{"value":2}')]),
    await put('reading/errors/format-conversion-failed/dt=2026-01-01/c', [
      line('{"value":2}', { errorCode: 'DataFormatConversion.MalformedData' }),
    ]),
  ];
  const reasons = await readFailureReasons({ store, eventType, keys });
  expect(reasons.map(({ code, pointer, records }) => [code, pointer, records])).toEqual([
    ['required', '/sensor', 2],
    ['type', '/value', 1],
    ['type', '/value', 1],
    ['Lambda.FunctionError', undefined, 1],
    ['unreadable', undefined, 1],
    ['DataFormatConversion.MalformedData', undefined, 1],
  ]);
  expect(JSON.stringify(reasons)).not.toContain('secret');
  expect(mergeReasons([reasons, reasons])[0]).toMatchObject({ code: 'required', records: 4 });
});
