import { tableName } from '@sluice/event-schema';
import type { Construct } from 'constructs';
import { EventDelivery } from '../constructs/event-delivery';
import type { Deployment } from '../deployment';
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
    for (const eventType of deployment.eventTypes) {
      const table = tableName(eventType);
      new EventDelivery(this, table, {
        deployment,
        eventType,
        streamName: this.read(this.parameters.streamName(table)),
        bucketName,
        databaseName,
        keyArn,
      });
    }
  }
}
