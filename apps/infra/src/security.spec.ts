import { matchEventPlayers, matchEventTeams } from '@sluice/event-types';
import { Aspects, CfnElement, type App } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { stageNames } from './stage-settings';
import { nagExceptions } from './testing/nag-exceptions';
import { synthesised, type Synthesised } from './testing/synthesised';

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource?: unknown;
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

interface PolicyDocument {
  readonly Statement: readonly Statement[];
}

interface TemplateResource {
  readonly Type: string;
  readonly Properties: {
    readonly PolicyDocument?: PolicyDocument;
    readonly Policies?: readonly { readonly PolicyDocument: PolicyDocument }[];
    readonly ManagedPolicyArns?: readonly string[];
  };
}

const list = <Item>(value: Item | readonly Item[]): readonly Item[] =>
  Array.isArray(value) ? (value as readonly Item[]) : [value as Item];

const withNag = (root: App): void => {
  Aspects.of(root).add(new AwsSolutionsChecks());
};

let app: Synthesised;
beforeAll(() => {
  app = synthesised({
    // One of the joins on Spark and by the clock, so that those ways are seen too.
    joins: [
      matchEventPlayers,
      { ...matchEventTeams, engine: 'spark', schedule: 'cron(0 3 * * ? *)' },
    ],
    prepare: withNag,
  });
});

describe('cdk-nag AwsSolutions', () => {
  it('finds nothing in any stage that is not explained, and every explanation is needed', () => {
    const others = stageNames
      .filter((stage) => stage !== 'dev')
      .map((stage) => synthesised({ stage, prepare: withNag }));
    const findings = [app, ...others]
      .flatMap(({ stacks }) => [...stacks.values()])
      .flatMap((stack) =>
        stack.node.findAll().flatMap(({ node }) =>
          node.metadata.flatMap(({ data }) => {
            const [rule] = /AwsSolutions-\w+(\[.*?\])?(?=:)/.exec(String(data)) ?? [];
            return rule ? [`/${node.path.replace(/\/Resource$/, '')} ${rule}`] : [];
          }),
        ),
      );
    const explained = (finding: string) => nagExceptions.find(({ finds }) => finds.test(finding));
    expect(findings.filter((finding) => !explained(finding))).toEqual([]);
    expect(
      nagExceptions.filter((exception) => !findings.some((it) => exception.finds.test(it))),
    ).toEqual([]);
  });
});

const logs = ['logs:CreateLogStream', 'logs:PutLogEvents'];
const tracing = ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'];

/** What Athena does with the rights of its caller, and what Step Functions needs for logs and traces. */
const queries = [
  'athena:GetDataCatalog',
  'athena:GetQueryExecution',
  'athena:GetQueryResults',
  'athena:StartQueryExecution',
  'athena:StopQueryExecution',
  'glue:GetDatabase',
  'glue:GetPartition',
  'glue:GetPartitions',
  'glue:GetTable',
  'glue:GetTables',
  'kms:Decrypt',
  'kms:GenerateDataKey',
  's3:AbortMultipartUpload',
  's3:GetBucketLocation',
  's3:GetObject',
  's3:ListBucket',
  's3:ListMultipartUploadParts',
  's3:PutObject',
];
const deliveredLogs = [
  'logs:CreateLogDelivery',
  'logs:DeleteLogDelivery',
  'logs:DescribeLogGroups',
  'logs:DescribeResourcePolicies',
  'logs:GetLogDelivery',
  'logs:ListLogDeliveries',
  'logs:PutResourcePolicy',
  'logs:UpdateLogDelivery',
  'xray:GetSamplingRules',
  'xray:GetSamplingTargets',
];

