import type { LocalFunction } from '@sluice/local-lambda';
import type { Executions } from '@sluice/local-step-functions';
import type { Roles } from './roles';

/** The target of a schedule or a rule. */
export interface Target {
  readonly arn: string;
  /** Role with which the target is started; undefined where the target itself permits the rule. */
  readonly roleArn: string | undefined;
}

/**
 * Starts a target. Resolves when a function has ended, or a state machine has started.
 *
 * @throws Error where the role may not start it, a function fails, a state machine does not start, or no template
 *   has the target
 */
export type StartTarget = (target: Target, payload: unknown) => Promise<void>;

export const targetStarter =
  ({
    functionOf,
    executions,
    roles,
  }: {
    readonly functionOf: (arn: string) => LocalFunction;
    readonly executions: Executions;
    readonly roles: Pick<Roles, 'startRefusal'>;
  }): StartTarget =>
  async ({ arn, roleArn }, payload) => {
    const refusal = roleArn === undefined ? undefined : roles.startRefusal(roleArn, arn);
    if (refusal !== undefined) throw new Error(`AccessDeniedException: ${refusal}`);
    if (isStateMachine(arn)) {
      executions.start(arn, JSON.stringify(payload));
      return;
    }
    const outcome = await functionOf(arn).invoke(payload);
    if (!outcome.ok) throw new Error(`${outcome.errorType}: ${outcome.message}`);
  };

export const isStateMachine = (arn: string): boolean => arn.includes(':stateMachine:');
