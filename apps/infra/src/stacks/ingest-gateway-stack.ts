import { tableName } from '@sluice/event-schema';
import { ingestApiDocument } from '@sluice/ingest-gateway';
import { Aws } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Alarms } from '../constructs/alarms';
import { arns } from '../constructs/arns';
import { DocumentedApi } from '../constructs/documented-api';
import { ServiceRole } from '../constructs/service-role';
import type { Deployment } from '../deployment';
import { stageMetrics } from '../metrics';
import { streamName, streamPrefix } from '../names';
import { SluiceStack } from './sluice-stack';

/** Ingest: the REST API that puts events directly into the streams, without a function. */
export class IngestGatewayStack extends SluiceStack {
  constructor(scope: Construct, deployment: Deployment) {
    super(scope, 'IngestGateway', 'ingest-gateway', 'events into streams', deployment);
    const { settings, eventTypes } = deployment;
    const keyArn = this.read(this.parameters.keyArn);
    const role = new ServiceRole(this, 'StreamsRole', {
      service: 'apigateway',
      description: 'Puts events into the streams',
    });
    role.allow(
      ['kinesis:PutRecord', 'kinesis:PutRecords'],
      [arns.stream(`${streamPrefix(settings.stage)}*`)],
    );
    role.allow(['kms:GenerateDataKey'], [keyArn]);

    const { origin, throttle: pagesThrottle } = settings.pages;
    new DocumentedApi(this, 'Api', {
      deployment,
      name: 'ingest',
      description: `Takes events, Sluice ${settings.stage}`,
      document: ingestApiDocument({
        title: `sluice-${settings.stage}-ingest`,
        eventTypes,
        streamName: (eventType) => streamName(settings.stage, tableName(eventType)),
        region: Aws.REGION,
        partition: Aws.PARTITION,
        credentialsArn: role.roleArn,
        auth: settings.access.ingestAuth,
        cors: origin === null ? null : { allowOrigin: origin },
        ...(settings.traces && { traces: { share: settings.traces.share } }),
      }),
      throttle: settings.ingestThrottle,
      ...(pagesThrottle && { pagesThrottle }),
    });
    this.alarms();
  }

  private alarms(): void {
    const { settings, eventTypes } = this.deployment;
    const metrics = stageMetrics(settings.stage);
    const { stage } = settings;
    const topicArn = this.read(this.parameters.alarmTopicArn);
    const alarms = new Alarms(this, 'Alarms', stage, topicArn);
    alarms.add({
      runbook: 'ingest-failing',
      subject: 'ingest',
      says: 'The ingest API answers with 5xx: events are turned away.',
      metric: metrics.api('ingest')('5XXError', 'Sum'),
      above: 5,
      periods: 3,
      ofPeriods: 5,
    });
    for (const table of eventTypes.map(tableName))
      new Alarms(this.shards.of(table), `${table}-alarms`, stage, topicArn).add({
        runbook: 'stream-throttled',
        subject: table,
        says: `The stream of ${table} refuses records: senders get 429 and have to resend.`,
        metric: metrics.stream(table)('WriteProvisionedThroughputExceeded', 'Sum'),
        above: 0,
        periods: 5,
        ofPeriods: 10,
      });
  }
}
