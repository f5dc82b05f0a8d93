import { defineEvent, defineReference } from '@sluice/event-schema';
import { Match } from 'aws-cdk-lib/assertions';
import { order, synthesised } from './testing/synthesised';

const visit = defineEvent({
  name: 'visit',
  version: '1.0.0',
  key: 'id',
  privacy: { email: 'hash' },
  schema: {
    type: 'object',
    required: ['id'],
    properties: { id: { type: 'string' }, email: { type: 'string' } },
  },
});
const held = defineEvent({ ...visit, name: 'held', retentionDays: 3, legalHold: true });

it('gives an event type with privacy its secrets, its rights to them and an early end of failed records', () => {
  const app = synthesised({ eventTypes: [order, visit, held], joins: [] });
  const lake = app.template('Lake');
  lake.resourceCountIs('AWS::SecretsManager::Secret', 3);
  lake.allResourcesProperties('AWS::SecretsManager::Secret', {
    KmsKeyId: Match.anyValue(),
    GenerateSecretString: {
      SecretStringTemplate: '{"current":"1"}',
      GenerateStringKey: '1',
      PasswordLength: 64,
      ExcludePunctuation: true,
    },
  });
  lake.allResources('AWS::SecretsManager::Secret', { DeletionPolicy: 'RetainExceptOnCreate' });
  lake.hasResourceProperties('AWS::KMS::Alias', { AliasName: 'alias/sluice/dev/privacy' });
  const [rules] = Object.values(lake.findResources('AWS::S3::Bucket'))
    .map(
      ({ Properties }) =>
        (Properties as { LifecycleConfiguration: { Rules: { Prefix?: string }[] } })
          .LifecycleConfiguration.Rules,
    )
    .filter((each) => each.some(({ Prefix }) => Prefix !== undefined));
  expect(rules).toContainEqual(
    expect.objectContaining({ Prefix: 'visit/errors/', ExpirationInDays: 7 }),
  );
  expect(rules?.some(({ Prefix = '' }) => /^(order_v2|held)\//.test(Prefix))).toBe(false);

  const delivery = JSON.stringify(app.template('FirehoseTransformer').toJSON());
  expect(delivery.match(/secretsmanager:GetSecretValue/g)).toHaveLength(2);
  expect(delivery).toContain('/visit/errors/sealed/*');
  expect(delivery).not.toContain('/order_v2/errors/sealed/');
  const replay = app.template('LakeMaintenance');
  replay.hasResourceProperties('AWS::Logs::MetricFilter', {
    FilterPattern: '{ ($.message = "expired") && ($.overdueMs >= 0) }',
    MetricTransformations: [Match.objectLike({ MetricName: 'retentionOverdueMs' })],
  });
  for (const table of ['visit', 'held'])
    replay.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: `sluice-dev-retention-late-${table}`,
      Threshold: 86_400_000,
      Metrics: [Match.objectLike({ MetricStat: Match.objectLike({ Period: 86_400 }) })],
    });
  replay.hasResourceProperties('AWS::Lambda::Function', {
    Environment: { Variables: Match.objectLike({ ERROR_SECRET: 'sluice/dev/privacy/errors' }) },
  });
});

it('gives an event type with a subject a function that erases, a ledger that look-ups read, and the rights for both', () => {
  const person = defineEvent({ ...visit, name: 'person', subject: 'email' });
  const app = synthesised({ eventTypes: [order, person], joins: [] });
  const environment = (values: object) => ({
    Environment: { Variables: Match.objectLike(values) },
  });
  const ledger = 'sluice/dev/privacy/ledger';
  const hash = 'sluice/dev/privacy/hash';
  const maintenance = app.template('LakeMaintenance');
  maintenance.hasResourceProperties('AWS::Lambda::Function', {
    FunctionName: 'sluice-dev-erase',
    ...environment({ LEDGER_SECRET: ledger, HASH_SECRET: hash, STREAM_RETENTION_HOURS: '24' }),
  });
  // Versions of what an erasure replaces are deleted by nobody else.
  expect(JSON.stringify(maintenance.toJSON()).match(/s3:DeleteObjectVersion/g)).toHaveLength(1);
  maintenance.hasResourceProperties('AWS::Scheduler::Schedule', {
    Name: 'sluice-dev-erase',
    Target: Match.objectLike({ Input: '{"action":"erase"}' }),
  });
  maintenance.hasResourceProperties('AWS::CloudWatch::Alarm', {
    AlarmName: 'sluice-dev-erasure-late-erasures',
  });
  app
    .template('LookupApi')
    .hasResourceProperties('AWS::Lambda::Function', environment({ LEDGER_SECRET: ledger }));
  const lookup = JSON.stringify(app.template('LookupApi').toJSON());
  expect(lookup).toContain('privacy/ledger/*');
  expect(lookup).not.toContain('privacy/erasures/');
  expect(lookup).not.toContain(hash);
  const delivery = app.template('FirehoseTransformer');
  delivery.hasResourceProperties('AWS::Lambda::Function', environment({ LEDGER_SECRET: ledger }));
  delivery.hasResourceProperties('AWS::CloudWatch::Alarm', {
    AlarmName: 'sluice-dev-suppression-failing-person',
  });
  const transformers = JSON.stringify(delivery.toJSON());
  expect(transformers).toContain('privacy/ledger/person.json');
  expect(transformers).not.toContain('privacy/ledger/order_v2.json');
  const operations = app.template('Operations');
  expect(JSON.stringify(operations.toJSON())).toContain('/*/indexes/*');
  operations.hasResourceProperties(
    'AWS::Lambda::Function',
    environment({
      ERASE_FUNCTION: 'sluice-dev-erase',
      LEDGER_SECRET: ledger,
      HASH_SECRET: hash,
    }),
  );
});

it('lets the functions that show and erase people reach reference tables that name them, and no others', () => {
  const person = defineEvent({ ...visit, name: 'person', subject: 'email' });
  const schema = {
    type: 'object' as const,
    properties: { email: { type: 'string' as const } },
  };
  const app = synthesised({
    eventTypes: [person],
    joins: [],
    references: [
      defineReference({ name: 'customers', subject: 'email', schema }),
      defineReference({ name: 'shops', schema }),
    ],
  });
  const statementsOf = (stack: string): readonly { Action: unknown; Resource: unknown }[] =>
    Object.values(app.template(stack).findResources('AWS::IAM::Policy'))
      .flatMap(
        ({ Properties }) =>
          (
            Properties as {
              PolicyDocument: { Statement: { Action: unknown; Resource: unknown }[] };
            }
          ).PolicyDocument.Statement,
      )
      .filter(({ Resource }) => JSON.stringify(Resource).includes('reference'));
  const actionsOf = (stack: string) =>
    statementsOf(stack).map(({ Action, Resource }) => [
      Action,
      [...JSON.stringify(Resource).matchAll(/\/(reference[^"]*)/g)].map(([, prefix]) => prefix),
    ]);
  expect(actionsOf('LakeMaintenance')).toEqual([
    [['s3:GetObject', 's3:PutObject'], ['reference/customers/*']],
    [['s3:DeleteObject', 's3:GetObject'], ['reference-versions/customers/*']],
    ['s3:DeleteObjectVersion', ['reference-versions/customers/*', 'reference/customers/*']],
  ]);
  expect(actionsOf('Operations')).toEqual([['s3:GetObject', ['reference/customers/*']]]);
});

it('makes no secret where no event type has privacy or a subject', () => {
  const app = synthesised({ eventTypes: [order], joins: [], only: 'lake' });
  app.template('Lake').resourceCountIs('AWS::SecretsManager::Secret', 0);
});
