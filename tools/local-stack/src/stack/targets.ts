import type { LocalFunction } from '@sluice/local-lambda';
import type { Executions } from '@sluice/local-step-functions';

/**
 * Starts the target of a schedule or a rule. Resolves when a function has ended, or a state machine has started.
 *
 * @throws Error where a function fails, a state machine does not start, or no template has the target
 */
export type StartTarget = (arn: string, payload: unknown) => Promise<void>;

export const targetStarter =
  ({
    functionOf,
    executions,
  }: {
    readonly functionOf: (arn: string) => LocalFunction;
    readonly executions: Executions;
  }): StartTarget =>
  async (arn, payload) => {
    if (isStateMachine(arn)) {
      executions.start(arn, JSON.stringify(payload));
      return;
    }
    const outcome = await functionOf(arn).invoke(payload);
    if (!outcome.ok) throw new Error(`${outcome.errorType}: ${outcome.message}`);
  };

export const isStateMachine = (arn: string): boolean => arn.includes(':stateMachine:');
