import { hasSubject, isPrivate, tableName } from '@sluice/event-schema';
import { Duration } from 'aws-cdk-lib';
import { MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { Alarms } from '../constructs/alarms';
import { EventDelivery } from '../constructs/event-delivery';
import type { Deployment } from '../deployment';
import { stageMetrics } from '../metrics';
import { streamName } from '../names';
import { SluiceStack } from './sluice-stack';

/** Delivery: for each event type its function, its Glue table and its delivery stream. */
export class FirehoseTransformerStack extends SluiceStack {
  constructor(scope: Construct, deployment: Deployment) {
    super(
      scope,
      'FirehoseTransformer',
      'firehose-transformer',
      'events from streams to Parquet files',
      deployment,
    );
    const bucketName = this.read(this.parameters.bucketName);
    const keyArn = this.read(this.parameters.keyArn);
    const databaseName = this.read(this.parameters.databaseName);
    const privacyKeyArn = deployment.eventTypes.some(
      (eventType) => isPrivate(eventType) || hasSubject(eventType),
    )
      ? this.read(this.parameters.privacyKeyArn)
      : undefined;
    for (const eventType of deployment.eventTypes) {
      const table = tableName(eventType);
      new EventDelivery(this.shards.of(table), table, {
        deployment,
        eventType,
        streamName: streamName(deployment.settings.stage, table),
        bucketName,
        databaseName,
        keyArn,
        privacyKeyArn,
      });
    }
    this.alarms();
  }

  private alarms(): void {
    const { settings, eventTypes } = this.deployment;
    const { stage, alarms: limits } = settings;
    const metrics = stageMetrics(stage);
    const hour = Duration.hours(1);
    const topicArn = this.read(this.parameters.alarmTopicArn);
    for (const eventType of eventTypes) {
      const subject = tableName(eventType);
      const alarms = new Alarms(this.shards.of(subject), `${subject}-alarms`, stage, topicArn);
      const transform = metrics.transform(subject);
      const delivery = metrics.delivery(subject);
      alarms.add({
        runbook: 'transform-failing',
        subject,
        says: `The transformer of ${subject} fails as a whole: Firehose tries a batch 4 times, then it goes to the error output.`,
        metric: transform('Errors', 'Sum'),
        above: 0,
        periods: 2,
        ofPeriods: 5,
      });
      if (hasSubject(eventType))
        alarms.add({
          runbook: 'suppression-failing',
          subject,
          says: `The transformer of ${subject} can't read who is erased for good, and stores their later events.`,
          metric: metrics.events(eventType.name)('suppressionFailed', 'Sum'),
          above: 0,
          periods: 2,
          ofPeriods: 5,
        });
      alarms.add({
        runbook: 'conversion-failing',
        subject,
        says: `Rows of ${subject} do not fit their Glue table and go to the error output.`,
        metric: delivery('FailedConversion.Records', 'Sum'),
        above: 0,
      });
      alarms.add({
        runbook: 'error-output-growing',
        subject,
        says: `More than ${limits.failedRecordsPerHour} records of ${subject} went to the error output in an hour.`,
        metric: new MathExpression({
          expression: 'FILL(refused, 0) + FILL(misfit, 0)',
          label: 'failed records',
          period: hour,
          usingMetrics: {
            refused: metrics.events(eventType.name)('failed', 'Sum').with({ period: hour }),
            misfit: delivery('FailedConversion.Records', 'Sum').with({ period: hour }),
          },
        }),
        above: limits.failedRecordsPerHour,
      });
      alarms.add({
        runbook: 'delivery-late',
        subject,
        says: `Events of ${subject} reach S3 later than ${limits.deliveryMinutes} minutes after they came.`,
        metric: delivery('DeliveryToS3.DataFreshness', 'Maximum'),
        above: limits.deliveryMinutes * 60,
        periods: 3,
      });
    }
  }
}
