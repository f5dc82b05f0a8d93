import { deployedText, type PseudoParameters, type Resource } from './template';

/** A service's rule for the name of one of its resources. */
export interface NameRule {
  /** Path to the name in the resource's properties. */
  readonly property: string;
  /** Longest name, in characters. */
  readonly max: number;
  readonly pattern?: RegExp;
}

/** Rules from the API reference of each service (Create…, Put…), by resource type. */
export const nameRules: Readonly<Record<string, NameRule>> = {
  'AWS::ApiGateway::RestApi': { property: 'Name', max: 255 },
  'AWS::Athena::NamedQuery': { property: 'Name', max: 128 },
  'AWS::Athena::WorkGroup': { property: 'Name', max: 128, pattern: /^[\w.-]+$/ },
  'AWS::CloudWatch::Alarm': { property: 'AlarmName', max: 255 },
  'AWS::CloudWatch::Dashboard': { property: 'DashboardName', max: 255, pattern: /^[\w-]+$/ },
  'AWS::Events::Rule': { property: 'Name', max: 64, pattern: /^[\w.-]+$/ },
  'AWS::Glue::Crawler': { property: 'Name', max: 255 },
  'AWS::Glue::Database': { property: 'DatabaseInput.Name', max: 255, pattern: /^[a-z0-9_]+$/ },
  'AWS::Glue::Job': { property: 'Name', max: 255 },
  'AWS::Glue::Table': { property: 'TableInput.Name', max: 255, pattern: /^[a-z0-9_]+$/ },
  'AWS::IAM::Role': { property: 'RoleName', max: 64, pattern: /^[\w+=,.@-]+$/ },
  'AWS::KMS::Alias': { property: 'AliasName', max: 256, pattern: /^alias\/[\w/-]+$/ },
  'AWS::Kinesis::Stream': { property: 'Name', max: 128, pattern: /^[\w.-]+$/ },
  'AWS::KinesisFirehose::DeliveryStream': {
    property: 'DeliveryStreamName',
    max: 64,
    pattern: /^[\w.-]+$/,
  },
  'AWS::Lambda::Function': { property: 'FunctionName', max: 64, pattern: /^[\w-]+$/ },
  'AWS::Logs::LogGroup': { property: 'LogGroupName', max: 512, pattern: /^[\w./#-]+$/ },
  'AWS::S3::Bucket': { property: 'BucketName', max: 63, pattern: /^[a-z0-9][a-z0-9.-]+[a-z0-9]$/ },
  'AWS::SNS::Topic': { property: 'TopicName', max: 256, pattern: /^[\w-]+$/ },
  'AWS::SQS::Queue': { property: 'QueueName', max: 80, pattern: /^[\w-]+$/ },
  'AWS::SSM::Parameter': { property: 'Name', max: 1_011, pattern: /^[\w./-]+$/ },
  'AWS::Scheduler::Schedule': { property: 'Name', max: 64, pattern: /^[\w.-]+$/ },
  'AWS::StepFunctions::StateMachine': {
    property: 'StateMachineName',
    max: 80,
    pattern: /^[\w-]+$/,
  },
  'AWS::WAFv2::WebACL': { property: 'Name', max: 128, pattern: /^[\w-]+$/ },
  'AWS::XRay::SamplingRule': { property: 'SamplingRule.RuleName', max: 32 },
};

/** Returns the name that a template gives a resource; undefined where CloudFormation generates one. */
export const nameOf = (
  { type, properties }: Pick<Resource, 'type' | 'properties'>,
  pseudo?: PseudoParameters,
): string | undefined =>
  deployedText(
    nameRules[type]?.property
      .split('.')
      .reduce<unknown>(
        (value, step) => (value as Readonly<Record<string, unknown>> | undefined)?.[step],
        properties,
      ),
    pseudo,
  );
