import { operationsApiDocument } from '@sluice/operations/openapi';
import { hasSubject } from '@sluice/event-schema';
import { secretNames } from '@sluice/privacy';
import {
  certificatesPrefix,
  erasuresPrefix,
  hasHashedSubject,
  ledgerPrefix,
} from '@sluice/privacy/erasures';
import { Aws } from 'aws-cdk-lib';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { icebergMetadataPrefix, operationRunsPrefix, tableFolder } from '@sluice/lake-layout';
import { Alarms } from '../constructs/alarms';
import { arns } from '../constructs/arns';
import { BundleFunction } from '../constructs/bundle-function';
import { DocumentedApi } from '../constructs/documented-api';
import { scopesBesideBundle } from '../constructs/key-scopes';
import { namingReferenceArns, referencesBesideBundle } from '../constructs/naming-references';
import type { Deployment } from '../deployment';
import { stageMetrics } from '../metrics';
import { functionNames } from '../names';
import { SluiceStack } from './sluice-stack';

/**
 * Operations: the function that reports the state of the lake and starts replays and compactions, and the REST API in
 * front of it.
 */
export class OperationsStack extends SluiceStack {
  constructor(scope: Construct, deployment: Deployment) {
    super(scope, 'Operations', 'operations', 'the state of the lake, and work on it', deployment);
    const { settings, eventTypes } = deployment;
    const { stage } = settings;
    const bucketName = this.read(this.parameters.bucketName);
    const keyArn = this.read(this.parameters.keyArn);

    const namesPeople = eventTypes.some(hasSubject);
    const names = secretNames(stage);
    const secrets = [
      ...(namesPeople ? [names.ledger] : []),
      ...(eventTypes.some(hasHashedSubject) ? [names.hash] : []),
    ];

    const operations = new BundleFunction(this, 'Operations', {
      deployment,
      app: 'operations',
      functionName: functionNames.operations(stage),
      description:
        'Says how the lake is and what it holds of a person, and begins replays, compactions and erasures',
      eventTypes,
      traces: 'only of callers',
      definitions: { ...scopesBesideBundle(deployment), ...referencesBesideBundle(deployment) },
      environment: {
        LAKE_BUCKET: bucketName,
        REPLAY_FUNCTION: functionNames.replay(stage),
        COMPACT_FUNCTION: functionNames.compact(stage),
        ...(namesPeople && {
          ERASE_FUNCTION: functionNames.erase(stage),
          LEDGER_SECRET: names.ledger,
        }),
        ...(secrets.includes(names.hash) && { HASH_SECRET: names.hash }),
      },
      memoryMegabytes: 1_769,
      // API Gateway gives up after 29 seconds.
      timeoutSeconds: 29,
    });
    operations.allow(['s3:ListBucket'], [arns.bucket(bucketName)]);
    operations.allow(
      ['s3:GetObject'],
      [
        ...(['raw', 'compacted', 'manifests', 'errors', 'replays'] as const).map((kind) =>
          tableFolder('*', kind),
        ),
        icebergMetadataPrefix('*'),
      ].map((prefix) => arns.objects(bucketName, prefix)),
    );
    // It does not change the lake itself: it notes requests, which the maintenance functions carry out.
    operations.allow(
      ['s3:GetObject', 's3:PutObject'],
      [arns.objects(bucketName, operationRunsPrefix)],
    );
    operations.allow(
      ['lambda:InvokeFunction'],
      [functionNames.replay(stage), functionNames.compact(stage)].map(arns.function),
    );
    operations.allow(['kms:Decrypt', 'kms:GenerateDataKey'], [keyArn]);
    if (namesPeople) {
      operations.allow(
        ['s3:GetObject', 's3:PutObject'],
        [ledgerPrefix, erasuresPrefix].map((prefix) => arns.objects(bucketName, prefix)),
      );
      operations.allow(
        ['s3:GetObject'],
        [
          arns.objects(bucketName, certificatesPrefix),
          arns.objects(bucketName, tableFolder('*', 'indexes')),
        ],
      );
      // A person's data in reference tables.
      const { tables } = namingReferenceArns(deployment, bucketName);
      if (tables.length > 0) operations.allow(['s3:GetObject'], tables);
      operations.allow(['lambda:InvokeFunction'], [arns.function(functionNames.erase(stage))]);
      operations.allow(['secretsmanager:GetSecretValue'], secrets.map(arns.secret));
      operations.allow(['kms:Decrypt'], [this.read(this.parameters.privacyKeyArn)]);
    }

    const { api } = new DocumentedApi(this, 'Api', {
      deployment,
      name: 'operations',
      description: `The state of the lake, and work on it, Sluice ${stage}`,
      document: operationsApiDocument({
        title: `sluice-${stage}-operations`,
        eventTypes,
        functionInvocationUri: `arn:${Aws.PARTITION}:apigateway:${Aws.REGION}:lambda:path/2015-03-31/functions/${operations.function.functionArn}/invocations`,
      }),
      throttle: settings.operationsThrottle,
      scopes: { function: operations.function, actions: ['operate', 'subject', 'erase'] },
      pathsNamePeople: true,
    });
    operations.function.addPermission('Api', {
      principal: new ServicePrincipal('apigateway.amazonaws.com'),
      sourceArn: api.arnForExecuteApi('*', '/v1/*', stage),
    });

    new Alarms(this, 'Alarms', stage, this.read(this.parameters.alarmTopicArn)).add({
      runbook: 'operations-failing',
      subject: 'operations',
      says: 'The operations API answers with 5xx.',
      metric: stageMetrics(stage).api('operations')('5XXError', 'Sum'),
      above: 5,
      periods: 3,
      ofPeriods: 5,
    });
  }
}
