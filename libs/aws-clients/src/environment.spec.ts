import { endpointOverride, requiredVariables } from './environment';

describe('variables that a function needs', () => {
  const meanings = { BUCKET: 'the bucket', STREAM: 'the stream' };

  test('are read by name', () => {
    const environment = { BUCKET: 'b', STREAM: 's', OTHER: 'o' };
    expect(requiredVariables(meanings, environment)).toEqual({ BUCKET: 'b', STREAM: 's' });
  });

  test('stop the start where they are missing or empty, each with its meaning', () => {
    expect(() => requiredVariables(meanings, { STREAM: '' })).toThrow(
      'the environment variable BUCKET is missing: the bucket\n' +
        'the environment variable STREAM is missing: the stream',
    );
  });
});

test('the endpoint of a service counts before the one of all services', () => {
  const all = { AWS_ENDPOINT_URL: 'http://all', AWS_ENDPOINT_URL_S3: 'http://s3' };
  expect(endpointOverride('S3', all)).toBe('http://s3');
  expect(endpointOverride('KINESIS', all)).toBe('http://all');
  expect(endpointOverride('S3', { ...all, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' })).toBe(
    undefined,
  );
  expect(endpointOverride('S3', { AWS_ENDPOINT_URL_S3: '' })).toBe(undefined);
});
