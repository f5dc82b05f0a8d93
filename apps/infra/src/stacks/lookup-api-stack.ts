import { lookupApiDocument } from '@sluice/lookup-api/openapi';
import { hasSubject } from '@sluice/event-schema';
import { secretNames } from '@sluice/privacy';
import { ledgerPrefix } from '@sluice/privacy/erasures';
import { Aws } from 'aws-cdk-lib';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { Alarms } from '../constructs/alarms';
import { arns } from '../constructs/arns';
import { BundleFunction } from '../constructs/bundle-function';
import { DocumentedApi } from '../constructs/documented-api';
import { scopesBesideBundle } from '../constructs/key-scopes';
import type { Deployment } from '../deployment';
import { stageMetrics } from '../metrics';
import { functionNames } from '../names';
import { SluiceStack } from './sluice-stack';

/** Look-up: the function that finds rows by id and the REST API in front of it. */
export class LookupApiStack extends SluiceStack {
  constructor(scope: Construct, deployment: Deployment) {
    super(scope, 'LookupApi', 'lookup-api', 'rows by id', deployment);
    const { settings, eventTypes } = deployment;
    const bucketName = this.read(this.parameters.bucketName);
    const keyArn = this.read(this.parameters.keyArn);

    const namesPeople = eventTypes.some(hasSubject);

    const lookup = new BundleFunction(this, 'Lookup', {
      deployment,
      app: 'lookup-api',
      functionName: functionNames.lookup(settings.stage),
      description: 'Finds rows by id',
      eventTypes,
      traces: 'a share',
      definitions: scopesBesideBundle(deployment),
      environment: {
        LAKE_BUCKET: bucketName,
        ...(namesPeople && { LEDGER_SECRET: secretNames(settings.stage).ledger }),
      },
      // CPU is proportional to memory: 1,769 MB is one whole CPU (developer guide: configuration-memory).
      memoryMegabytes: 1_769,
      // API Gateway gives up after 29 seconds.
      timeoutSeconds: 29,
    });
    lookup.allow(['s3:ListBucket'], [arns.bucket(bucketName)]);
    lookup.allow(
      ['s3:GetObject'],
      ['raw', 'compacted', 'filters', 'indexes', 'manifests'].map((kind) =>
        arns.objects(bucketName, `*/${kind}/`),
      ),
    );
    lookup.allow(['kms:Decrypt'], [keyArn]);
    if (namesPeople) {
      // The ledger of erased people, and the key without which it can't be read.
      lookup.allow(['s3:GetObject'], [arns.objects(bucketName, ledgerPrefix)]);
      lookup.allow(
        ['secretsmanager:GetSecretValue'],
        [arns.secret(secretNames(settings.stage).ledger)],
      );
      lookup.allow(['kms:Decrypt'], [this.read(this.parameters.privacyKeyArn)]);
    }

    const { api } = new DocumentedApi(this, 'Api', {
      deployment,
      name: 'lookup',
      description: `Rows by id, Sluice ${settings.stage}`,
      document: lookupApiDocument({
        title: `sluice-${settings.stage}-lookup`,
        eventTypes,
        functionInvocationUri: `arn:${Aws.PARTITION}:apigateway:${Aws.REGION}:lambda:path/2015-03-31/functions/${lookup.function.functionArn}/invocations`,
      }),
      throttle: settings.lookupThrottle,
      scopes: { function: lookup.function, actions: ['look-up'] },
    });
    lookup.function.addPermission('Api', {
      principal: new ServicePrincipal('apigateway.amazonaws.com'),
      sourceArn: api.arnForExecuteApi('*', '/v1/events/*', settings.stage),
    });
    this.alarms();
  }

  private alarms(): void {
    const { stage, alarms: limits } = this.deployment.settings;
    const lookup = stageMetrics(stage).api('lookup');
    const alarms = new Alarms(this, 'Alarms', stage, this.read(this.parameters.alarmTopicArn));
    alarms.add({
      runbook: 'lookup-failing',
      subject: 'lookup',
      says: 'The look-up API answers with 5xx.',
      metric: lookup('5XXError', 'Sum'),
      above: 5,
      periods: 3,
      ofPeriods: 5,
    });
    alarms.add({
      runbook: 'lookup-slow',
      subject: 'lookup',
      says: `One look-up of a hundred takes longer than ${limits.lookupP99Ms} ms.`,
      metric: lookup('Latency', 'p99'),
      above: limits.lookupP99Ms,
      periods: 5,
      ofPeriods: 10,
    });
  }
}
