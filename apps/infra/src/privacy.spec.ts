import { defineEvent } from '@sluice/event-schema';
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
  lake.resourceCountIs('AWS::SecretsManager::Secret', 2);
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
  replay.hasResourceProperties('AWS::Lambda::Function', {
    Environment: { Variables: Match.objectLike({ ERROR_SECRET: 'sluice/dev/privacy/errors' }) },
  });
});

it('makes no secret where no event type has privacy', () => {
  const app = synthesised({ eventTypes: [order], joins: [], only: 'lake' });
  app.template('Lake').resourceCountIs('AWS::SecretsManager::Secret', 0);
});
