import { Aws } from 'aws-cdk-lib';

interface Trust {
  /** Condition key → the value that the service sends with it when it acts for this account. */
  readonly conditions: Readonly<Record<string, string>>;
  /** Page on which AWS documents the conditions, or shows the service's trust policy without any. */
  readonly source: string;
  /** Observations of what works or fails, where the page does not settle it. */
  readonly seen?: string;
}

const account = Aws.ACCOUNT_ID;

/**
 * The services that may assume a role, each with the conditions that AWS documents for its trust policy. A condition
 * on a key that a service does not send is never true: the service could not assume the role, and nothing would
 * report it before the role is used. So only documented conditions are listed.
 */
const trusted = {
  apigateway: {
    conditions: {},
    source: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/permissions.html',
  },
  events: {
    conditions: {},
    source: 'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-iam-roles.html',
    seen: 'Its table of condition keys (eb-use-conditions) has aws:SourceAccount, for policies of targets; no page shows it in the trust policy of a role.',
  },
  firehose: {
    conditions: { 'sts:ExternalId': account },
    source:
      'https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#FirehoseExample',
  },
  glue: {
    conditions: {},
    source: 'https://docs.aws.amazon.com/glue/latest/dg/create-an-iam-role.html',
  },
  lambda: {
    conditions: {},
    source: 'https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html',
  },
  scheduler: {
    conditions: { 'aws:SourceAccount': account },
    source:
      'https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html',
    seen: 'CreateSchedule itself takes the role on: with the ARN of the schedule, which is not there yet, as aws:SourceArn it was refused; with aws:SourceAccount alone it was taken.',
  },
  states: {
    conditions: {},
    source:
      'https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html#prevent-cross-service-confused-deputy',
    seen: 'The page shows aws:SourceAccount, and state machines work with it; but for tracing X-Ray takes the same role on, and was seen to be refused under such a condition. A role can not be passed to a service by another account, so that no condition is needed to keep those out.',
  },
} as const satisfies Readonly<Record<string, Trust>>;

export type TrustedService = keyof typeof trusted;

/** Returns the conditions under which a service may take on a role of this account. */
export const trustConditions = (service: TrustedService): Readonly<Record<string, unknown>> => {
  const { conditions } = trusted[service];
  return Object.keys(conditions).length === 0 ? {} : { StringEquals: conditions };
};

/** Returns the documented condition keys of a service's principal; undefined for one that is not on the list. */
export function trustedConditionKeys(principal: string): readonly string[] | undefined {
  const service = principal.replace(/\.amazonaws\.com$/, '');
  const trust: Trust | undefined = (trusted as Readonly<Record<string, Trust>>)[service];
  return trust && Object.keys(trust.conditions);
}
