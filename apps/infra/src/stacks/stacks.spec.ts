import { matchEvent, shippedEventTypes } from '@sluice/event-types';
import { tableName, type EventType } from '@sluice/event-schema';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { mkdtempSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lateRows } from '../metrics';
import { sluiceApp } from '../sluice-app';
import { stageSettings, type StageSettings } from '../stage-settings';
import { workspaceRoot } from '../workspace';
import { deployment, order, synthesised, type Synthesised } from '../testing/synthesised';

interface Resource {
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DependsOn?: unknown;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

interface Operation {
  readonly security?: unknown;
  readonly 'x-amazon-apigateway-integration': { readonly type: string };
}

const pathsOf = (template: Template): Record<string, Record<string, Operation>> =>
  (
    only(template, 'AWS::ApiGateway::RestApi').Properties['Body'] as {
      paths: Record<string, Record<string, Operation>>;
    }
  ).paths;

const resources = (template: Template, type: string): Resource[] =>
  Object.values(template.findResources(type)) as unknown as Resource[];

const only = (template: Template, type: string): Resource => {
  const found = resources(template, type);
  expect(found).toHaveLength(1);
  return found[0]!;
};

let dev: Synthesised;
beforeAll(() => {
  dev = synthesised();
});

const tables = [matchEvent, order].map(tableName);

describe('contracts between stacks', () => {
  it('are SSM parameters that the lake writes, and no CloudFormation exports', () => {
    const written = resources(dev.template('Lake'), 'AWS::SSM::Parameter').map(
      ({ Properties }) => Properties['Name'] as string,
    );
    for (const id of [
      'Analytics',
      'FirehoseTransformer',
      'IngestGateway',
      'LookupApi',
      'LakeMaintenance',
    ]) {
      const template = dev.template(id).toJSON() as {
        Parameters: Record<string, { Type: string; Default: string }>;
      };
      const read = Object.values(template.Parameters);
      expect(read.length).toBeGreaterThan(0);
      for (const { Type, Default } of read) {
        expect(Type).toBe('AWS::SSM::Parameter::Value<String>');
        expect(written).toContain(Default);
      }
      expect(JSON.stringify(template)).not.toContain('Fn::ImportValue');
    }
    expect(JSON.stringify(dev.template('Lake').toJSON())).not.toContain('"Export"');
  });

  it('let the gateway be deployed after delivery, which begins with the newest record', () => {
    const names = (id: string) => dev.stacks.get(id)!.dependencies.map(({ node }) => node.id);
    expect(names('IngestGateway')).toEqual(expect.arrayContaining(['Lake', 'FirehoseTransformer']));
    expect(names('Analytics')).toEqual(
      expect.arrayContaining(['Lake', 'FirehoseTransformer', 'LakeMaintenance']),
    );
    for (const id of ['FirehoseTransformer', 'LookupApi', 'LakeMaintenance'])
      expect(names(id)).toEqual(['Lake']);
  });
});

describe('an event type', () => {
  it('has its stream, function, Glue table, delivery stream and schedule with no edit here', () => {
    const names = (id: string, type: string, property: string) =>
      resources(dev.template(id), type).map(({ Properties }) => Properties[property] as string);
    const streams = tables.map((table) => `sluice-dev-${table}`);
    expect(tables).toEqual(['match_event', 'order_v2']);
    expect(names('Lake', 'AWS::Kinesis::Stream', 'Name')).toEqual(streams);
    expect(
      names('FirehoseTransformer', 'AWS::KinesisFirehose::DeliveryStream', 'DeliveryStreamName'),
    ).toEqual(streams);
    expect(names('FirehoseTransformer', 'AWS::Lambda::Function', 'FunctionName')).toEqual(
      tables.map((table) => `sluice-dev-transform-${table}`),
    );
    expect(
      resources(dev.template('FirehoseTransformer'), 'AWS::Glue::Table').map(
        ({ Properties }) => (Properties['TableInput'] as { Name: string }).Name,
      ),
    ).toEqual(tables.map((table) => `${table}_raw`));
    expect(names('LakeMaintenance', 'AWS::Scheduler::Schedule', 'Name')).toEqual([
      'sluice-dev-take-incoming',
      'sluice-dev-sweep-results',
      ...tables.map((table) => `sluice-dev-compact-${table}`),
    ]);
    expect(Object.keys(pathsOf(dev.template('IngestGateway')))).toEqual(
      expect.arrayContaining(['/v1/events/match_event', '/v1/events/order/batch']),
    );
  });

  it('has a function that knows this event type alone', () => {
    const outdir = mkdtempSync(join(tmpdir(), 'sluice-assets-'));
    sluiceApp(deployment(), { outdir, only: 'firehose-transformer' }).synth();
    const served = readdirSync(outdir)
      .filter((name) => name.startsWith('asset.'))
      .map(
        (name) =>
          JSON.parse(readFileSync(join(outdir, name, 'event-types.json'), 'utf8')) as {
            name: string;
          }[],
      )
      .map((eventTypes) => eventTypes.map(({ name }) => name));
    expect(served.sort()).toEqual([['match_event'], ['order']]);
  });
});

describe('the gateway’s template', () => {
  it('has room for 25 event types in the 1 MB that CloudFormation takes', () => {
    const bytes = (eventTypes: readonly EventType[]): number => {
      const outdir = mkdtempSync(join(tmpdir(), 'sluice-template-'));
      sluiceApp(deployment({ eventTypes }), { outdir, only: 'ingest-gateway' }).synth();
      return statSync(join(outdir, 'IngestGateway.template.json')).size;
    };
    const one = bytes([matchEvent]);
    const eachMore = bytes(shippedEventTypes) - one;
    expect(one + (eachMore / 2) * 24).toBeLessThan(1_000_000);
  });
});

describe('delivery', () => {
  const destination = () =>
    resources(dev.template('FirehoseTransformer'), 'AWS::KinesisFirehose::DeliveryStream')[0]!
      .Properties['ExtendedS3DestinationConfiguration'] as {
      readonly ProcessingConfiguration: {
        readonly Processors: readonly [
          {
            readonly Parameters: readonly {
              readonly ParameterName: string;
              readonly ParameterValue: unknown;
            }[];
          },
        ];
      };
    } & Record<string, unknown>;

  it('writes to the keys that readers look under, and failed records beside them', () => {
    expect(destination()).toMatchObject({
      Prefix: 'match_event/raw/dt=!{timestamp:yyyy-MM-dd}/hour=!{timestamp:HH}/',
      ErrorOutputPrefix:
        'match_event/errors/!{firehose:error-output-type}/dt=!{timestamp:yyyy-MM-dd}/',
    });
  });

  it('converts to Parquet by its Glue table, within the limits of format conversion', () => {
    const { DataFormatConversionConfiguration, CompressionFormat, BufferingHints } = destination();
    expect(DataFormatConversionConfiguration).toMatchObject({
      Enabled: true,
      InputFormatConfiguration: { Deserializer: { OpenXJsonSerDe: {} } },
      OutputFormatConfiguration: { Serializer: { ParquetSerDe: { Compression: 'SNAPPY' } } },
      SchemaConfiguration: { TableName: 'match_event_raw', VersionId: 'LATEST' },
    });
    expect(CompressionFormat).toBe('UNCOMPRESSED');
    expect(BufferingHints).toEqual({ IntervalInSeconds: 60, SizeInMBs: 64 });
  });

  it('passes the transformer batches that leave room for an answer of 6 MB', () => {
    const { Parameters } = destination().ProcessingConfiguration.Processors[0];
    const values = Object.fromEntries(
      Parameters.map(({ ParameterName, ParameterValue }) => [ParameterName, ParameterValue]),
    );
    expect(Number(values['BufferSizeInMBs'])).toBeLessThanOrEqual(3);
    expect(values['NumberOfRetries']).toBe('3');
  });

  it('is made after its role has its rights, which Firehose checks at once', () => {
    const { DependsOn } = resources(
      dev.template('FirehoseTransformer'),
      'AWS::KinesisFirehose::DeliveryStream',
    )[0]!;
    expect(DependsOn).toEqual(
      expect.arrayContaining([expect.stringContaining('DeliveryRoleDefaultPolicy')]),
    );
  });

  it('has partitions that follow from the keys, so that nothing registers them', () => {
    const { TableInput } = resources(dev.template('FirehoseTransformer'), 'AWS::Glue::Table')[0]!
      .Properties as {
      TableInput: {
        readonly PartitionKeys: readonly { readonly Name: string }[];
        readonly Parameters: Readonly<Record<string, unknown>>;
      };
    };
    expect(TableInput.PartitionKeys.map(({ Name }) => Name)).toEqual(['dt', 'hour']);
    expect(TableInput.Parameters).toMatchObject({
      'projection.enabled': 'true',
      'projection.dt.type': 'date',
      'projection.hour.digits': '2',
    });
    expect(JSON.stringify(TableInput.Parameters['storage.location.template'])).toContain(
      'dt=${dt}/hour=${hour}/',
    );
  });
});

describe('the functions', () => {
  it('run their bundle on Node 24 and Arm, with limits, tracing and a log group that forgets', () => {
    for (const id of ['Analytics', 'FirehoseTransformer', 'LookupApi', 'LakeMaintenance'])
      for (const { Properties } of resources(dev.template(id), 'AWS::Lambda::Function')) {
        expect(Properties).toMatchObject({
          Handler: id === 'LakeMaintenance' ? 'main.handler' : 'index.handler',
          Runtime: 'nodejs24.x',
          Architectures: ['arm64'],
          TracingConfig: { Mode: 'Active' },
        });
        expect(Properties['Timeout']).toBeGreaterThan(0);
        expect(Properties['MemorySize']).toBeGreaterThan(0);
      }
  });

  it('get the environment that they ask for', () => {
    const environment = (id: string) =>
      resources(dev.template(id), 'AWS::Lambda::Function').map(
        ({ Properties }) => (Properties['Environment'] as { Variables: object }).Variables,
      );
    expect(environment('FirehoseTransformer')[1]).toMatchObject({ EVENT_TYPE: 'order' });
    expect(environment('FirehoseTransformer')[1]).toHaveProperty('STREAM_NAME');
    expect(environment('LookupApi')[0]).toHaveProperty('LAKE_BUCKET');
    expect(environment('LakeMaintenance')[0]).toMatchObject({ STREAM_PREFIX: 'sluice-dev-' });
    expect(environment('LakeMaintenance')[0]).toHaveProperty('LAKE_BUCKET');
  });

  it('and everything else that logs has a retention', () => {
    for (const id of dev.stacks.keys())
      for (const { Properties } of resources(dev.template(id), 'AWS::Logs::LogGroup'))
        expect(Properties['RetentionInDays']).toBe(14);
  });
});

describe('the look-up API', () => {
  it('passes every route but the preflights to its function, and asks for a key on each', () => {
    const routes = Object.entries(pathsOf(dev.template('LookupApi'))).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    );
    expect(routes.map(({ path, method }) => `${method} ${path}`)).toEqual([
      'get /',
      'options /',
      'get /v1',
      'options /v1',
      'get /v1/events',
      'options /v1/events',
      'get /v1/events/{event_type}',
      'head /v1/events/{event_type}',
      'options /v1/events/{event_type}',
      'post /v1/events/{event_type}/lookup',
      'options /v1/events/{event_type}/lookup',
      'get /v1/openapi.json',
      'options /v1/openapi.json',
    ]);
    // What the API says of itself needs no function.
    const describes = (path: string): boolean => !path.startsWith('/v1/events/');
    for (const { path, method, operation } of routes) {
      expect(operation['x-amazon-apigateway-integration'].type).toBe(
        method === 'options' || describes(path) ? 'mock' : 'aws_proxy',
      );
      expect(operation.security).toEqual(method === 'options' ? undefined : [{ apiKey: [] }]);
    }
  });

  it('may invoke the function only through its own routes', () => {
    dev.template('LookupApi').hasResourceProperties('AWS::Lambda::Permission', {
      Action: 'lambda:InvokeFunction',
      Principal: 'apigateway.amazonaws.com',
      SourceArn: Match.objectLike({ 'Fn::Join': Match.anyValue() }),
    });
  });
});

