import type { Outcome } from '@sluice/checks';
import type { Situation } from '../situation';
import { failed, someOf, type PreflightCheck } from './preflight-check';

export const credentials: PreflightCheck = {
  id: 'account.credentials',
  checks: 'There are credentials, and STS takes them.',
  source: 'https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html',
  run: async (situation) => {
    try {
      const { arn } = await situation.caller();
      return arn;
    } catch (error) {
      return refusedCredentials(error as Error);
    }
  },
};

function refusedCredentials({ name, message }: Error): Outcome {
  const observed = `${name}: ${message}`;
  const signIn = 'aws sso login, or aws configure; then export AWS_PROFILE=<profile>';
  if (/expired/i.test(observed)) return failed(observed, 'They are too old. Sign in anew:', signIn);
  if (name === 'CredentialsProviderError' || /could not load credentials/i.test(message))
    return failed(
      observed,
      'There are none. Sign in, or export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY:',
      signIn,
    );
  return failed(observed, 'STS does not take them. See whose they are, and sign in anew:', signIn);
}

export const region: PreflightCheck = {
  id: 'account.region',
  checks: 'A region is set, and turned on for the account.',
  source: 'https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html',
  needs: ['account.credentials'],
  run: async (situation) => {
    const { region: name, regionFault } = await situation.caller();
    if (name === undefined)
      return failed('no region is set', 'export AWS_REGION=<region>, such as eu-central-1');
    if (regionFault === 'not-there')
      return failed(
        `there is no STS in ${name}`,
        'export AWS_REGION=<region> with a region that there is',
      );
    if (regionFault === 'not-opted-in')
      return failed(
        `${name} does not take credentials that us-east-1 takes: it is not turned on`,
        `aws account enable-region --region-name ${name}`,
        'It takes minutes to hours. If it is turned on: sign in by its own STS, as tokens of the global one are not taken there.',
      );
    return name;
  },
};

export const bootstrap: PreflightCheck = {
  id: 'account.bootstrap',
  checks: 'CDK has its bucket and roles there, in a version that the assembly can use.',
  source: 'https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping.html',
  needs: ['account.region'],
  run: async (situation) => {
    const { parameter, version } = (await situation.needs()).bootstrap;
    const { account, region: name } = await situation.place();
    const found = await situation.account.parameter(parameter);
    const command = `npx cdk bootstrap aws://${account}/${name}`;
    if (found === undefined) return failed(`there is no parameter ${parameter}`, command);
    if (!(Number(found) >= version))
      return failed(`version ${found}, ${version} is needed`, command);
    return `version ${found}, at least ${version} is needed`;
  },
};

export const roles: PreflightCheck = {
  id: 'account.deploy-roles',
  checks: 'The caller may take on the roles that deploy and that upload.',
  source: 'https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html',
  needs: ['account.bootstrap'],
  run: async (situation) => {
    const { roleArns } = (await situation.needs()).bootstrap;
    const refusals: string[] = [];
    for (const arn of roleArns) {
      const refusal = await situation.account.refusalOfRole(arn);
      if (refusal !== undefined) refusals.push(refusal);
    }
    if (refusals.length > 0)
      return failed(refusals.join('; '), ...policyOfCallers(await rolePattern(situation)));
    return someOf(roleArns.map((arn) => arn.slice(arn.indexOf('/') + 1)));
  },
};

async function rolePattern(situation: Situation): Promise<string> {
  const [arn = ''] = (await situation.needs()).bootstrap.roleArns;
  return arn.replace(/(cdk-[a-z0-9]+-).*$/, '$1*');
}

const policyOfCallers = (resource: string): readonly [string, string] => [
  'Whoever deploys needs this in a policy of its own:',
  JSON.stringify({ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: resource }),
];
