import { evaluatePrefix, objectName, PrefixError } from './object-key';

const values = {
  timestampMs: Date.parse('2026-03-09T05:06:07.089Z'),
  randomString: () => 'abcdefghijk',
};

describe('evaluatePrefix', () => {
  test.each([
    ['t/raw/dt=!{timestamp:yyyy-MM-dd}/hour=!{timestamp:HH}/', 't/raw/dt=2026-03-09/hour=05/'],
    ["t/!{timestamp:'year'=yyyy/mm-ss-SSS}/", 't/year=2026/06-07-089/'],
    ['t/!{firehose:random-string}/', 't/abcdefghijk/'],
    ['t/', 't/2026/03/09/05/'],
    ['', '2026/03/09/05/'],
  ])('%s → %s', (prefix, key) => expect(evaluatePrefix(prefix, values)).toBe(key));

  test('names the kind of error only in an error prefix', () => {
    const prefix = 'e/!{firehose:error-output-type}/';
    expect(evaluatePrefix(prefix, { ...values, errorOutputType: 'processing-failed' })).toBe(
      'e/processing-failed/',
    );
    expect(() => evaluatePrefix(prefix, values)).toThrow(PrefixError);
  });

  test.each(['!{timestamp:yyyy-ww}', '!{lambda:x}', '!{firehose:nothing}'])(
    'refuses %s',
    (prefix) => expect(() => evaluatePrefix(prefix, values)).toThrow(PrefixError),
  );
});

test('objectName follows the documented form', () => {
  expect(
    objectName({
      deliveryStreamName: 'sluice-dev-order',
      version: 1,
      timestampMs: values.timestampMs,
      uuid: '0b7a2b5e-6bb5-4f5c-8f3d-2d3f1a1b1c1d',
      extension: '.parquet',
    }),
  ).toBe('sluice-dev-order-1-2026-03-09-05-06-07-0b7a2b5e-6bb5-4f5c-8f3d-2d3f1a1b1c1d.parquet');
});
