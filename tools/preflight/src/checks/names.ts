import pMap from 'p-map';
import type { NamedResource } from '../needs/deployment-needs';
import type { Situation } from '../situation';
import { advice, failed, someOf, type PreflightCheck } from './preflight-check';

/** Number of questions at the same time. Each one also becomes a request to the service behind. */
const questionsAtOnce = 4;
const maxOwnersShown = 5;

const isBucket = ({ type }: NamedResource): boolean => type === 'AWS::S3::Bucket';

/** Returns the names that the stage needs and does not own yet. */
async function wantedNames(situation: Situation): Promise<readonly NamedResource[]> {
  const owned = await situation.owned();
  return (await situation.needs()).named.filter(
    ({ type, name, identifier }) =>
      !owned.has(`${type} ${name}`) && !owned.has(`${type} ${identifier}`),
  );
}

export const freeNames: PreflightCheck = {
  id: 'names.free',
  checks: 'No resource has a name that the stage wants, and belongs to no stack of it.',
  source: 'https://docs.aws.amazon.com/cloudcontrolapi/latest/APIReference/API_GetResource.html',
  needs: ['account.region'],
  run: async (situation) => {
    const wanted = (await wantedNames(situation)).filter((resource) => !isBucket(resource));
    const answers = await pMap(
      wanted,
      async (resource) => ({
        ...resource,
        isThere: await situation.account.hasResource(resource.type, resource.identifier),
      }),
      { concurrency: questionsAtOnce },
    );
    const taken = answers.filter(({ isThere }) => isThere === true);
    const unknown = new Set(
      answers.filter(({ isThere }) => isThere === undefined).map(({ type }) => type),
    );
    if (taken.length > 0)
      return failed(
        `taken: ${someOf(taken.map(({ type, name }) => `${type} ${name}`))}`,
        ...(await waysOut(situation, taken)),
      );
    if (unknown.size > 0)
      return advice(
        `${answers.length} names, none is taken as far as can be seen`,
        `Types that the Cloud Control API does not know here: ${[...unknown].sort().join(', ')}.`,
      );
    return wanted.length === 0
      ? 'every name belongs to the stage’s stacks'
      : `${wanted.length} names, none is taken`;
  },
};

export const freeBuckets: PreflightCheck = {
  id: 'names.buckets',
  checks: 'No bucket anywhere has the name of the lake’s, but the stage’s own.',
  source: 'https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html',
  needs: ['account.region'],
  run: async (situation) => {
    const wanted = (await wantedNames(situation)).filter(isBucket);
    const taken: NamedResource[] = [];
    const elsewhere: string[] = [];
    for (const bucket of wanted) {
      const where = await situation.account.bucket(bucket.name);
      if (where === 'here') taken.push(bucket);
      if (where === 'elsewhere') elsewhere.push(bucket.name);
    }
    if (elsewhere.length > 0)
      return failed(
        `belongs to another account, or lies in another region: ${elsewhere.join(', ')}`,
        'Names of buckets are the world’s. Choose another in apps/infra/src/stacks/lake-stack.ts, or ask who owns it.',
      );
    if (taken.length > 0)
      return failed(
        `is there and belongs to no stack of the stage: ${taken.map(({ name }) => name).join(', ')}`,
        ...(await waysOut(situation, taken)),
      );
    return wanted.length === 0
      ? 'the stage’s own'
      : wanted.map(({ name }) => `${name} is free`).join(', ');
  },
};

async function waysOut(
  situation: Situation,
  taken: readonly NamedResource[],
): Promise<readonly string[]> {
  const owners: string[] = [];
  for (const { name, identifier } of taken.slice(0, maxOwnersShown)) {
    const owner =
      (await situation.account.stackOf(name)) ??
      (identifier === name ? undefined : await situation.account.stackOf(identifier));
    owners.push(
      owner === undefined
        ? `${name} belongs to no stack: an earlier stack of the stage kept it, or somebody made it by hand.`
        : `${name} belongs to the stack ${owner}: change its name there, or remove that stack.`,
    );
  }
  return [
    ...owners,
    'What the lake kept when its stack was deleted, bring back under it:',
    `npx nx run infra:deploy-lake --configuration=${situation.stage} -- --import-existing-resources`,
    'Delete what nobody needs.',
  ];
}
