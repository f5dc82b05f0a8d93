import type { Account, Identity, StackState } from './account/account';
import { needsIn, type DeploymentNeeds, type Place } from './needs/deployment-needs';

/** Account, role and region of a deployment, as far as they are known. */
export interface Caller extends Identity {
  readonly region: string | undefined;
  /** Reason why the region does not answer for these credentials; undefined where it does. */
  readonly regionFault: 'not-opted-in' | 'not-there' | undefined;
}

export interface SituationOptions {
  readonly needs: DeploymentNeeds;
  readonly account: Account;
  /** Name of the stage in printed commands. */
  readonly stage: string;
  /** True where change sets may be created and deleted again. */
  readonly makesChangeSets: boolean;
}

/**
 * State shared by the checks of one run: the requirements, the account, and the account's answers, each asked for
 * once.
 */
export class Situation {
  readonly account: Account;
  readonly stage: string;
  readonly makesChangeSets: boolean;
  readonly #needs: DeploymentNeeds;

  constructor({ needs, account, stage, makesChangeSets }: SituationOptions) {
    this.#needs = needs;
    this.account = account;
    this.stage = stage;
    this.makesChangeSets = makesChangeSets;
  }

  /** @throws the error of STS or of the search for credentials */
  readonly caller = once(async (): Promise<Caller> => {
    const region = await this.account.region();
    if (region === undefined)
      return { ...(await this.account.identityIn(anyRegion)), region, regionFault: undefined };
    try {
      return { ...(await this.account.identityIn(region)), region, regionFault: undefined };
    } catch (error) {
      const regionFault = isNoSuchHost(error)
        ? ('not-there' as const)
        : isUnknownToken(error)
          ? ('not-opted-in' as const)
          : undefined;
      if (regionFault === undefined || region === anyRegion) throw error;
      return { ...(await this.account.identityIn(anyRegion)), region, regionFault };
    }
  });

  readonly place = once(async (): Promise<Place> => {
    const { account, partition, region = anyRegion } = await this.caller();
    return { account, partition, region };
  });

  readonly needs = once(async () => needsIn(this.#needs, await this.place()));

  /** The stage's existing stacks, by name. */
  readonly stacks = once(async (): Promise<ReadonlyMap<string, StackState>> => {
    const found = new Map<string, StackState>();
    for (const { name } of (await this.needs()).stacks) {
      const state = await this.account.stack(name);
      if (state) found.set(name, state);
    }
    return found;
  });

  /** Resources that the stage's stacks own, as `<type> <physical id>`. */
  readonly owned = once(async (): Promise<ReadonlySet<string>> => {
    const owned = new Set<string>();
    for (const [name] of await this.stacks())
      for (const { type, physicalId } of await this.account.stackResources(name))
        owned.add(`${type} ${physicalId}`);
    return owned;
  });
}

/** A region that every account has, and whose STS answers all credentials of the partition `aws`. */
const anyRegion = 'us-east-1';

/**
 * Decides whether an error means that STS does not know the token. In a region that is not enabled it knows none of
 * the account's (IAM guide: "Manage AWS STS in an AWS Region").
 */
const isUnknownToken = (error: unknown): boolean =>
  ['InvalidClientTokenId', 'UnrecognizedClientException'].includes((error as Error).name);

const isNoSuchHost = (error: unknown): boolean =>
  (error as { readonly code?: string }).code === 'ENOTFOUND';

/** Returns a function that asks only once and remembers the answer, even if it is an error. */
function once<Value>(ask: () => Promise<Value>): () => Promise<Value> {
  let asked: Promise<Value> | undefined;
  return () => (asked ??= ask());
}
