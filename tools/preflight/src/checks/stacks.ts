import type { StackState } from '../account/account';
import type { StackNeed } from '../needs/deployment-needs';
import { advice, failed, type PreflightCheck } from './preflight-check';

interface Finding {
  readonly status: 'failed' | 'advice';
  readonly observed: string;
  readonly toDo: readonly string[];
}

export const stackStates: PreflightCheck = {
  id: 'stacks.states',
  checks: 'Each stack is not there, or in a state from which it can be deployed.',
  source:
    'https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html#cfn-console-view-stack-data-resources-status-codes',
  needs: ['account.region'],
  run: async (situation) => {
    const states = await situation.stacks();
    const { stacks } = await situation.needs();
    const findings = stacks.flatMap((stack) => {
      const state = states.get(stack.name);
      return (state && stackFinding(stack, state)) ?? [];
    });
    const observed = findings.map((finding) => finding.observed).join('; ');
    const toDo = findings.flatMap((finding) => finding.toDo);
    if (findings.some(({ status }) => status === 'failed')) return failed(observed, ...toDo);
    if (findings.length > 0) return advice(observed, ...toDo);
    return states.size === 0
      ? `none of ${stacks.length} is there yet`
      : `${states.size} of ${stacks.length} are there, each ready for an update`;
  },
};

/** Decides whether `cdk deploy` deletes the stack before it creates it again (CDK's `isCreationFailure`). */
export const isMadeAnew = (state: StackState | undefined): boolean =>
  state?.status === 'ROLLBACK_COMPLETE' || state?.status === 'ROLLBACK_FAILED';

/** Returns what prevents a deployment of the stack; undefined where nothing does. */
function stackFinding(stack: StackNeed, state: StackState): Finding | undefined {
  const { name } = stack;
  const { status, reason, isProtected } = state;
  const observed = `${name} is ${status}${reason === undefined ? '' : `: ${reason.slice(0, 200)}`}`;
  const find = (kind: Finding['status'], ...toDo: readonly string[]): Finding => ({
    status: kind,
    observed,
    toDo,
  });
  const events = `aws cloudformation describe-stack-events --stack-name ${name} --query "StackEvents[?contains(ResourceStatus, 'FAILED')].[LogicalResourceId, ResourceStatusReason]" --output text`;

  if (status === 'REVIEW_IN_PROGRESS') return undefined;
  if (status.endsWith('_IN_PROGRESS'))
    return find(
      'failed',
      `Wait until it is done: ${name}`,
      `aws cloudformation wait ${waiterOf(status)} --stack-name ${name}`,
    );
  if (isMadeAnew(state)) {
    if (isProtected && !stack.isProtectedOnceComplete)
      return find(
        'failed',
        `It was never complete and has to be deleted, which its protection forbids: ${name}`,
        `aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name ${name}`,
      );
    if (status === 'ROLLBACK_FAILED')
      return find(
        'failed',
        `What its rollback could not delete has to go first; see which: ${name}`,
        events,
        `aws cloudformation delete-stack --stack-name ${name}`,
      );
    return find(
      'advice',
      `The deployment deletes it first, with what it made; the first failed event says why it went back: ${name}`,
      events,
    );
  }
  switch (status) {
    case 'CREATE_FAILED':
      return find(
        'failed',
        `It was made without a rollback and is not complete. See why, and delete it: ${name}`,
        events,
        `aws cloudformation delete-stack --stack-name ${name}`,
      );
    case 'DELETE_FAILED':
      return find(
        'failed',
        `See what can't be deleted, empty it, and delete the stack again: ${name}`,
        events,
        `aws cloudformation delete-stack --stack-name ${name}`,
      );
    case 'UPDATE_FAILED':
      return find(
        'failed',
        `It was updated without a rollback. Go back first: ${name}`,
        `aws cloudformation rollback-stack --stack-name ${name}`,
      );
    case 'UPDATE_ROLLBACK_FAILED':
    case 'IMPORT_ROLLBACK_FAILED':
      return find(
        'failed',
        `See why its rollback failed, fix that, and continue it: ${name}`,
        events,
        `aws cloudformation continue-update-rollback --stack-name ${name}`,
      );
    default:
      return undefined;
  }
}

function waiterOf(status: string): string {
  if (status.startsWith('CREATE')) return 'stack-create-complete';
  if (status.startsWith('DELETE')) return 'stack-delete-complete';
  if (status.startsWith('UPDATE_ROLLBACK') || status.startsWith('ROLLBACK'))
    return 'stack-rollback-complete';
  return 'stack-update-complete';
}
