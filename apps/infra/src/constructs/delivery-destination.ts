import type { CfnDeliveryStream, CfnDeliveryStreamProps } from 'aws-cdk-lib/aws-kinesisfirehose';
import type { IDependable } from 'constructs';

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
