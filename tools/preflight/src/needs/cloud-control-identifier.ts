/** Function that makes an identifier from a name, or `name` where they are the same. */
type Identifier = 'name' | ((name: string) => string);

const arn =
  (service: string, resource: (name: string) => string): Identifier =>
  (name) =>
    `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${resource(name)}`;

/**
 * Types of resources whose names are unique, with the primary identifier of their schema (CloudFormation registry).
 * Other types are left out: names of REST APIs, API keys, usage plans and saved queries need not be unique, a table
 * lies in a database that is checked, and a web ACL is found only by an id that is not known beforehand.
 */
const identifiers: Readonly<Record<string, Identifier>> = {
  'AWS::Athena::WorkGroup': 'name',
  'AWS::CloudWatch::Alarm': 'name',
  'AWS::CloudWatch::Dashboard': 'name',
  'AWS::Events::Rule': arn('events', (name) => `rule/${name}`),
  'AWS::Glue::Crawler': 'name',
  'AWS::Glue::Database': 'name',
  'AWS::Glue::Job': 'name',
  'AWS::IAM::Role': 'name',
  'AWS::KMS::Alias': 'name',
  'AWS::Kinesis::Stream': 'name',
  'AWS::KinesisFirehose::DeliveryStream': 'name',
  'AWS::Lambda::Function': 'name',
  'AWS::Logs::LogGroup': 'name',
  'AWS::S3::Bucket': 'name',
  'AWS::SNS::Topic': arn('sns', (name) => name),
  'AWS::SQS::Queue': (name) =>
    `https://sqs.\${AWS::Region}.\${AWS::URLSuffix}/\${AWS::AccountId}/${name}`,
  'AWS::SSM::Parameter': 'name',
  'AWS::Scheduler::Schedule': 'name',
  'AWS::StepFunctions::StateMachine': arn('states', (name) => `stateMachine:${name}`),
  'AWS::XRay::SamplingRule': arn('xray', (name) => `sampling-rule/${name}`),
};

/**
 * Returns the identifier by which the Cloud Control API finds a resource (API reference: GetResource, `Identifier`),
 * with CloudFormation's placeholders for account and region; undefined where a name does not identify one.
 */
export function cloudControlIdentifier(type: string, name: string): string | undefined {
  const identifier = identifiers[type];
  return identifier === 'name' ? name : identifier?.(name);
}
