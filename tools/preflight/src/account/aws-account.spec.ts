import { CloudFormationClient, CreateStackCommand } from '@aws-sdk/client-cloudformation';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { workspaceRoot } from '@sluice/infra/synthesise';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createSocket, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { preflight } from '../preflight';
import type { Report } from '../report';
import type { Account } from './account';
import { awsAccount } from './aws-account';

const folder = mkdtempSync(join(tmpdir(), 'sluice-aws-account-'));
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
const environment = { ...process.env };
beforeAll(() =>
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  }),
);
afterAll(() => {
  process.env = environment;
  rmSync(folder, { recursive: true, force: true });
});

const lookupRoleArn =
  'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/cdk-hnb659fds-lookup-role-${AWS::AccountId}-${AWS::Region}';
const realAccount = (): Account =>
  awsAccount({
    lookupRoleArn,
    deployRoleArn: undefined,
    makeChangeSet: () => Promise.reject(new Error('none is made here')),
  });

// An independent check where moto happens to be; the project needs nothing but Node, and the checks themselves are
// tested on a fake account in planted-faults.spec.ts.
const hasMoto = spawnSync('moto_server', ['--help'], { stdio: 'ignore' }).status === 0;
const withMoto = hasMoto ? describe : describe.skip;

withMoto(
  `asked of moto${hasMoto ? '' : ': left out, as moto_server is not installed (pip install "moto[server]")'}`,
  () => {
    let moto: ChildProcess;
    beforeAll(async () => {
      const port = await freePort();
      moto = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
      process.env['AWS_ENDPOINT_URL'] = `http://127.0.0.1:${port}`;
      // moto finds a template by its URL only where the host is localhost.
      process.env['AWS_ENDPOINT_URL_S3_FOR_CLOUDFORMATION'] = `http://localhost:${port}`;
      await until(async () => (await fetch(`http://127.0.0.1:${port}/moto-api/`)).ok);
    }, 60_000);
    afterAll(async () => {
      delete process.env['AWS_ENDPOINT_URL'];
      delete process.env['AWS_ENDPOINT_URL_S3_FOR_CLOUDFORMATION'];
      const closed = once(moto, 'close');
      moto.kill('SIGKILL');
      await closed;
    });

    test('an empty account', async () => {
      const account = realAccount();
      expect(await account.region()).toBe('us-east-1');
      expect(await account.identityIn('us-east-1')).toMatchObject({
        account: '123456789012',
        partition: 'aws',
      });
      expect(await account.parameter('/cdk-bootstrap/hnb659fds/version')).toBeUndefined();
      expect(await account.stack('sluice-dev-lake')).toBeUndefined();
      expect(await account.stackOf('nothing')).toBeUndefined();
      expect(await account.deliveryStreams()).toEqual([]);
      expect(await account.restApis()).toEqual([]);
      expect(await account.bucket('nobodys')).toBe('nowhere');
      expect(await account.dataLake()).toEqual({ databasesByIam: true, tablesByIam: true });
      expect(await account.apiGateway()).toEqual({
        logsRoleArn: undefined,
        requestsPerSecond: 10_000,
        burst: 5_000,
      });
      const limits = await account.streamLimits();
      expect(limits.openShards).toBe(0);
      expect(limits.shards).toBeGreaterThan(0);
      expect(await account.changeSet('sluice-dev-lake', 'none')).toBeUndefined();
    });

    test('an account with a stack', async () => {
      await new CloudFormationClient({}).send(
        new CreateStackCommand({
          StackName: 'theirs',
          TemplateBody: JSON.stringify({
            Resources: {
              Stream: {
                Type: 'AWS::Kinesis::Stream',
                Properties: { Name: 'events', ShardCount: 2 },
              },
              Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'somebodys' } },
            },
          }),
        }),
      );
      const account = realAccount();
      expect(await account.stack('theirs')).toEqual({
        status: 'CREATE_COMPLETE',
        reason: undefined,
        isProtected: false,
      });
      expect(await account.stackResources('theirs')).toEqual(
        expect.arrayContaining([
          { type: 'AWS::Kinesis::Stream', physicalId: 'events' },
          { type: 'AWS::S3::Bucket', physicalId: 'somebodys' },
        ]),
      );
      expect(await account.bucket('somebodys')).toBe('here');
      await account.deleteStack('theirs');
      expect(await account.bucket('somebodys')).toBe('nowhere');
    });

    test('a change set of the lake is made by the CDK command line, and nothing of it stays', async () => {
      const assembly = join(workspaceRoot(), 'dist', 'cdk.out', 'dev');
      expect(readFileSync(join(assembly, 'manifest.json'), 'utf8')).toContain(
        '"terminationProtection": true',
      );
      // What `cdk bootstrap` makes, as far as a change set asks for it.
      await new SSMClient({}).send(
        new PutParameterCommand({
          Name: '/cdk-bootstrap/hnb659fds/version',
          Value: '33',
          Type: 'String',
        }),
      );
      await new S3Client({ forcePathStyle: true }).send(
        new CreateBucketCommand({ Bucket: 'cdk-hnb659fds-assets-123456789012-us-east-1' }),
      );
      const file = join(folder, 'report.json');
      await preflight({
        args: ['--assembly', assembly, '--only', 'change-sets.lake', '--json-file', file],
        stdout: { write: () => true },
        stderr: { write: () => true },
      });
      const { checks } = JSON.parse(readFileSync(file, 'utf8')) as Report;
      expect(checks.map(({ id, status, observed }) => [id, status, observed]).at(-1)).toEqual([
        'change-sets.lake',
        'passed',
        expect.stringMatching(/^sluice-dev-lake: \d+ changes$/) as string,
      ]);
      expect(await realAccount().stack('sluice-dev-lake')).toBeUndefined();
    }, 180_000);
  },
);

