import { joinStateMachine } from '@sluice/analytics';
import { matchEventPlayers, matchEventTeams, shippedJoins } from '@sluice/event-types';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sluiceApp } from '../sluice-app';
import { deployment, synthesised, type SynthesisOptions } from '../testing/synthesised';

const analytics = (options: SynthesisOptions = {}): Template =>
  synthesised({ only: 'analytics', ...options }).template('Analytics');

type Properties = Readonly<Record<string, unknown>>;

const properties = (template: Template, type: string): readonly Properties[] =>
  Object.values(template.findResources(type)).map(({ Properties: found }) => found as Properties);

/** A value of a template with the bucket and the database for what the lake tells when it is deployed. */
const resolved = (value: unknown): string => {
  if (typeof value === 'string') return value;
  const { Ref, 'Fn::Join': parts } = value as {
    readonly Ref?: string;
    readonly 'Fn::Join'?: readonly [string, readonly unknown[]];
  };
  if (parts) return parts[1].map(resolved).join(parts[0]);
  return Ref?.includes('bucketname') ? 'LAKE' : Ref?.includes('databasename') ? 'DB' : '?';
};

let template: Template;
beforeAll(() => {
  template = analytics();
});

describe('the catalog', () => {
  interface Table {
    readonly Name: string;
    readonly TableType: string;
    readonly ViewOriginalText?: string;
    readonly Parameters: Readonly<Record<string, unknown>>;
    readonly PartitionKeys: readonly { readonly Name: string }[];
    readonly StorageDescriptor: { readonly InputFormat?: string; readonly Location?: unknown };
  }
  const tables = () =>
    properties(template, 'AWS::Glue::Table').map(({ TableInput }) => TableInput as Table);
  const table = (name: string) => tables().find(({ Name }) => Name === name);

  it('has what SQL sees of each event type, reference table and join, but for the Iceberg tables', () => {
    expect(new Set(tables().map(({ Name }) => Name))).toEqual(
      new Set([
        'match_event_latest',
        'order_v2_latest',
        'players',
        'teams',
        'matches',
        'match_event_players',
        'match_event_teams',
        'match_event_matches',
      ]),
    );
  });

  it('reads results by lists of files, a day a folder, which nothing registers', () => {
    const folder = 's3://LAKE/results/match_event_players/symlinks/';
    const { StorageDescriptor, Parameters, PartitionKeys } = table('match_event_players')!;
    expect(StorageDescriptor.InputFormat).toContain('SymlinkTextInputFormat');
    expect(resolved(StorageDescriptor.Location)).toBe(folder);
    expect(PartitionKeys.map(({ Name }) => Name)).toEqual(['dt']);
    expect(Parameters).toMatchObject({ 'projection.enabled': 'true' });
    expect(resolved(Parameters['storage.location.template'])).toBe(`${folder}dt=\${dt}/`);
    expect(resolved(table('players')!.StorageDescriptor.Location)).toBe(
      's3://LAKE/reference/players/',
    );
  });

  it('has views in the stage’s own database', () => {
    const { TableType, ViewOriginalText = '' } = table('match_event_latest')!;
    expect(TableType).toBe('VIRTUAL_VIEW');
    const [, encoded = ''] = /^\/\* Presto View: (\S+) \*\/$/.exec(ViewOriginalText) ?? [];
    expect(JSON.parse(Buffer.from(encoded, 'base64').toString())).toMatchObject({
      schema: 'sluice_dev',
      originalSql: expect.stringContaining('FROM "match_event"') as string,
    });
  });
});

describe('the workgroup', () => {
  const configuration = (found: Template) =>
    properties(found, 'AWS::Athena::WorkGroup')[0]!['WorkGroupConfiguration'] as Properties;

  it('limits what a query reads, and no client changes where encrypted results go', () => {
    expect(configuration(template)).toMatchObject({
      EnforceWorkGroupConfiguration: true,
      BytesScannedCutoffPerQuery: 10_000_000_000,
      EngineVersion: { SelectedEngineVersion: 'Athena engine version 3' },
      ResultConfiguration: { EncryptionConfiguration: { EncryptionOption: 'SSE_KMS' } },
    });
    const { OutputLocation } = configuration(template)['ResultConfiguration'] as Properties;
    expect(resolved(OutputLocation)).toBe('s3://LAKE/query-results/');
  });

  it('has another limit in production', () => {
    expect(configuration(analytics({ stage: 'prod' }))['BytesScannedCutoffPerQuery']).toBe(
      100_000_000_000,
    );
  });

  it('keeps the named queries for its console, with the order of their parameters', () => {
    const queries = properties(template, 'AWS::Athena::NamedQuery');
    expect(new Set(queries.map(({ Name }) => Name))).toEqual(
      new Set(['events_of_player', 'top_players', 'match_event_by_key', 'order_v2_by_key']),
    );
    expect(queries[0]!['QueryString']).toMatch(
      /^-- Parameters, in order: id, from, to\nSELECT [^:]*\?/,
    );
  });
});