describe('compaction', () => {
  it('runs on a schedule for each event type; what could not run is kept in a queue', () => {
    const template = dev.template('LakeMaintenance');
    const schedules = resources(template, 'AWS::Scheduler::Schedule').map(
      ({ Properties }) => Properties,
    );
    for (const schedule of schedules)
      expect(schedule).toMatchObject({ Target: { DeadLetterConfig: { Arn: expect.anything() } } });
    expect(new Set(schedules.map((schedule) => schedule['ScheduleExpression']))).toEqual(
      new Set(['rate(5 minutes)', 'rate(1 day)']),
    );
    template.resourceCountIs('AWS::SQS::Queue', 1);
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnFailure: { Destination: Match.anyValue() } },
    });
  });
});

describe('stages', () => {
  it('scale by themselves and keep events longer in production', () => {
    const prod = synthesised({ stage: 'prod', only: 'lake' }).template('Lake');
    prod.allResourcesProperties('AWS::Kinesis::Stream', {
      StreamModeDetails: { StreamMode: 'ON_DEMAND' },
      RetentionPeriodHours: 168,
    });
    dev.template('Lake').allResourcesProperties('AWS::Kinesis::Stream', { ShardCount: 1 });
  });

  it.each([
    // A first deployment that fails takes what it made with it, so that the next one finds the names free.
    ['dev', false, 'RetainExceptOnCreate', 'Retain'],
    ['dev', true, 'Delete', 'Delete'],
    ['prod', false, 'RetainExceptOnCreate', 'Retain'],
  ] as const)(
    '%s with destroyData=%s: data on deletion: %s',
    (stage, destroyData, policy, onReplacement) => {
      const { template, stacks } = synthesised({ stage, destroyData, only: 'lake' });
      for (const type of ['AWS::S3::Bucket', 'AWS::Kinesis::Stream', 'AWS::KMS::Key'])
        for (const resource of resources(template('Lake'), type)) {
          expect(resource.DeletionPolicy).toBe(policy);
          expect(resource.UpdateReplacePolicy).toBe(onReplacement);
        }
      expect(stacks.get('Lake')!.terminationProtection).toBe(!destroyData);
    },
  );

  it('put a firewall before both APIs in production, and one that reads no bodies', () => {
    const template = synthesised({ stage: 'prod', only: 'ingest-gateway' }).template(
      'IngestGateway',
    );
    template.resourceCountIs('AWS::WAFv2::WebACLAssociation', 1);
    const { Rules } = only(template, 'AWS::WAFv2::WebACL').Properties;
    expect((Rules as { Name: string }[]).map(({ Name }) => Name)).toEqual([
      'known-bad-addresses',
      'requests-per-address',
    ]);
    dev.template('IngestGateway').resourceCountIs('AWS::WAFv2::WebACL', 0);
  });

  it.each([
    ['ingest-gateway', 'IngestGateway'],
    ['lookup-api', 'LookupApi'],
    ['analytics', 'Analytics'],
  ] as const)(
    'let an address send to %s what one key may, and answer more as the API does',
    (only_, id) => {
      const template = synthesised({ stage: 'prod', only: only_ }).template(id);
      const { Rules, CustomResponseBodies } = only(template, 'AWS::WAFv2::WebACL')
        .Properties as unknown as {
        readonly Rules: readonly {
          readonly Name: string;
          readonly Action?: {
            readonly Block: {
              readonly CustomResponse: {
                readonly ResponseCode: number;
                readonly CustomResponseBodyKey: string;
                readonly ResponseHeaders: readonly {
                  readonly Name: string;
                  readonly Value: string;
                }[];
              };
            };
          };
          readonly Statement: {
            readonly RateBasedStatement?: {
              readonly Limit: number;
              readonly EvaluationWindowSec: number;
            };
          };
        }[];
        readonly CustomResponseBodies: Readonly<
          Record<string, { readonly ContentType: string; readonly Content: string }>
        >;
      };
      const rule = Rules.find(({ Name }) => Name === 'requests-per-address');
      const { Limit, EvaluationWindowSec } = rule!.Statement.RateBasedStatement!;
      const { Throttle } = only(template, 'AWS::ApiGateway::UsagePlan').Properties as unknown as {
        readonly Throttle: { readonly RateLimit: number; readonly BurstLimit: number };
      };
      expect(Limit).toBeGreaterThanOrEqual(
        Throttle.RateLimit * EvaluationWindowSec + Throttle.BurstLimit,
      );
      const { CustomResponse } = rule!.Action!.Block;
      expect(CustomResponse).toMatchObject({
        ResponseCode: 429,
        ResponseHeaders: [{ Name: 'Retry-After', Value: expect.stringMatching(/^[0-9]+$/) }],
      });
      const body = CustomResponseBodies[CustomResponse.CustomResponseBodyKey]!;
      expect(body.ContentType).toBe('APPLICATION_JSON');
      expect(JSON.parse(body.Content)).toEqual({ message: expect.any(String) });
    },
  );

  describe('web pages', () => {
    const ingest = (pages: StageSettings['pages']) =>
      synthesised({ settings: { pages }, only: 'ingest-gateway' }).template('IngestGateway');
    const allowedOrigins = (template: Template): readonly (string | undefined)[] => {
      const api = JSON.stringify(only(template, 'AWS::ApiGateway::RestApi').Properties);
      const headers = api.matchAll(/header\.Access-Control-Allow-Origin":"'([^']*)'/g);
      return [...new Set([...headers].map(([, origin]) => origin))];
    };

    it('may call from every origin, from one, or not at all', () => {
      expect(allowedOrigins(ingest({ origin: '*', throttle: null }))).toEqual(['*']);
      const origin = 'https://www.example.com';
      expect(allowedOrigins(ingest({ origin, throttle: null }))).toEqual([origin]);
      expect(allowedOrigins(ingest({ origin: null, throttle: null }))).toEqual([]);
    });

    it('have an API key of their own, with a throttle of its own and no value in the template', () => {
      const throttle = { requestsPerSecond: 100, burst: 200 };
      const template = ingest({ origin: '*', throttle });
      const plans = resources(template, 'AWS::ApiGateway::UsagePlan').map(
        ({ Properties }) => Properties,
      );
      expect(plans).toMatchObject([
        { UsagePlanName: 'sluice-dev-ingest', Throttle: { RateLimit: 5_000 } },
        {
          UsagePlanName: 'sluice-dev-ingest-pages',
          Throttle: { RateLimit: 100, BurstLimit: 200 },
        },
      ]);
      const keys = resources(template, 'AWS::ApiGateway::ApiKey');
      expect(keys.map(({ Properties }) => Properties['Name'])).toEqual([
        'sluice-dev-ingest',
        'sluice-dev-ingest-pages',
      ]);
      for (const { Properties } of keys) expect(Properties).not.toHaveProperty('Value');
      template.resourceCountIs('AWS::ApiGateway::UsagePlanKey', 2);
    });
  });

  it('can keep the APIs inside VPCs', () => {
    const access = {
      onlyFromVpcEndpoints: ['vpce-1'],
      firewall: false,
      ingestAuth: 'api-key',
    } as const;
    const template = synthesised({ settings: { access }, only: 'lookup-api' }).template(
      'LookupApi',
    );
    expect(only(template, 'AWS::ApiGateway::RestApi').Properties).toMatchObject({
      EndpointConfiguration: { Types: ['PRIVATE'], VpcEndpointIds: ['vpce-1'] },
      Policy: {
        Statement: [{ Condition: { StringEquals: { 'aws:SourceVpce': ['vpce-1'] } } }],
      },
    });
  });
});