interface Recorded {
  readonly target: string;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

describe('asked of what moto has not, by the requests that the SDK sends', () => {
  const requests: Recorded[] = [];
  let answer: (request: Recorded) => { readonly status?: number; readonly body: object };
  let server: Server;
  beforeAll(async () => {
    server = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString()));
      request.on('end', () => {
        const target = String(request.headers['x-amz-target'] ?? '');
        const isStsQuery = text.includes('Action=');
        const recorded = {
          target,
          path: request.url ?? '',
          body: (text === '' || isStsQuery ? {} : JSON.parse(text)) as Recorded['body'],
        };
        // STS speaks XML; a refusal leaves the caller's own credentials.
        if (isStsQuery) {
          response.writeHead(403, { 'content-type': 'text/xml' });
          response.end(
            '<ErrorResponse><Error><Code>AccessDenied</Code><Message>not yours</Message></Error></ErrorResponse>',
          );
          return;
        }
        requests.push(recorded);
        const { status = 200, body } = answer(recorded);
        response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
        response.end(JSON.stringify(body));
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  beforeEach(() => {
    requests.length = 0;
    process.env['AWS_ENDPOINT_URL'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    delete process.env['AWS_ENDPOINT_URL'];
    server.closeAllConnections();
    server.close();
  });
  const own = (): Account =>
    awsAccount({
      lookupRoleArn: undefined,
      deployRoleArn: undefined,
      makeChangeSet: () => Promise.reject(new Error('none is made here')),
    });

  test.each([
    [{ body: { TypeName: 'AWS::Glue::Database', ResourceDescription: {} } }, true],
    [{ status: 400, body: { __type: 'ResourceNotFoundException', message: 'not found' } }, false],
    [{ status: 400, body: { __type: 'UnsupportedActionException', message: 'no' } }, undefined],
    [{ status: 400, body: { __type: 'TypeNotFoundException', message: 'no' } }, undefined],
  ])('a resource: %j', async (given, expected) => {
    answer = () => given;
    expect(await own().hasResource('AWS::Glue::Database', 'sluice_dev')).toBe(expected);
    expect(requests).toEqual([
      {
        target: 'CloudApiService.GetResource',
        path: '/',
        body: { TypeName: 'AWS::Glue::Database', Identifier: 'sluice_dev' },
      },
    ]);
  });

  test('how many functions run at once', async () => {
    answer = () => ({
      body: { AccountLimit: { ConcurrentExecutions: 10, UnreservedConcurrentExecutions: 9 } },
    });
    expect(await own().functionConcurrency()).toEqual({ limit: 10, unreserved: 9 });
    expect(requests[0]?.path).toMatch(/^\/2016-08-19\/account-settings\/?$/);
  });

  test('a quota: the applied value, else the default, else nothing', async () => {
    const missing = { status: 400, body: { __type: 'NoSuchResourceException', message: 'no' } };
    answer = () => ({ body: { Quota: { Value: 100 } } });
    expect(await own().quota('firehose', 'L-14BB0BE7')).toBe(100);
    answer = ({ target }) =>
      target.endsWith('GetAWSDefaultServiceQuota') ? { body: { Quota: { Value: 50 } } } : missing;
    expect(await own().quota('firehose', 'L-14BB0BE7')).toBe(50);
    answer = () => missing;
    expect(await own().quota('firehose', 'L-14BB0BE7')).toBeUndefined();
    expect(requests[0]?.body).toEqual({ ServiceCode: 'firehose', QuotaCode: 'L-14BB0BE7' });
  });

  test('delivery streams, page by page', async () => {
    answer = ({ body }) => ({
      body:
        body['ExclusiveStartDeliveryStreamName'] === 'b'
          ? { DeliveryStreamNames: ['c'], HasMoreDeliveryStreams: false }
          : { DeliveryStreamNames: ['a', 'b'], HasMoreDeliveryStreams: true },
    });
    expect(await own().deliveryStreams()).toEqual(['a', 'b', 'c']);
  });

  test('a role that is refused, in the words of STS', async () =>
    expect(await own().refusalOfRole('arn:aws:iam::1:role/cdk')).toBe('not yours'));
});

async function freePort(): Promise<number> {
  const socket = createSocket().listen(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address() as AddressInfo;
  socket.close();
  await once(socket, 'close');
  return port;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (;;) {
    if (await isSo().catch(() => false)) return;
    await delay(100);
  }
}
