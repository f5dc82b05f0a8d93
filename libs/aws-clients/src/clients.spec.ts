import { athenaClient, stepFunctionsClient } from './analytics-clients';
import { kinesisClient, s3Client } from './clients';

const place = { region: 'eu-central-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };

describe('s3Client', () => {
  test.each([
    [{ AWS_ENDPOINT_URL_S3: 'http://localhost:1', AWS_ENDPOINT_URL: 'http://localhost:2' }, 1],
    [{ AWS_ENDPOINT_URL: 'http://localhost:2' }, 2],
  ])(
    'goes to the stand-in that %j names, with the bucket in the path',
    async (environment, port) => {
      const { config } = s3Client({ environment, ...place });
      expect(await config.endpoint?.()).toMatchObject({ hostname: 'localhost', port });
      expect(config.forcePathStyle).toBe(true);
    },
  );

  test.each([
    [{}],
    [{ AWS_ENDPOINT_URL_S3: '' }],
    [{ AWS_ENDPOINT_URL: 'http://localhost:2', AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' }],
  ])('goes to AWS where %j names none', (environment) => {
    const { config } = s3Client({ environment, ...place });
    expect(config.endpoint).toBeUndefined();
    expect(config.forcePathStyle).toBeFalsy();
  });

  test('takes an endpoint given to it before that of the environment', async () => {
    const environment = { AWS_ENDPOINT_URL_S3: 'http://localhost:1' };
    const { config } = s3Client({ environment, endpoint: 'http://localhost:3', ...place });
    expect(await config.endpoint?.()).toMatchObject({ port: 3 });
    expect(await config.region()).toBe('eu-central-1');
  });
});

describe('kinesisClient', () => {
  const protocol = (environment: Record<string, string>): string | undefined =>
    kinesisClient({ environment, ...place }).config.requestHandler.metadata?.handlerProtocol;

  test('speaks HTTP/1.1 to a stand-in by plain HTTP, HTTP/2 to AWS', () => {
    expect(protocol({ AWS_ENDPOINT_URL_KINESIS: 'http://localhost:1' })).toBe('http/1.1');
    expect(protocol({})).toBe('h2');
  });
});

test.each([
  ['athena', athenaClient, { AWS_ENDPOINT_URL_ATHENA: 'http://localhost:1' }],
  ['states', stepFunctionsClient, { AWS_ENDPOINT_URL_SFN: 'http://localhost:1' }],
] as const)('%s goes to its stand-in, or to AWS where there is none', async (_, client, named) => {
  const standIn = client({ environment: named, ...place }).config;
  expect(await standIn.endpoint?.()).toMatchObject({ hostname: 'localhost', port: 1 });
  expect(client({ environment: {}, ...place }).config.endpoint).toBeUndefined();
});