/** All that a role may do. An action that is not here fails the test, and so does one that is not needed. */
const allowedActions: Readonly<Record<string, readonly string[]>> = {
  'Lake/ApiGatewayLogsRole': [
    'logs:CreateLogGroup',
    'logs:CreateLogStream',
    'logs:DescribeLogGroups',
    'logs:DescribeLogStreams',
    'logs:FilterLogEvents',
    'logs:GetLogEvents',
    'logs:PutLogEvents',
  ],
  'FirehoseTransformer/Transformer/Role': [
    'kinesis:PutRecords',
    'kms:GenerateDataKey',
    's3:PutObject',
    ...logs,
    ...tracing,
  ],
  'FirehoseTransformer/DeliveryRole': [
    'glue:GetTable',
    'glue:GetTableVersion',
    'glue:GetTableVersions',
    'kinesis:DescribeStream',
    'kinesis:GetRecords',
    'kinesis:GetShardIterator',
    'kinesis:ListShards',
    'kms:Decrypt',
    'kms:GenerateDataKey',
    'lambda:GetFunctionConfiguration',
    'lambda:InvokeFunction',
    'logs:PutLogEvents',
    's3:AbortMultipartUpload',
    's3:GetBucketLocation',
    's3:GetObject',
    's3:ListBucket',
    's3:ListBucketMultipartUploads',
    's3:PutObject',
  ],
  'Console/Page/PublisherRole': [
    'cloudfront:CreateInvalidation',
    'cloudfront:GetInvalidation',
    ...logs,
    's3:DeleteObject',
    's3:GetBucketTagging',
    's3:GetObject',
    's3:ListBucket',
    's3:PutObject',
  ],
  'IngestGateway/StreamsRole': ['kinesis:PutRecord', 'kinesis:PutRecords', 'kms:GenerateDataKey'],
  'LookupApi/Lookup/Role': ['kms:Decrypt', ...logs, 's3:GetObject', 's3:ListBucket', ...tracing],
  'Analytics/Analytics/Role': [
    ...queries,
    ...logs,
    'states:DescribeExecution',
    'states:ListExecutions',
    'states:StartExecution',
    ...tracing,
  ],
  'Analytics/References/Role': [
    'glue:BatchCreatePartition',
    'glue:BatchGetPartition',
    'glue:CreateTable',
    'glue:GetDatabase',
    'glue:GetPartitions',
    'glue:GetTable',
    'glue:GetTables',
    'glue:UpdateTable',
    'kms:Decrypt',
    'logs:CreateLogGroup',
    ...logs,
    's3:GetBucketLocation',
    's3:GetObject',
    's3:ListBucket',
  ],
  'Analytics/Role': [...queries, ...deliveredLogs, 's3:DeleteObject', ...tracing],
  'Analytics/StartRole': ['states:StartExecution'],
  'Analytics/match_event_teams/Role': [
    ...queries,
    ...deliveredLogs,
    'glue:BatchStopJobRun',
    'glue:GetJobRun',
    'glue:GetJobRuns',
    'glue:StartJobRun',
    's3:DeleteObject',
    ...tracing,
  ],
  'Analytics/match_event_teams/StartRole': ['sqs:SendMessage', 'states:StartExecution'],
  'Analytics/match_event_teams/JobRole': [
    'kms:Decrypt',
    'kms:GenerateDataKey',
    'logs:CreateLogGroup',
    ...logs,
    's3:AbortMultipartUpload',
    's3:DeleteObject',
    's3:GetObject',
    's3:ListBucket',
    's3:PutObject',
  ],
  'LakeMaintenance/Compact/Role': [
    'glue:CreateTable',
    'glue:GetTable',
    'glue:UpdateTable',
    'kms:Decrypt',
    'kms:GenerateDataKey',
    ...logs,
    's3:DeleteObject',
    's3:GetObject',
    's3:ListBucket',
    's3:PutObject',
    'sqs:SendMessage',
    ...tracing,
  ],
  'LakeMaintenance/Replay/Role': [
    'kinesis:GetRecords',
    'kinesis:GetShardIterator',
    'kinesis:ListShards',
    'kinesis:PutRecords',
    'kms:Decrypt',
    'kms:GenerateDataKey',
    ...logs,
    's3:GetObject',
    's3:ListBucket',
    's3:PutObject',
    ...tracing,
  ],
  'LakeMaintenance/TakeIncoming/Role': [
    'kms:Decrypt',
    'kms:GenerateDataKey',
    ...logs,
    's3:DeleteObject',
    's3:GetObject',
    's3:ListBucket',
    's3:PutObject',
    'sqs:SendMessage',
    ...tracing,
  ],
  'LakeMaintenance/ScheduleRole': [
    'kms:Decrypt',
    'kms:GenerateDataKey',
    'lambda:InvokeFunction',
    'sqs:SendMessage',
  ],
  'Operations/Operations/Role': [
    'kms:Decrypt',
    'kms:GenerateDataKey',
    'lambda:InvokeFunction',
    ...logs,
    's3:GetObject',
    's3:ListBucket',
    's3:PutObject',
    ...tracing,
  ],
};