describe('alarms', () => {
  const alarms = () =>
    [...dev.stacks.keys()].flatMap((id) =>
      resources(dev.template(id), 'AWS::CloudWatch::Alarm').map(
        ({ Properties }) =>
          Properties as {
            readonly AlarmName: string;
            readonly AlarmDescription: string;
            readonly AlarmActions: readonly unknown[];
            readonly OKActions: readonly unknown[];
          },
      ),
    );

  it('each name a runbook that exists, and each runbook has its alarm', () => {
    const folder = join(workspaceRoot(), 'docs', 'runbooks');
    const named = alarms().map(({ AlarmDescription }) =>
      AlarmDescription.replace(/^.*docs\/runbooks\//s, ''),
    );
    const written = readdirSync(folder).filter((file) => file !== 'README.md');
    // Their alarms are only where an event type has a subject, or a retention: see privacy.spec.ts.
    named.push('erasure-late.md', 'retention-late.md', 'suppression-failing.md');
    expect([...new Set(named)].sort()).toEqual(written.sort());
  });

  it('tell the stage’s topic when they ring and when they stop', () => {
    expect(alarms().length).toBeGreaterThan(10);
    for (const { AlarmActions, OKActions } of alarms()) {
      expect(AlarmActions).toHaveLength(1);
      expect(OKActions).toEqual(AlarmActions);
    }
  });

  it('lean on metrics and log lines that the apps write', () => {
    const source = (file: string) => readFileSync(join(workspaceRoot(), file), 'utf8');
    expect(source('apps/firehose-transformer/src/telemetry.ts')).toContain('event_type: eventType');
    const counts = source('apps/firehose-transformer/src/transform-batch.ts');
    for (const text of ['failed:', 'rows:', 'requeued:']) expect(counts).toContain(text);
    const lookup = source('apps/lookup-api/src/telemetry.ts');
    for (const text of ["serviceName = 'lookup-api'", "'s3Requests'", "'bytesRead'"])
      expect(lookup).toContain(text);
    expect(source('apps/lake-maintenance/src/telemetry.ts')).toContain(
      "logger.info('compacted', { ...day, refused: day.refused.length });",
    );
  });

  it('count late rows from the log lines of compaction', () => {
    for (const [span, metricName] of Object.entries(lateRows))
      dev.template('LakeMaintenance').hasResourceProperties('AWS::Logs::MetricFilter', {
        FilterPattern: Match.stringLikeRegexp(`\\$\\.late\\.${span} > 0`),
        MetricTransformations: [
          Match.objectLike({ MetricName: metricName, MetricValue: `$.late.${span}` }),
        ],
      });
  });

  it('hear nothing of another stage in the same account', () => {
    const namespacesIn = (text: string) => new Set(text.match(/Sluice(?:\/\w+)?(?=")/g) ?? []);
    for (const { template, stage } of [
      { template: dev.template('LakeMaintenance'), stage: 'dev' },
      {
        template: synthesised({ stage: 'prod', only: 'lake-maintenance' }).template(
          'LakeMaintenance',
        ),
        stage: 'prod',
      },
    ]) {
      const metrics = ['AWS::CloudWatch::Alarm', 'AWS::Logs::MetricFilter'].map((type) =>
        namespacesIn(JSON.stringify(template.findResources(type))),
      );
      expect(metrics).toEqual([new Set([`Sluice/${stage}`]), new Set([`Sluice/${stage}`])]);
      for (const { Properties } of resources(template, 'AWS::Lambda::Function'))
        expect(Properties['Environment']).toMatchObject({
          Variables: { POWERTOOLS_METRICS_NAMESPACE: `Sluice/${stage}` },
        });
    }
  });

  it('reach the addresses of the stage’s settings', () => {
    const { alarms: limits } = stageSettings('dev');
    synthesised({ only: 'lake', settings: { alarms: { ...limits, emails: ['a@example.org'] } } })
      .template('Lake')
      .hasResourceProperties('AWS::SNS::Subscription', {
        Protocol: 'email',
        Endpoint: 'a@example.org',
      });
  });
});

describe('the dashboard', () => {
  it('shows the flow from the first request to what a look-up cost', () => {
    const body = JSON.stringify(
      only(dev.template('Lake'), 'AWS::CloudWatch::Dashboard').Properties['DashboardBody'],
    );
    for (const metric of [
      '4XXError',
      '5XXError',
      'WriteProvisionedThroughputExceeded',
      'KinesisMillisBehindLatest',
      'DeliveryToS3.DataFreshness',
      'DeliveryToS3.Bytes',
      'rows',
      'failed',
      'unfinishedCompactions',
      'BucketSizeBytes',
      'p99',
      's3Requests',
      'bytesRead',
    ])
      expect(body).toContain(metric);
  });
});
