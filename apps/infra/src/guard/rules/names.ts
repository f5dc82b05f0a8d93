import { stageNames } from '../../stage-settings';
import type { Rule } from '../rule';
import { deployedText, resourcesOf } from '../template';

interface Name {
  /** Path to it. */
  readonly property: string;
  readonly max: number;
  readonly pattern?: RegExp;
}

/** From the API reference of each service (Create…, Put…). */
const names: Readonly<Record<string, Name>> = {
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

const nameOf = (properties: Readonly<Record<string, unknown>>, path: string): string | undefined =>
  deployedText(
    path
      .split('.')
      .reduce<unknown>(
        (value, step) => (value as Readonly<Record<string, unknown>> | undefined)?.[step],
        properties,
      ),
  );

/** How much longer a name is in the stage with the longest name. */
function longerElsewhere(name: string): number {
  const longest = Math.max(...stageNames.map(({ length }) => length));
  const stage = stageNames.find((one) => new RegExp(`(?:^|[-_/])${one}(?:[-_/]|$)`).test(name));
  return stage === undefined ? 0 : longest - stage.length;
}

export const nameLengths: Rule = {
  name: 'names',
  source: 'https://docs.aws.amazon.com/firehose/latest/APIReference/API_CreateDeliveryStream.html',
  *check(template) {
    for (const { id, type, properties } of resourcesOf(template)) {
      const rule = names[type];
      const name = rule && nameOf(properties, rule.property);
      if (!rule || name === undefined || name.includes('<')) continue;
      const length = name.length + longerElsewhere(name);
      if (length > rule.max)
        yield {
          at: `/${id}/${rule.property}`,
          says: `"${name}" has up to ${length} characters, in the stage with the longest name; ${type} takes ${rule.max}`,
        };
      if (rule.pattern && !rule.pattern.test(name))
        yield {
          at: `/${id}/${rule.property}`,
          says: `"${name}" holds a character that ${type} refuses`,
        };
    }
  },
};

/** What stays after a creation that failed is in the way of the next one, where its name is the same. */
export const repeatableCreation: Rule = {
  name: 'repeatable-creation',
  source:
    'https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html',
  *check(template) {
    for (const { id, type, properties, deletionPolicy } of resourcesOf(template)) {
      const rule = names[type];
      if (deletionPolicy !== 'Retain' || !rule || nameOf(properties, rule.property) === undefined)
        continue;
      yield {
        at: `/${id}`,
        says: 'it outlives a creation that fails, and the next one is refused; let its policy be RetainExceptOnCreate',
      };
    }
  },
};