describe('a join', () => {
  it('is the state machine that its definition gives, logged and traced', () => {
    const machines = properties(template, 'AWS::StepFunctions::StateMachine');
    expect(machines.map(({ StateMachineName }) => StateMachineName)).toEqual(
      shippedJoins.map(({ name }) => `sluice-dev-join-${name}`),
    );
    expect(JSON.parse(resolved(machines[0]!['DefinitionString']))).toEqual(
      joinStateMachine({
        join: matchEventPlayers,
        bucket: 'LAKE',
        database: 'DB',
        workGroup: 'sluice-dev',
      }),
    );
    for (const machine of machines)
      expect(machine).toMatchObject({
        LoggingConfiguration: { Level: 'ALL' },
        TracingConfiguration: { Enabled: true },
      });
  });

  it('is started by the marker of a sealed day; what could not be started is kept', () => {
    const rules = properties(template, 'AWS::Events::Rule');
    expect(rules).toHaveLength(3);
    expect(rules[0]).toMatchObject({
      EventPattern: {
        source: ['aws.s3'],
        'detail-type': ['Object Created'],
        detail: { object: { key: [{ prefix: 'match_event/sealed/' }] } },
      },
      Targets: [{ DeadLetterConfig: { Arn: expect.anything() as unknown } }],
    });
    template.resourceCountIs('AWS::Scheduler::Schedule', 0);
    synthesised({ only: 'lake' })
      .template('Lake')
      .hasResourceProperties('AWS::S3::Bucket', {
        NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
      });
  });

  it('is started by the clock where its definition says so, with the time it was due', () => {
    const scheduled = analytics({ joins: [{ ...matchEventTeams, schedule: 'cron(0 3 * * ? *)' }] });
    scheduled.resourceCountIs('AWS::Events::Rule', 0);
    scheduled.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'cron(0 3 * * ? *)',
      Target: Match.objectLike({ Input: '{"scheduledTime":"<aws.scheduler.scheduled-time>"}' }),
    });
  });

  it('has a Glue job where it runs on Spark, and only there', () => {
    template.resourceCountIs('AWS::Glue::Job', 0);
    const spark = analytics({ joins: [{ ...matchEventTeams, engine: 'spark' }] });
    spark.hasResourceProperties('AWS::Glue::Job', {
      Name: 'sluice-dev-join-match_event_teams',
      Command: Match.objectLike({ Name: 'glueetl', PythonVersion: '3' }),
    });
    const [machine] = properties(spark, 'AWS::StepFunctions::StateMachine');
    expect(resolved(machine!['DefinitionString'])).toContain('glue:startJobRun.sync');
  });

  it('with a name that EventBridge does not take is refused, before anything is deployed', () => {
    const name = 'match_event_players_with_everything_there_is_to_know';
    expect(() => analytics({ joins: [{ ...matchEventPlayers, name }] })).toThrow(
      `sluice-dev-join-${name}, and EventBridge takes 64 characters`,
    );
  });

  it('writes results and nothing else of the lake', () => {
    const writes = Object.values(template.findResources('AWS::IAM::Policy'))
      .map(({ Properties: found }) => found as Properties)
      .filter(({ PolicyName }) => String(PolicyName).startsWith('matcheventplayersRole'))
      .flatMap(
        ({ PolicyDocument }) =>
          (PolicyDocument as { Statement: { Action: string | string[]; Resource: unknown }[] })
            .Statement,
      )
      .filter(({ Action }) => [Action].flat().some((action) => /^s3:(Put|Delete)/.test(action)))
      .flatMap(({ Resource }) => [Resource].flat().map(resolved));
    expect(new Set(writes.map((arn) => arn.replace(/^.*LAKE/, '')))).toEqual(
      new Set([
        '/query-results/*',
        '/results/match_event_players/*',
        '/results/match_event_players/symlinks/*',
      ]),
    );
  });
});

