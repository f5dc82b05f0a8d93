import type { Account, ChangeSetState, ChangeSetTrial, StackState } from '../account/account';

export interface FakeAccount extends Account {
  /** Change sets and stacks that were created and not deleted. */
  readonly left: ReadonlySet<string>;
  /** Trials in the order in which they were made. */
  readonly trials: readonly ChangeSetTrial[];
}

/** Returns an account without anything of Sluice in which every check passes, except for the answers in `given`. */
export function fakeAccount(
  given: Partial<Account> = {},
  stacks: Readonly<Record<string, StackState>> = {},
): FakeAccount {
  const left = new Set<string>();
  const trials: ChangeSetTrial[] = [];
  const made = new Map<string, StackState>(Object.entries(stacks));
  const changeSets = new Map<string, ChangeSetState>();
  const nameOf = (stackId: string): string =>
    `sluice-dev${stackId.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  return {
    left,
    trials,
    region: () => Promise.resolve('eu-central-1'),
    identityIn: () =>
      Promise.resolve({
        account: '111122223333',
        arn: 'arn:aws:iam::111122223333:user/deployer',
        partition: 'aws',
      }),
    parameter: (name) => Promise.resolve(name.startsWith('/cdk-bootstrap/') ? '33' : undefined),
    refusalOfRole: () => Promise.resolve(undefined),
    stack: (name) => Promise.resolve(made.get(name)),
    stackResources: () => Promise.resolve([]),
    stackOf: () => Promise.resolve(undefined),
    functionConcurrency: () => Promise.resolve({ limit: 1_000, unreserved: 1_000 }),
    streamLimits: () =>
      Promise.resolve({ shards: 200, openShards: 0, onDemandStreams: 50, openOnDemandStreams: 0 }),
    deliveryStreams: () => Promise.resolve([]),
    quota: () => Promise.resolve(5_000),
    apiGateway: () =>
      Promise.resolve({ logsRoleArn: undefined, requestsPerSecond: 10_000, burst: 5_000 }),
    restApis: () => Promise.resolve([]),
    hasResource: () => Promise.resolve(false),
    bucket: () => Promise.resolve('nowhere'),
    dataLake: () => Promise.resolve({ databasesByIam: true, tablesByIam: true }),
    makeChangeSet: (trial) => {
      trials.push(trial);
      const name = nameOf(trial.stackId);
      if (!made.has(name)) {
        made.set(name, {
          status: 'REVIEW_IN_PROGRESS',
          reason: undefined,
          isProtected: trial.isProtected,
        });
        left.add(name);
      }
      changeSets.set(`${name} ${trial.changeSetName}`, {
        status: 'CREATE_COMPLETE',
        reason: undefined,
        changes: 20,
      });
      left.add(`${name} ${trial.changeSetName}`);
      return Promise.resolve({ isMade: true, said: '' });
    },
    changeSet: (stackName, changeSetName) =>
      Promise.resolve(changeSets.get(`${stackName} ${changeSetName}`)),
    deleteChangeSet: (stackName, changeSetName) => {
      left.delete(`${stackName} ${changeSetName}`);
      return Promise.resolve();
    },
    deleteStack: (stackName) => {
      left.delete(stackName);
      made.delete(stackName);
      return Promise.resolve();
    },
    ...given,
  };
}

/** Returns an account as AWS opens it, before `cdk bootstrap` (Lambda guide: gettingstarted-limits). */
export const newAccount = (): FakeAccount =>
  fakeAccount({
    parameter: () => Promise.resolve(undefined),
    functionConcurrency: () => Promise.resolve({ limit: 10, unreserved: 10 }),
  });
