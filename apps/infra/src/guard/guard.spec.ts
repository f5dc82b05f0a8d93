import { shippedEventTypes } from '@sluice/event-types';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sluiceApp } from '../sluice-app';
import { stageNames } from '../stage-settings';
import { deployment } from '../testing/synthesised';
import { explanations } from './explained';
import { guardTemplates, rules } from './guard';
import { readTemplates, type GuardedTemplate, type TemplateResource } from './template';

const templateOf = (
  resources: Readonly<Record<string, TemplateResource>>,
  more: object = {},
): GuardedTemplate => {
  const template = { Resources: resources, ...more };
  return { name: 'Example', bytes: JSON.stringify(template).length, template };
};

const one = (Type: string, Properties: Readonly<Record<string, unknown>>): GuardedTemplate =>
  templateOf({ It: { Type, Properties } });

const many = <Value>(count: number, make: (index: number) => Value): Record<string, Value> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${index}`, make(index)]));

const api = (body: object): GuardedTemplate => one('AWS::ApiGateway::RestApi', { Body: body });

const model = (schema: object): GuardedTemplate => api({ components: { schemas: { M: schema } } });

/** An API of one method, whose response template is this. */
const vtl = (text: string): GuardedTemplate =>
  api({
    paths: {
      '/a': {
        post: {
          responses: { 200: {} },
          'x-amazon-apigateway-integration': {
            responses: {
              default: { statusCode: '200', responseTemplates: { 'application/json': text } },
            },
          },
        },
      },
    },
  });

const integrated = (responses: object, integrationResponse: object): GuardedTemplate =>
  api({
    paths: {
      '/a': {
        get: {
          responses,
          'x-amazon-apigateway-integration': { responses: { default: integrationResponse } },
        },
      },
    },
  });

const role = (service: string, condition?: object): GuardedTemplate =>
  one('AWS::IAM::Role', {
    AssumeRolePolicyDocument: {
      Statement: [
        {
          Principal: { Service: service },
          ...(condition && { Condition: { StringEquals: condition } }),
        },
      ],
    },
  });

/** Templates that break each rule. */
const broken: Readonly<Record<string, readonly GuardedTemplate[]>> = {
  'no-null': [
    model({ enum: [null] }),
    one('AWS::S3::Bucket', { Tags: null }),
    templateOf({}, { Outputs: { a: [{ b: null }] } }),
  ],
  'text-in-free-form': [
    one('AWS::Glue::Table', { TableInput: { Parameters: { 'projection.hour.digits': 2 } } }),
    one('AWS::Lambda::Function', { Environment: { Variables: { DEBUG: true } } }),
  ],
  'text-fields': [
    one('AWS::IAM::Role', { Description: 'Of the team’s own' }),
    one('AWS::SSM::Parameter', { Value: 'x'.repeat(4_097) }),
    one('AWS::Lambda::Function', { Description: 'x'.repeat(257) }),
  ],
  'glue-columns': [
    one('AWS::Glue::Table', {
      TableInput: { StorageDescriptor: { Columns: [{ Name: 'a', Comment: 'x'.repeat(256) }] } },
    }),
  ],
  'template-size': [
    templateOf(many(501, () => ({ Type: 'AWS::SQS::Queue' }))),
    templateOf({}, { Parameters: many(201, () => ({ Type: 'String' })) }),
    { ...templateOf({}), bytes: 1_000_001 },
  ],
  'policy-size': [
    templateOf({
      Role: { Type: 'AWS::IAM::Role', Properties: {} },
      ...many(2, () => ({
        Type: 'AWS::IAM::Policy',
        Properties: {
          Roles: [{ Ref: 'Role' }],
          PolicyDocument: { Statement: [{ Resource: Array<string>(100).fill('r'.repeat(60)) }] },
        },
      })),
    }),
    one('AWS::IAM::ManagedPolicy', { PolicyDocument: { Resource: 'r'.repeat(6_145) } }),
  ],
  'environment-size': [
    one('AWS::Lambda::Function', { Environment: { Variables: { TYPES: 'x'.repeat(4_096) } } }),
  ],
  'dashboard-size': [
    one('AWS::CloudWatch::Dashboard', {
      DashboardBody: {
        'Fn::Join': [
          '',
          [
            '{"widgets":[{"properties":{"metrics":[',
            Array<string>(501).fill('["A","b","c",{}]').join(','),
            ']}}]}',
          ],
        ],
      },
    }),
    one('AWS::CloudWatch::Dashboard', {
      DashboardBody: JSON.stringify({
        widgets: Array(6).fill({ properties: { metrics: Array(450).fill(['A', 'b']) } }),
      }),
    }),
  ],
  names: [
    one('AWS::Lambda::Function', { FunctionName: 'x'.repeat(65) }),
    // 64 characters in dev are 68 in staging.
    one('AWS::Events::Rule', { Name: `sluice-dev-${'x'.repeat(53)}` }),
    one('AWS::S3::Bucket', { BucketName: 'Lake' }),
    one('AWS::S3::Bucket', {
      BucketName: {
        'Fn::Join': ['', ['l'.repeat(40), { Ref: 'AWS::AccountId' }, { Ref: 'AWS::Region' }]],
      },
    }),
  ],
  'repeatable-creation': [
    templateOf({
      It: {
        Type: 'AWS::Kinesis::Stream',
        Properties: { Name: 'events' },
        DeletionPolicy: 'Retain',
      },
    }),
  ],
  'trust-conditions': [
    role('firehose.amazonaws.com', { 'aws:SourceAccount': '1' }),
    role('glue.amazonaws.com', { 'aws:SourceAccount': '1' }),
    role('someone.amazonaws.com'),
  ],
  'delivery-invokes': [
    templateOf({
      Stream: { Type: 'AWS::KinesisFirehose::DeliveryStream' },
      Policy: {
        Type: 'AWS::IAM::Policy',
        Properties: {
          PolicyDocument: {
            Statement: [
              {
                Action: ['lambda:InvokeFunction', 'lambda:GetFunctionConfiguration'],
                Resource: { 'Fn::GetAtt': ['F', 'Arn'] },
              },
            ],
          },
        },
      },
    }),
  ],
  'api-resources': [
    api({ paths: Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`/v1/t${n}`, {}])) }),
  ],
  'model-keywords': [
    model({ anyOf: [{ type: 'string' }] }),
    model({ properties: { a: { type: ['string', 'null'] } } }),
    model({ properties: { a: { type: 'null' } } }),
    model({ items: { exclusiveMinimum: true } }),
    model({ example: 1 }),
    model({ type: 'string', nullable: true }),
  ],
  'model-names': [
    api({ components: { schemas: { match_event: {} } } }),
    api({ components: { schemas: many(401, () => ({})) } }),
  ],
  'mapping-template-size': [
    vtl('x'.repeat(300 * 1024 + 1)),
    api({
      paths: {
        '/a': {
          post: {
            'x-amazon-apigateway-integration': {
              requestTemplates: {
                'application/json': {
                  'Fn::Join': ['', ['x'.repeat(300 * 1024), { Ref: 'Stream' }]],
                },
              },
            },
          },
        },
      },
    }),
  ],
  'vtl-functions': [
    vtl('$util.toJson($input.body)'),
    vtl('$!{input.stream}'),
    vtl('#evaluate("a")'),
    vtl('#include("file")'),
  ],
  'header-names': [
    vtl('#set($context.responseOverride.header.Retry-After = "1")'),
    integrated(
      { 200: { headers: { 'a b': {} } } },
      { statusCode: '200', responseParameters: { 'method.response.header.a b': "'1'" } },
    ),
  ],
  'method-responses': [
    integrated({ 200: {} }, { statusCode: '201' }),
    integrated(
      { 200: {} },
      { statusCode: '200', responseParameters: { 'method.response.header.Retry-After': "'1'" } },
    ),
  ],
  'passed-on-bytes': (['http_proxy', 'aws_proxy'] as const).map((type) =>
    api({
      'x-amazon-apigateway-binary-media-types': ['image/png'],
      paths: { '/a': { get: { 'x-amazon-apigateway-integration': { type } } } },
    }),
  ),
  'quota-function-memory': [one('AWS::Lambda::Function', { MemorySize: 3_009 })],
  'quota-api-throttle': [
    one('AWS::ApiGateway::UsagePlan', { Throttle: { RateLimit: 5_000, BurstLimit: 10_000 } }),
  ],
  'quota-on-demand-streams': [
    templateOf(
      many(51, () => ({
        Type: 'AWS::Kinesis::Stream',
        Properties: { StreamModeDetails: { StreamMode: 'ON_DEMAND' } },
      })),
    ),
  ],
  'firewall-and-plan': [
    templateOf({
      Plan: {
        Type: 'AWS::ApiGateway::UsagePlan',
        Properties: { Throttle: { RateLimit: 5_000, BurstLimit: 5_000 } },
      },
      Firewall: {
        Type: 'AWS::WAFv2::WebACL',
        Properties: {
          Rules: [{ Name: 'rate', Statement: { RateBasedStatement: { Limit: 100_000 } } }],
        },
      },
    }),
  ],
};

const rulesThatFind = (template: GuardedTemplate): readonly string[] =>
  guardTemplates([template]).map(({ rule }) => rule);

test.each(rules.map(({ name }) => name))('the rule %s finds what breaks it', (name) => {
  expect(broken[name]?.length).toBeGreaterThan(0);
  for (const template of broken[name] ?? []) expect(rulesThatFind(template)).toContain(name);
});

test('each rule has a name of its own and says where it comes from', () => {
  expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
  expect(Object.keys(broken).sort()).toEqual(rules.map(({ name }) => name).sort());
  for (const { source } of rules) expect(source).toMatch(/^https:\/\//);
});

test('finds nothing in what AWS takes', () => {
  expect(
    [
      role('firehose.amazonaws.com', { 'sts:ExternalId': '1' }),
      role('lambda.amazonaws.com'),
      model({ type: 'object', properties: { a: { type: 'string', maxLength: 3 } } }),
      vtl('#set($context.responseOverride.header["Retry-After"] = "1")$util.base64Encode("a")'),
      integrated(
        { 200: { headers: { 'Retry-After': {} } } },
        { statusCode: '200', responseParameters: { 'method.response.header.Retry-After': "'1'" } },
      ),
      one('AWS::Events::Rule', { Name: `sluice-staging-${'x'.repeat(49)}` }),
    ].flatMap(rulesThatFind),
  ).toEqual([]);
});

test('no template of any stage has an unexplained fault, and each explanation is needed', () => {
  const findings = stageNames.flatMap((stage) => {
    const outdir = mkdtempSync(join(tmpdir(), 'sluice-guard-'));
    sluiceApp(deployment({ stage, eventTypes: shippedEventTypes }), { outdir }).synth();
    const templates = readTemplates(outdir);
    expect(templates.length).toBeGreaterThanOrEqual(6);
    return guardTemplates(templates);
  });
  const place = ({ template, rule, at }: (typeof findings)[number]) => `${template} ${rule} ${at}`;
  expect(findings.filter(({ explained }) => explained === undefined).map(place)).toEqual([]);
  for (const { finds } of explanations)
    expect([finds, findings.some((finding) => finds.test(place(finding)))]).toEqual([finds, true]);
});
