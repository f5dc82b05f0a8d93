import { NotApplicable, type Outcome } from '@sluice/checks';
import { randomBytes } from 'node:crypto';
import { stripVTControlCharacters } from 'node:util';
import type { StackNeed } from '../needs/deployment-needs';
import type { Situation } from '../situation';
import { failed, type PreflightCheck } from './preflight-check';
import { isMadeAnew } from './stacks';

const source =
  'https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets.html';

/** Decides whether a stack is the lake, whose parameters the other stacks read when their change sets are created. */
const isLake = ({ readsParameters }: StackNeed): boolean => readsParameters.length === 0;

export const lakeChangeSet: PreflightCheck = {
  id: 'change-sets.lake',
  checks: 'CloudFormation makes a change set of the lake’s stack. It is not executed, and deleted.',
  source,
  needs: ['account.deploy-roles', 'stacks.states'],
  run: async (situation) =>
    tryChangeSets(situation, (await situation.needs()).stacks.filter(isLake)),
};

export const appChangeSets: PreflightCheck = {
  id: 'change-sets.apps',
  checks: 'The same for each other stack, where the lake is deployed.',
  source,
  needs: ['change-sets.lake'],
  run: async (situation) => {
    const { stacks } = await situation.needs();
    const missing = new Set<string>();
    for (const name of new Set(stacks.flatMap(({ readsParameters }) => readsParameters)))
      if ((await situation.account.parameter(name)) === undefined) missing.add(name);
    // The console's stack also reads where the APIs are: it can be tried once they are deployed.
    const ready = stacks.filter(
      (stack) => !isLake(stack) && !stack.readsParameters.some((name) => missing.has(name)),
    );
    if (ready.length === 0)
      throw new NotApplicable(
        `the lake is not deployed: CloudFormation would look for ${[...missing][0] ?? ''} at once`,
      );
    return tryChangeSets(situation, ready);
  },
};

interface Trial {
  readonly fault?: string;
  readonly observed: string;
  readonly left: readonly string[];
}

async function tryChangeSets(
  situation: Situation,
  stacks: readonly StackNeed[],
): Promise<string | Outcome> {
  if (!situation.makesChangeSets) throw new NotApplicable('--no-change-sets');
  const changeSetName = `sluice-preflight-${randomBytes(4).toString('hex')}`;
  const trials: Trial[] = [];
  for (const stack of stacks) trials.push(await tryChangeSet(situation, stack, changeSetName));
  const observed = trials.map((trial) => trial.observed).join('; ');
  const faults = trials.flatMap(({ fault }) => fault ?? []);
  const left = trials.flatMap((trial) => trial.left);
  if (faults.length === 0 && left.length === 0) return observed;
  return failed(
    observed,
    ...faults,
    ...(left.length > 0 ? ['What the trial made could not be deleted; delete it:', ...left] : []),
  );
}

async function tryChangeSet(
  { account, stacks }: Situation,
  { id, name }: StackNeed,
  changeSetName: string,
): Promise<Trial> {
  const before = (await stacks()).get(name);
  // CDK would delete it, which the user has not asked for yet.
  if (isMadeAnew(before))
    return { observed: `${name}: not tried, it is ${before?.status ?? ''}`, left: [] };
  const left: string[] = [];
  let trial: Omit<Trial, 'left'>;
  try {
    const { isMade, said } = await account.makeChangeSet({
      stackId: id,
      changeSetName,
      isProtected: before?.isProtected ?? false,
    });
    const changeSet = await account.changeSet(name, changeSetName);
    const reason = changeSet?.reason;
    if (isMade)
      trial = {
        observed: `${name}: ${changeSet === undefined || changeSet.changes === 0 ? 'no change' : `${changeSet.changes} changes`}`,
      };
    else
      trial = {
        observed: `${name}: refused`,
        fault: `${name}: ${[reason, lastLines(said)].filter(Boolean).join(' | ')}`,
      };
    if (changeSet !== undefined) await account.deleteChangeSet(name, changeSetName);
  } catch (error) {
    const { name: kind, message } = error as Error;
    trial = { observed: `${name}: ${kind}`, fault: `${name}: ${message}` };
    left.push(
      `aws cloudformation delete-change-set --stack-name ${name} --change-set-name ${changeSetName}`,
    );
  }
  try {
    // A stack that only holds a trial's change set was created by that trial.
    if (before === undefined && (await account.stack(name))?.status === 'REVIEW_IN_PROGRESS')
      await account.deleteStack(name);
  } catch {
    left.push(`aws cloudformation delete-stack --stack-name ${name}`);
  }
  return { ...trial, left };
}

/** Returns the last lines of the CDK command line's output, which say what went wrong, without colours. */
const lastLines = (said: string): string =>
  stripVTControlCharacters(said)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('✨'))
    .slice(-4)
    .join(' ')
    .slice(-600);
