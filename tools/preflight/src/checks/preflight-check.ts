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

/** Matches errors of callers without permission. */
const refused = /AccessDenied|Unauthorized|NotAuthorized/i;
/** Matches errors of emulators that don't support the question: they don't know it, or answer in another form. */
const unsupported = /UnknownOperation|NotImplemented|SyntaxError/i;

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
      const isRefused = refused.test(name);
      if (!isRefused && !unsupported.test(name)) throw error;
      return advice(
        `can't be looked at: ${message.split('\n')[0] ?? ''}`,
        isRefused
          ? 'Give the caller the permission, or let it take on the role cdk-…-lookup-role of the bootstrap, which may read everything.'
          : 'The service at this endpoint does not support the question, as some emulators do not; in an account of AWS it is answered.',
      );
    }
  },
});
