import type { Rule } from '../rule';
import { isObject, resourcesOf, values } from '../template';

export const noNull: Rule = {
  name: 'no-null',
  source: 'https://github.com/aws/aws-cdk/issues/8660',
  *check({ template }) {
    for (const { pointer, value } of values(template))
      if (value === null)
        yield { at: pointer, says: "CloudFormation refuses it: 'null' values are not allowed" };
  },
};

/** Properties that CloudFormation passes on without checking, so that the types of their values are not guaranteed. */
const freeForm: Readonly<Record<string, RegExp>> = {
  'AWS::Glue::Table':
    /^\/TableInput\/(?:Parameters|StorageDescriptor\/(?:SerdeInfo\/)?Parameters)\//,
  'AWS::Glue::Job': /^\/DefaultArguments\//,
  'AWS::Lambda::Function': /^\/Environment\/Variables\//,
};

export const textInFreeForm: Rule = {
  name: 'text-in-free-form',
  source: 'https://github.com/aws/aws-cdk/issues/11716',
  *check(template) {
    for (const { id, type, properties } of resourcesOf(template)) {
      const pattern = freeForm[type];
      if (!pattern) continue;
      for (const { pointer, value } of values(properties))
        if (pattern.test(pointer) && (typeof value === 'number' || typeof value === 'boolean'))
          yield {
            at: `/${id}${pointer}`,
            says: `${JSON.stringify(value)} may arrive as text or be refused; write it as text`,
          };
    }
  },
};

interface TextField {
  readonly property: string;
  readonly max: number;
  readonly pattern?: RegExp;
}

/**
 * Longest texts by the API references: CreateRole, CreateFunction, PutMetricAlarm, CreateSchedule, PutRule,
 * CreateNamedQuery, CreateTable.
 */
const textFields: Readonly<Record<string, readonly TextField[]>> = {
  'AWS::IAM::Role': [
    { property: 'Description', max: 1_000, pattern: /^[\t\n\r\x20-\x7e\u00a1-\u00ff]*$/ },
  ],
  'AWS::Lambda::Function': [{ property: 'Description', max: 256 }],
  'AWS::CloudWatch::Alarm': [{ property: 'AlarmDescription', max: 1_024 }],
  'AWS::Scheduler::Schedule': [{ property: 'Description', max: 512 }],
  'AWS::Events::Rule': [{ property: 'Description', max: 512 }],
  'AWS::Athena::NamedQuery': [
    { property: 'Description', max: 1_024 },
    { property: 'QueryString', max: 262_144 },
  ],
  'AWS::SSM::Parameter': [{ property: 'Value', max: 4_096 }],
  'AWS::StepFunctions::StateMachine': [{ property: 'DefinitionString', max: 1_048_576 }],
};

export const textFieldsFit: Rule = {
  name: 'text-fields',
  source: 'https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html',
  *check(template) {
    for (const { id, type, properties } of resourcesOf(template))
      for (const { property, max, pattern } of textFields[type] ?? []) {
        const text = properties[property];
        const length = typeof text === 'string' ? text.length : JSON.stringify(text ?? '').length;
        if (length > max)
          yield { at: `/${id}/${property}`, says: `${length} characters; it takes ${max}` };
        if (typeof text === 'string' && pattern && !pattern.test(text))
          yield { at: `/${id}/${property}`, says: 'holds a character that the service refuses' };
      }
  },
};

export const glueColumnsFit: Rule = {
  name: 'glue-columns',
  source: 'https://docs.aws.amazon.com/glue/latest/webapi/API_Column.html',
  *check(template) {
    for (const { id, properties } of resourcesOf(template, 'AWS::Glue::Table'))
      for (const { pointer, value } of values(properties))
        if (isObject(value) && /\/(?:Columns|PartitionKeys)\/\d+$/.test(pointer))
          for (const [field, max] of [
            ['Name', 255],
            ['Comment', 255],
            ['Type', 131_072],
          ] as const) {
            const text = value[field];
            if (typeof text === 'string' && text.length > max)
              yield {
                at: `/${id}${pointer}/${field}`,
                says: `${text.length} characters; Glue takes ${max}`,
              };
          }
  },
};
