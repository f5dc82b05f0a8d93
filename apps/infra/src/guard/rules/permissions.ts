import { trustedConditionKeys } from '../../trust';
import type { Rule } from '../rule';
import { isObject, listOf, resourcesOf } from '../template';

/**
 * Finds conditions on keys that a service does not send. They are never true, so that the service can't assume the
 * role.
 */
export const trustConditions: Rule = {
  name: 'trust-conditions',
  source:
    'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html',
  *check(template) {
    for (const { id, properties } of resourcesOf(template, 'AWS::IAM::Role')) {
      const { Statement } = (properties['AssumeRolePolicyDocument'] ?? {}) as {
        readonly Statement?: readonly {
          readonly Principal?: { readonly Service?: unknown };
          readonly Condition?: Readonly<Record<string, unknown>>;
        }[];
      };
      for (const { Principal, Condition = {} } of Statement ?? [])
        for (const service of listOf(Principal?.Service)) {
          const at = `/${id}/AssumeRolePolicyDocument`;
          const known = trustedConditionKeys(String(service));
          if (!known) {
            yield {
              at,
              says: `${String(service)} is not on the list of services that are trusted (trust.ts)`,
            };
            continue;
          }
          const keys = Object.values(Condition).flatMap((test) =>
            isObject(test) ? Object.keys(test) : [],
          );
          for (const key of keys)
            if (!known.includes(key))
              yield { at, says: `AWS does not document that ${String(service)} sends ${key}` };
        }
    }
  },
};

/**
 * Checks that delivery roles may invoke versions. Firehose's guide names a version in its policy, so permission for
 * the bare ARN alone may not suffice.
 */
export const deliveryInvokes: Rule = {
  name: 'delivery-invokes',
  source: 'https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-s3',
  *check(template) {
    const streams = resourcesOf(template, 'AWS::KinesisFirehose::DeliveryStream');
    if (streams.length === 0) return;
    for (const { id, properties } of resourcesOf(template, 'AWS::IAM::Policy')) {
      const { Statement = [] } = properties['PolicyDocument'] as {
        readonly Statement?: readonly { readonly Action: unknown; readonly Resource: unknown }[];
      };
      for (const { Action, Resource } of Statement)
        if (
          listOf(Action).includes('lambda:GetFunctionConfiguration') &&
          !listOf(Resource).some((one) => JSON.stringify(one).includes(':*'))
        )
          yield { at: `/${id}`, says: 'Firehose may invoke the function, and not its versions' };
    }
  },
};
