import type { EventType } from '@sluice/event-schema';
import type { CfnDeliveryStream, CfnDeliveryStreamProps } from 'aws-cdk-lib/aws-kinesisfirehose';
import type { IDependable } from 'constructs';
import type { Deployment } from '../deployment';

/** What is known of the delivery of an event type, before its destinations are. */
export interface EventDeliveryProps {
  readonly deployment: Deployment;
  readonly eventType: EventType;
  readonly streamName: string;
  readonly bucketName: string;
  readonly databaseName: string;
  readonly keyArn: string;
  /** ARN of the KMS key of the secrets; required where the event type has `privacy` or a `subject`. */
  readonly privacyKeyArn?: string | undefined;
}

/** The settings that every destination of Firehose gets: role, log and function. */
export interface DeliveryParts {
  readonly roleArn: string;
  readonly cloudWatchLoggingOptions: CfnDeliveryStream.CloudWatchLoggingOptionsProperty;
  readonly processingConfiguration: CfnDeliveryStream.ProcessingConfigurationProperty;
}

/** A destination to which a delivery stream sends the rows of a table, with its requirements. */
export interface DeliveryDestination {
  /**
   * Suffix that distinguishes the delivery streams of a table, such as `-archive`.
   *
   * @default none, for the files of the lake
   */
  readonly suffix?: string;
  /** Returns the member of the delivery stream that configures the destination. */
  readonly configuration: (parts: DeliveryParts) => Partial<CfnDeliveryStreamProps>;
  /** Permissions of the delivery stream's role, in addition to reading the stream and calling the function. */
  readonly rights: readonly {
    readonly actions: readonly string[];
    readonly resources: readonly string[];
  }[];
  /** Resources that must exist before the delivery stream. @default none */
  readonly needs?: readonly IDependable[];
}
