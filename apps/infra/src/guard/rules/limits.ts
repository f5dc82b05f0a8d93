import type { Rule } from '../rule';
import { deployedText, isObject, resourcesOf, values } from '../template';

/** Largest size of a template: 1 MB, in the strict sense. */
const maxTemplateBytes = 1_000_000;

export const templateSize: Rule = {
  name: 'template-size',
  source:
    'https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html',
  *check({ bytes, template }) {
    if (bytes > maxTemplateBytes)
      yield { at: '', says: `${bytes} bytes; CloudFormation takes ${maxTemplateBytes}` };
    for (const [section, max] of [
      ['Resources', 500],
      ['Parameters', 200],
      ['Outputs', 200],
    ] as const) {
      const count = Object.keys(template[section] ?? {}).length;
      if (count > max)
        yield { at: `/${section}`, says: `${count} of them; a template takes ${max}` };
    }
  },
};

/** Largest number of characters in all inline policies of a role together, and in its trust policy. */
const maxInlinePolicies = 10_240;
const maxTrustPolicy = 2_048;
const maxManagedPolicy = 6_144;

/** Returns the length of a policy. IAM ignores white space, and references count with the length of their values. */
const policyLength = (document: unknown): number => JSON.stringify(resolved(document)).length;

const resolved = (value: unknown): unknown => {
  const text = deployedText(value);
  if (text !== undefined) return text;
  if (Array.isArray(value)) return value.map(resolved);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, resolved(child)]));
};

export const policySize: Rule = {
  name: 'policy-size',
  source: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html',
  *check(template) {
    const inline = new Map<string, number>();
    const add = (role: string, document: unknown): void => {
      inline.set(role, (inline.get(role) ?? 0) + policyLength(document));
    };
    for (const { id, properties } of resourcesOf(template, 'AWS::IAM::Role')) {
      const trust = policyLength(properties['AssumeRolePolicyDocument'] ?? {});
      if (trust > maxTrustPolicy)
        yield {
          at: `/${id}`,
          says: `a trust policy of ${trust} characters; IAM takes ${maxTrustPolicy}`,
        };
      for (const policy of (properties['Policies'] ?? []) as readonly { PolicyDocument: unknown }[])
        add(id, policy.PolicyDocument);
    }
    for (const { properties } of resourcesOf(template, 'AWS::IAM::Policy'))
      for (const role of (properties['Roles'] ?? []) as readonly { Ref?: string }[])
        add(role.Ref ?? '', properties['PolicyDocument']);
    for (const [role, length] of inline)
      if (length > maxInlinePolicies)
        yield {
          at: `/${role}`,
          says: `inline policies of ${length} characters; a role takes ${maxInlinePolicies}`,
        };
    for (const { id, properties } of resourcesOf(template, 'AWS::IAM::ManagedPolicy')) {
      const length = policyLength(properties['PolicyDocument']);
      if (length > maxManagedPolicy)
        yield {
          at: `/${id}`,
          says: `a policy of ${length} characters; IAM takes ${maxManagedPolicy}`,
        };
    }
  },
};

export const environmentSize: Rule = {
  name: 'environment-size',
  source: 'https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html',
  *check(template) {
    for (const { id, properties } of resourcesOf(template, 'AWS::Lambda::Function')) {
      const bytes = JSON.stringify(resolved(properties['Environment'] ?? {})).length;
      if (bytes > 4_096)
        yield { at: `/${id}/Environment`, says: `${bytes} bytes; Lambda takes 4,096` };
    }
  },
};

const maxWidgetMetrics = 500;
const maxDashboardMetrics = 2_500;

export const dashboardSize: Rule = {
  name: 'dashboard-size',
  source: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html',
  *check(template) {
    for (const { id, properties } of resourcesOf(template, 'AWS::CloudWatch::Dashboard')) {
      const body = deployedText(properties['DashboardBody']) ?? '{}';
      let all = 0;
      for (const { pointer, value } of values(JSON.parse(body) as unknown)) {
        if (!pointer.endsWith('/properties/metrics') || !Array.isArray(value)) continue;
        all += value.length;
        if (value.length > maxWidgetMetrics)
          yield {
            at: `/${id}${pointer}`,
            says: `${value.length} metrics; a widget takes ${maxWidgetMetrics}`,
          };
      }
      if (all > maxDashboardMetrics)
        yield { at: `/${id}`, says: `${all} metrics; a dashboard takes ${maxDashboardMetrics}` };
    }
  },
};
