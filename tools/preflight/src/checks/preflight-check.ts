import type { NamedCheck, Outcome } from '@sluice/checks';
import type { Situation } from '../situation';

/** A condition that the account must meet before a stage is deployed. */
export interface PreflightCheck extends NamedCheck<Situation> {
  /** A sentence that says what is checked. */
  readonly checks: string;
  /** AWS page that states the condition. */
  readonly source: string;
}

export const failed = (observed: string, ...toDo: readonly string[]): Outcome => ({
  status: 'failed',
  observed,
  toDo,
});

export const advice = (observed: string, ...toDo: readonly string[]): Outcome => ({
  status: 'advice',
  observed,
  toDo,
});

/** Returns the advice how to raise a quota. */
export const raiseQuota = (
  service: string,
  code: string,
  desired: number,
): readonly [string, string] => [
  `aws service-quotas request-service-quota-increase --service-code ${service} --quota-code ${code} --desired-value ${desired}`,
  `or by hand: https://console.aws.amazon.com/servicequotas/home/services/${service}/quotas/${code}`,
];

/** Lists the first few of many texts. */
export const someOf = (texts: readonly string[], most = 5): string =>
  texts.slice(0, most).join(', ') + (texts.length > most ? ` and ${texts.length - most} more` : '');

/** Matches errors of callers without permission, and of emulators that don't support the question. */
const unanswered =
  /AccessDenied|Unauthorized|NotAuthorized|UnknownOperation|NotImplemented|SyntaxError/i;

/**
 * Returns the check with an advice where its question is not answered, because what can't be known must not stop a
 * deployment.
 */
export const knowingItsLimits = (check: PreflightCheck): PreflightCheck => ({
  ...check,
  run: async (situation) => {
    try {
      return await check.run(situation);
    } catch (error) {
      const { name, message } = error as Error;
      if (!unanswered.test(name)) throw error;
      return advice(
        `can't be looked at: ${message.split('\n')[0] ?? ''}`,
        'Give the caller the permission, or let it take on the role cdk-…-lookup-role of the bootstrap, which may read everything.',
      );
    }
  },
});
