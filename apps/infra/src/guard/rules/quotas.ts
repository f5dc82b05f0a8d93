import type { Rule } from '../rule';
import { resourcesOf } from '../template';

/** Quotas of a new account; larger ones have to be requested. */
const newAccount = {
  memoryMegabytes: 3_008,
  requestsPerSecond: 10_000,
  burst: 5_000,
  onDemandStreams: 50,
} as const;

export const functionMemory: Rule = {
  name: 'quota-function-memory',
  source: 'https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html',
  *check(template) {
    for (const { id, properties } of resourcesOf(template, 'AWS::Lambda::Function')) {
      const memory = Number(properties['MemorySize'] ?? 128);
      if (memory > newAccount.memoryMegabytes)
        yield {
          at: `/${id}/MemorySize`,
          says: `${memory} MB; a new account has ${newAccount.memoryMegabytes} (ask for more: Support Center, Lambda memory)`,
        };
    }
  },
};

export const apiThrottle: Rule = {
  name: 'quota-api-throttle',
  source: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html',
  *check(template) {
    for (const { id, properties } of resourcesOf(template, 'AWS::ApiGateway::UsagePlan')) {
      const { RateLimit = 0, BurstLimit = 0 } = (properties['Throttle'] ?? {}) as {
        readonly RateLimit?: number;
        readonly BurstLimit?: number;
      };
      if (RateLimit > newAccount.requestsPerSecond || BurstLimit > newAccount.burst)
        yield {
          at: `/${id}/Throttle`,
          says: `${RateLimit} a second and a burst of ${BurstLimit}; all APIs of an account share ${newAccount.requestsPerSecond} and ${newAccount.burst} (quota L-8A5B8E43)`,
        };
    }
  },
};

export const onDemandStreams: Rule = {
  name: 'quota-on-demand-streams',
  source: 'https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html',
  *check(template) {
    const streams = resourcesOf(template, 'AWS::Kinesis::Stream').filter(
      ({ properties }) =>
        (properties['StreamModeDetails'] as { StreamMode?: string } | undefined)?.StreamMode ===
        'ON_DEMAND',
    );
    if (streams.length > newAccount.onDemandStreams)
      yield {
        at: '/Resources',
        says: `${streams.length} streams on demand; a new account has ${newAccount.onDemandStreams} (Service Quotas, Kinesis Data Streams, on-demand streams)`,
      };
  },
};

/** Checks that the firewall admits as many requests as the usage plan does. */
export const firewallAndPlan: Rule = {
  name: 'firewall-and-plan',
  source:
    'https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based-high-level-settings.html',
  *check(template) {
    const rates = resourcesOf(template, 'AWS::ApiGateway::UsagePlan').map(
      ({ properties }) =>
        (properties['Throttle'] as { RateLimit?: number } | undefined)?.RateLimit ?? 0,
    );
    for (const { id, properties } of resourcesOf(template, 'AWS::WAFv2::WebACL'))
      for (const { Name, Statement } of (properties['Rules'] ?? []) as readonly {
        readonly Name: string;
        readonly Statement?: {
          readonly RateBasedStatement?: { Limit: number; EvaluationWindowSec?: number };
        };
      }[]) {
        const rule = Statement?.RateBasedStatement;
        if (!rule) continue;
        const perSecond = rule.Limit / (rule.EvaluationWindowSec ?? 300);
        const most = Math.max(0, ...rates);
        if (perSecond < most)
          yield {
            at: `/${id}/Rules/${Name}`,
            says: `an address may send ${Math.floor(perSecond)} a second and an API key ${most}`,
          };
      }
  },
};