describe('the crawler', () => {
  const crawler = (options: SynthesisOptions = {}) =>
    properties(analytics(options), 'AWS::Glue::Crawler')[0]!;

  it('looks at new folders of reference files that nobody defined, and changes no table', () => {
    expect(crawler()).toMatchObject({
      RecrawlPolicy: { RecrawlBehavior: 'CRAWL_NEW_FOLDERS_ONLY' },
      SchemaChangePolicy: { UpdateBehavior: 'LOG', DeleteBehavior: 'LOG' },
      Targets: { S3Targets: [{ Exclusions: ['players/**', 'teams/**', 'matches/**'] }] },
    });
  });

  it('runs by hand, or on the schedule of the stage’s settings', () => {
    expect(crawler()).not.toHaveProperty('Schedule');
    const { analytics: settings } = deployment().settings;
    const nightly = { ...settings, crawlerSchedule: 'cron(0 2 * * ? *)' };
    expect(crawler({ settings: { analytics: nightly } })).toMatchObject({
      Schedule: { ScheduleExpression: 'cron(0 2 * * ? *)' },
    });
  });
});

describe('the API', () => {
  it('asks for a key on each route and passes it to the function, but for the preflights', () => {
    const [api] = properties(template, 'AWS::ApiGateway::RestApi');
    const { paths } = api!['Body'] as {
      paths: Record<
        string,
        Record<string, { security?: unknown; 'x-amazon-apigateway-integration': { type: string } }>
      >;
    };
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    );
    expect(
      routes
        .filter(({ method }) => method !== 'options')
        .map(({ path, method }) => `${method} ${path}`),
    ).toEqual([
      'get /',
      'get /v1',
      'get /v1/queries',
      'post /v1/queries/{query}',
      'get /v1/queries/{query}',
      'delete /v1/queries/{query}',
      'get /v1/jobs',
      'get /v1/jobs/{join}/runs',
      'post /v1/jobs/{join}/runs',
      'get /v1/jobs/{join}/runs/{run}',
      'get /v1/openapi.json',
    ]);
    // What the API says of itself needs no function.
    const describes = (path: string): boolean => !/^\/v1\/(?:queries|jobs)/.test(path);
    for (const { path, method, operation } of routes) {
      const isPreflight = method === 'options';
      expect(operation.security).toEqual(isPreflight ? undefined : [{ apiKey: [] }]);
      expect(operation['x-amazon-apigateway-integration'].type).toBe(
        isPreflight || describes(path) ? 'mock' : 'aws_proxy',
      );
    }
  });

  it('has a function with the environment and the definitions that it asks for', () => {
    const outdir = mkdtempSync(join(tmpdir(), 'sluice-assets-'));
    sluiceApp(deployment(), { outdir, only: 'analytics' }).synth();
    const [asset = ''] = readdirSync(outdir).filter((name) => name.startsWith('asset.'));
    const served = (file: string) =>
      (JSON.parse(readFileSync(join(outdir, asset, file), 'utf8')) as { name: string }[]).map(
        ({ name }) => name,
      );
    expect(served('queries.json')).toContain('order_v2_by_key');
    expect(served('joins.json')).toEqual(shippedJoins.map(({ name }) => name));
    const [handler] = properties(template, 'AWS::Lambda::Function');
    const { Variables } = handler!['Environment'] as { Variables: Properties };
    expect(Variables['WORK_GROUP']).toBe('sluice-dev');
    expect(resolved(Variables['GLUE_DATABASE'])).toBe('DB');
    expect(resolved(Variables['JOIN_ARN_PREFIX'])).toMatch(/:stateMachine:sluice-dev-join-$/);
  });
});

it('results of queries expire', () => {
  const days = (stage: 'dev' | 'prod') => {
    const lake = synthesised({ stage, only: 'lake' }).template('Lake');
    return properties(lake, 'AWS::S3::Bucket')
      .flatMap(
        ({ LifecycleConfiguration }) => (LifecycleConfiguration as { Rules: Properties[] }).Rules,
      )
      .find(({ Prefix }) => Prefix === 'query-results/')?.['ExpirationInDays'];
  };
  expect([days('dev'), days('prod')]).toEqual([1, 7]);
});
