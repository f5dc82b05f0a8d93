import type { CfnDeliveryStream, CfnDeliveryStreamProps } from 'aws-cdk-lib/aws-kinesisfirehose';
import type { IDependable } from 'constructs';

/** What every destination of Firehose is told: by which role, to which log, through which function. */
export interface DeliveryParts {
  readonly roleArn: string;
  readonly cloudWatchLoggingOptions: CfnDeliveryStream.CloudWatchLoggingOptionsProperty;
  readonly processingConfiguration: CfnDeliveryStream.ProcessingConfigurationProperty;
}

/** Where a delivery stream puts the rows of a table, and what it needs for that. */
export interface DeliveryDestination {
  /** Tells the delivery streams of a table apart, such as `-archive`. @default none, for the files of the lake */
  readonly suffix?: string;
  /** Returns the member of the delivery stream that configures the destination. */
  readonly configuration: (parts: DeliveryParts) => Partial<CfnDeliveryStreamProps>;
  /** What the delivery stream's role may do beside reading the stream and calling the function. */
  readonly rights: readonly {
    readonly actions: readonly string[];
    readonly resources: readonly string[];
  }[];
  /** What has to be there before the delivery stream. @default nothing */
  readonly needs?: readonly IDependable[];
}
