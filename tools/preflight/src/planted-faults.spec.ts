import { checks } from './checks';
import { fakeAccount, type FakeAccount } from './testing/fake-account';
import {
  appIn,
  error,
  lakeIn,
  logsRole,
  notPassed,
  preflightUnderTest,
  rejecting,
} from './testing/preflight-under-test';

const { run, edited } = preflightUnderTest();

interface Planted {
  readonly fault: string;
  readonly account: () => FakeAccount;
  readonly id: string;
  readonly status: 'failed' | 'advice';
  readonly observed: RegExp;
  /** Text that the advice contains. */
  readonly toDo: string;
  readonly args?: () => readonly string[];
}

const planted: readonly Planted[] = [
  {
    fault: 'no credentials',
    account: () =>
      fakeAccount({
        identityIn: rejecting(error('CredentialsProviderError', 'Could not load credentials')),
      }),
    id: 'account.credentials',
    status: 'failed',
    observed: /Could not load/,
    toDo: 'There are none.',
  },
  {
    fault: 'expired credentials',
    account: () =>
      fakeAccount({
        identityIn: rejecting(error('ExpiredToken', 'The security token included is expired')),
      }),
    id: 'account.credentials',
    status: 'failed',
    observed: /^ExpiredToken/,
    toDo: 'They are too old.',
  },
  {
    fault: 'no region',
    account: () => fakeAccount({ region: () => Promise.resolve(undefined) }),
    id: 'account.region',
    status: 'failed',
    observed: /^no region is set$/,
    toDo: 'export AWS_REGION=',
  },
  {
    fault: 'a region that is not turned on',
    account: () => {
      const others = fakeAccount();
      return fakeAccount({
        region: () => Promise.resolve('me-central-1'),
        identityIn: (region) =>
          region === 'me-central-1'
            ? Promise.reject(error('InvalidClientTokenId', 'The security token is invalid'))
            : others.identityIn(region),
      });
    },
    id: 'account.region',
    status: 'failed',
    observed: /^me-central-1 does not take credentials/,
    toDo: 'aws account enable-region --region-name me-central-1',
  },
  {
    fault: 'a region that there is not',
    account: () => {
      const others = fakeAccount();
      return fakeAccount({
        region: () => Promise.resolve('eu-centrall-1'),
        identityIn: (region) =>
          region === 'eu-centrall-1'
            ? Promise.reject(error('Error', 'getaddrinfo', { code: 'ENOTFOUND' }))
            : others.identityIn(region),
      });
    },
    id: 'account.region',
    status: 'failed',
    observed: /^there is no STS in eu-centrall-1$/,
    toDo: 'export AWS_REGION=',
  },
  {
    fault: 'no bootstrap',
    account: () => fakeAccount({ parameter: () => Promise.resolve(undefined) }),
    id: 'account.bootstrap',
    status: 'failed',
    observed: /no parameter \/cdk-bootstrap\/hnb659fds\/version/,
    toDo: 'npx cdk bootstrap aws://111122223333/eu-central-1',
  },
  {
    fault: 'an old bootstrap',
    account: () => fakeAccount({ parameter: () => Promise.resolve('5') }),
    id: 'account.bootstrap',
    status: 'failed',
    observed: /^version 5, 6 is needed$/,
    toDo: 'npx cdk bootstrap',
  },
  {
    fault: 'a role that may not be taken on',
    account: () =>
      fakeAccount({
        refusalOfRole: (arn) =>
          Promise.resolve(arn.includes('deploy-role') ? `not authorized on ${arn}` : undefined),
      }),
    id: 'account.deploy-roles',
    status: 'failed',
    observed: /cdk-hnb659fds-deploy-role-111122223333-eu-central-1/,
    toDo: '"Resource":"arn:aws:iam::111122223333:role/cdk-hnb659fds-*"',
  },
  {
    fault: 'a stack that is being updated',
    account: () => appIn('UPDATE_IN_PROGRESS'),
    id: 'stacks.states',
    status: 'failed',
    observed: /sluice-dev-lookup-api is UPDATE_IN_PROGRESS: Because/,
    toDo: 'aws cloudformation wait stack-update-complete --stack-name sluice-dev-lookup-api',
  },
  {
    fault: 'a rolled back stack that is protected, and that nobody unprotects',
    account: () => appIn('ROLLBACK_COMPLETE', true),
    id: 'stacks.states',
    status: 'failed',
    observed: /ROLLBACK_COMPLETE/,
    toDo: 'update-termination-protection --no-enable-termination-protection --stack-name sluice-dev-lookup-api',
  },
  {
    fault: 'a rolled back lake, which the deployment unprotects and deletes',
    account: () => lakeIn({ status: 'ROLLBACK_COMPLETE', isProtected: true }),
    id: 'stacks.states',
    status: 'advice',
    observed: /sluice-dev-lake is ROLLBACK_COMPLETE/,
    toDo: 'The deployment deletes it first',
  },
  ...(
    [
      ['ROLLBACK_FAILED', 'aws cloudformation delete-stack'],
      ['CREATE_FAILED', 'aws cloudformation delete-stack'],
      ['DELETE_FAILED', 'aws cloudformation delete-stack'],
      ['UPDATE_FAILED', 'aws cloudformation rollback-stack'],
      ['UPDATE_ROLLBACK_FAILED', 'aws cloudformation continue-update-rollback'],
    ] as const
  ).map(([status, toDo]): Planted => ({
    fault: `a stack in ${status}`,
    account: () => appIn(status),
    id: 'stacks.states',
    status: 'failed',
    observed: new RegExp(`sluice-dev-lookup-api is ${status}`),
    toDo,
  })),
  {
    fault: 'a large function',
    account: () => fakeAccount(),
    args: () => ['--assembly', edited('MemorySize":2048', 'MemorySize":4096')],
    id: 'lambda.memory',
    status: 'advice',
    observed: /^4096 MB at most/,
    toDo: 'Member must have value less than or equal to 3008',
  },
  {
    fault: 'a reservation that leaves too little',
    account: () =>
      fakeAccount({ functionConcurrency: () => Promise.resolve({ limit: 100, unreserved: 100 }) }),
    args: () => [
      '--assembly',
      edited('MemorySize":2048', 'MemorySize":2048,"ReservedConcurrentExecutions":1'),
    ],
    id: 'lambda.reserved-concurrency',
    status: 'failed',
    observed: /^\d to reserve of 100 that are unreserved; 100 have to stay$/,
    toDo: '--service-code lambda --quota-code L-B99A9384',
  },
  {
    fault: 'few functions at once',
    account: () =>
      fakeAccount({ functionConcurrency: () => Promise.resolve({ limit: 10, unreserved: 10 }) }),
    id: 'lambda.delivery-concurrency',
    status: 'advice',
    observed: /^10 at once; delivery asks for up to 15 \(3 shards\)/,
    toDo: 'servicequotas/home/services/lambda/quotas/L-B99A9384',
  },
  {
    fault: 'too few shards',
    account: () =>
      fakeAccount({
        streamLimits: () =>
          Promise.resolve({
            shards: 200,
            openShards: 198,
            onDemandStreams: 50,
            openOnDemandStreams: 50,
          }),
      }),
    id: 'kinesis.shards',
    status: 'failed',
    observed: /^198 of 200 are open, 3 more are needed$/,
    toDo: 'Raise the shards per region to 201',
  },
  {
    fault: 'too few streams on demand',
    account: () =>
      fakeAccount({
        streamLimits: () =>
          Promise.resolve({
            shards: 200,
            openShards: 200,
            onDemandStreams: 50,
            openOnDemandStreams: 49,
          }),
      }),
    args: () => [
      '--assembly',
      edited('StreamMode":"PROVISIONED', 'StreamMode":"ON_DEMAND', 'Lake'),
    ],
    id: 'kinesis.on-demand-streams',
    status: 'failed',
    observed: /^49 of 50 are there, 3 more are needed$/,
    toDo: 'or provision shards',
  },
  {
    fault: 'too few delivery streams',
    account: () =>
      fakeAccount({
        deliveryStreams: () => Promise.resolve(Array.from({ length: 49 }, (_, n) => `d${n}`)),
        quota: (service, code) =>
          Promise.resolve(service === 'firehose' && code === 'L-14BB0BE7' ? 50 : undefined),
      }),
    id: 'firehose.delivery-streams',
    status: 'failed',
    observed: /^49 of 50 are there, 3 more are needed$/,
    toDo: '--quota-code L-14BB0BE7 --desired-value 52',
  },
  {
    fault: 'a quota that nobody tells',
    account: () => fakeAccount({ quota: () => Promise.resolve(undefined) }),
    id: 'firehose.delivery-streams',
    status: 'advice',
    observed: /an unknown number/,
    toDo: 'quotas/L-14BB0BE7',
  },
  {
    fault: "a logging role of other APIs'",
    account: () => fakeAccount(logsRole('arn:aws:iam::111122223333:role/theirs', ['shop', 'crm'])),
    id: 'api-gateway.logs-role',
    status: 'advice',
    observed: /role\/theirs gives way to the lake’s; 2 other APIs/,
    toDo: 'They go on logging',
  },
  {
    fault: 'a slow account',
    account: () =>
      fakeAccount({
        apiGateway: () =>
          Promise.resolve({ logsRoleArn: undefined, requestsPerSecond: 2_500, burst: 1_250 }),
      }),
    id: 'api-gateway.throttle',
    status: 'advice',
    observed: /^2500 a second and a burst of 1250; a plan has 5000 and 5000/,
    toDo: '--service-code apigateway --quota-code L-8A5B8E43',
  },
  {
    fault: 'a stream of somebody else',
    account: () =>
      fakeAccount({
        hasResource: (type, identifier) =>
          Promise.resolve(type === 'AWS::Kinesis::Stream' && identifier === 'sluice-dev-contract'),
        stackOf: () => Promise.resolve('their-stack'),
      }),
    id: 'names.free',
    status: 'failed',
    observed: /^taken: AWS::Kinesis::Stream sluice-dev-contract$/,
    toDo: 'sluice-dev-contract belongs to the stack their-stack',
  },
  {
    fault: 'a state machine that was made by hand',
    account: () =>
      fakeAccount({
        hasResource: (_, identifier) =>
          Promise.resolve(
            identifier ===
              'arn:aws:states:eu-central-1:111122223333:stateMachine:sluice-dev-join-match_event_players',
          ),
      }),
    id: 'names.free',
    status: 'failed',
    observed: /AWS::StepFunctions::StateMachine sluice-dev-join-match_event_players/,
    toDo: '--import-existing-resources',
  },
  {
    fault: 'types that the Cloud Control API lacks',
    account: () =>
      fakeAccount({
        hasResource: (type) =>
          Promise.resolve(type === 'AWS::XRay::SamplingRule' ? undefined : false),
      }),
    id: 'names.free',
    status: 'advice',
    observed: /none is taken as far as can be seen/,
    toDo: 'AWS::XRay::SamplingRule',
  },
  {
    fault: 'a bucket that an earlier stack kept',
    account: () => fakeAccount({ bucket: () => Promise.resolve('here') }),
    id: 'names.buckets',
    status: 'failed',
    observed: /belongs to no stack of the stage: sluice-dev-lake-111122223333-eu-central-1/,
    toDo: 'npx nx run infra:deploy-lake --configuration=dev -- --import-existing-resources',
  },
  {
    fault: 'a bucket of another account',
    account: () => fakeAccount({ bucket: () => Promise.resolve('elsewhere') }),
    id: 'names.buckets',
    status: 'failed',
    observed: /belongs to another account/,
    toDo: 'Names of buckets are the world’s.',
  },
  {
    fault: 'Lake Formation alone decides',
    account: () =>
      fakeAccount({
        dataLake: () => Promise.resolve({ databasesByIam: true, tablesByIam: false }),
      }),
    id: 'lake-formation.defaults',
    status: 'failed',
    observed: /^new tables are Lake Formation’s alone/,
    toDo: 'DESCRIBE on the database sluice_dev',
  },
  {
    fault: 'a change set that is refused',
    account: () =>
      fakeAccount({
        makeChangeSet: () =>
          Promise.resolve({
            isMade: false,
            // In a terminal, and below Nx, the command line writes colours.
            said: '✨  Synthesis time: 0.02s\n\u001b[31mLake failed:\u001b[39m \u001b[1mTemplate format error: null\u001b[22m',
          }),
      }),
    id: 'change-sets.lake',
    status: 'failed',
    observed: /^sluice-dev-lake: refused$/,
    toDo: 'sluice-dev-lake: Lake failed: Template format error: null',
  },
  {
    fault: 'a change set that can be made and not deleted',
    account: () =>
      fakeAccount({ deleteChangeSet: rejecting(error('Throttling', 'Rate exceeded')) }),
    id: 'change-sets.lake',
    status: 'failed',
    observed: /^sluice-dev-lake: Throttling$/,
    toDo: 'aws cloudformation delete-change-set --stack-name sluice-dev-lake',
  },
];

test.each(planted.map((one) => [one.id, one.fault, one] as const))(
  '%s finds %s, and no other check does',
  async (id, _, { account, status, observed, toDo, args = () => [] }) => {
    const { code, results, text } = await run(account(), ...args());
    expect(notPassed(results).map((result) => [result.id, result.status, result.observed])).toEqual(
      [[id, status, expect.stringMatching(observed) as string]],
    );
    const [found] = notPassed(results);
    expect(found?.toDo?.join('\n')).toContain(toDo);
    expect(text).toContain(found?.toDo?.[0]);
    expect(found?.source).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//);
    expect(code).toBe(status === 'failed' ? 1 : 0);
  },
);

test('each check has a fault that is planted, but the stacks after the lake, which are tried the same way', () =>
  expect(new Set([...planted.map(({ id }) => id), 'change-sets.apps'])).toEqual(
    new Set(checks.map(({ id }) => id)),
  ));