describe('IAM', () => {
  /** `<stack>/<role>`, without the table or the join that the role is for → its statements. */
  const roles = (): ReadonlyMap<string, readonly Statement[]> => {
    const found = new Map<string, Statement[]>();
    const tables = /(?:\/Tables\d\d)?\/(match_event|order_v2|match_event_players)(?=\/)/;
    const add = (path: string, document: PolicyDocument): void => {
      const role = path.replace(tables, '').replace(/(\/DefaultPolicy)?\/Resource$/, '');
      found.set(role, [...(found.get(role) ?? []), ...document.Statement]);
    };
    for (const [id, stack] of app.stacks) {
      const { Resources } = app.template(id).toJSON() as {
        Resources: Record<string, TemplateResource>;
      };
      for (const element of stack.node.findAll()) {
        if (!CfnElement.isCfnElement(element)) continue;
        const resource = Resources[stack.getLogicalId(element)];
        if (!resource?.Type.startsWith('AWS::IAM::')) continue;
        const { PolicyDocument, Policies = [], ManagedPolicyArns } = resource.Properties;
        if (PolicyDocument) add(element.node.path, PolicyDocument);
        for (const inline of Policies) add(element.node.path, inline.PolicyDocument);
        expect(ManagedPolicyArns).toBeUndefined();
      }
    }
    return found;
  };

  it('gives each role the actions of the list and no other', () => {
    const actual = Object.fromEntries(
      [...roles()].map(([role, statements]) => [
        role,
        [...new Set(statements.flatMap(({ Action }) => list(Action)))].sort(),
      ]),
    );
    const expected = Object.fromEntries(
      Object.entries(allowedActions).map(([role, actions]) => [role, [...actions].sort()]),
    );
    expect(actual).toEqual(expected);
  });

  it('has no wildcard action, and names its resources except where AWS knows none', () => {
    const withoutResources = new Set([
      ...tracing,
      ...deliveredLogs,
      ...allowedActions['Lake/ApiGatewayLogsRole']!,
    ]);
    for (const statement of [...roles().values()].flat()) {
      for (const action of list(statement.Action)) expect(action).not.toContain('*');
      if (list(statement.Resource).includes('*'))
        for (const action of list(statement.Action)) expect(withoutResources).toContain(action);
    }
  });
});

describe('data', () => {
  const properties = (type: string): Record<string, unknown>[] =>
    Object.values(app.template('Lake').findResources(type)).map(
      ({ Properties }) => Properties as Record<string, unknown>,
    );

  it('is in buckets that nobody makes public and that refuse plain HTTP', () => {
    const buckets = properties('AWS::S3::Bucket');
    expect(buckets).toHaveLength(2);
    for (const { PublicAccessBlockConfiguration, OwnershipControls } of buckets) {
      expect(PublicAccessBlockConfiguration).toEqual({
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      });
      expect(OwnershipControls).toEqual({ Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] });
    }
    const policies = properties('AWS::S3::BucketPolicy');
    expect(policies).toHaveLength(2);
    for (const { PolicyDocument } of policies as unknown as { PolicyDocument: PolicyDocument }[])
      expect(PolicyDocument.Statement).toEqual(
        expect.arrayContaining([
          expect.objectContaining({
            Effect: 'Deny',
            Principal: { AWS: '*' },
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          }),
        ]),
      );
  });

  it('is versioned, logged and encrypted with a key of its own, in the bucket and in the streams', () => {
    const [lake] = properties('AWS::S3::Bucket').filter(
      ({ BucketName }) => BucketName !== undefined,
    );
    expect(lake).toMatchObject({
      VersioningConfiguration: { Status: 'Enabled' },
      LoggingConfiguration: { LogFilePrefix: 'lake/' },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          {
            BucketKeyEnabled: true,
            ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' },
          },
        ],
      },
    });
    for (const { StreamEncryption } of properties('AWS::Kinesis::Stream'))
      expect(StreamEncryption).toMatchObject({ EncryptionType: 'KMS' });
    for (const { EnableKeyRotation } of properties('AWS::KMS::Key'))
      expect(EnableKeyRotation).toBe(true);
  });
});

it('no API key has a value in a template', () => {
  for (const id of ['Analytics', 'IngestGateway', 'LookupApi']) {
    const keys = Object.values(app.template(id).findResources('AWS::ApiGateway::ApiKey'));
    expect(keys).toHaveLength(1);
    for (const { Properties } of keys) expect(Properties).not.toHaveProperty('Value');
  }
});

it('access logs hold no bodies, and execution logs no data', () => {
  for (const id of ['Analytics', 'IngestGateway', 'LookupApi'])
    app.template(id).hasResourceProperties('AWS::ApiGateway::Stage', {
      AccessLogSetting: { Format: Match.not(Match.stringLikeRegexp('\\$input')) },
      MethodSettings: [Match.objectLike({ DataTraceEnabled: false })],
      TracingEnabled: true,
    });
});

it('where a path may name a person, neither a log nor a trace holds paths', () => {
  app.template('Operations').hasResourceProperties('AWS::ApiGateway::Stage', {
    AccessLogSetting: { Format: Match.not(Match.stringLikeRegexp('context[.]path')) },
    TracingEnabled: false,
  });
  app.template('LookupApi').hasResourceProperties('AWS::ApiGateway::Stage', {
    AccessLogSetting: { Format: Match.stringLikeRegexp('context[.]path"') },
  });
});
