import { join } from 'node:path';
import { assembly, stackIds } from '../testing/preflight-under-test';
import { AssemblyError, deploymentNeeds, needsIn, type DeploymentNeeds } from './deployment-needs';

const needs: DeploymentNeeds = deploymentNeeds(assembly);

test('stacks come after those that they depend on', () => {
  const ids = needs.stacks.map(({ id }) => id);
  expect(ids[0]).toBe('Lake');
  expect([...ids].sort()).toEqual([...stackIds()].sort());
  expect(ids.indexOf('FirehoseTransformer')).toBeLessThan(ids.indexOf('Analytics'));
  expect(ids.indexOf('FirehoseTransformer')).toBeLessThan(ids.indexOf('IngestGateway'));
  expect(needs.stacks[0]).toEqual({
    id: 'Lake',
    name: 'sluice-dev-lake',
    isProtectedOnceComplete: true,
    readsParameters: [],
  });
  // The apps' stacks read what the lake's says; the console also where the APIs are.
  for (const { id, readsParameters } of needs.stacks.slice(1)) {
    const from = id === 'Console' ? '/sluice/dev/apis/' : '/sluice/dev/lake/';
    expect([id, readsParameters.filter((name) => !name.startsWith(from))]).toEqual([id, []]);
  }
});

test('what the templates ask of an account is counted', () => {
  expect(needs.bootstrap).toMatchObject({
    parameter: '/cdk-bootstrap/hnb659fds/version',
    version: 6,
  });
  expect(needs.functions).toEqual({
    largest: { name: 'sluice-dev-compact', memoryMegabytes: 2_048 },
    reserved: [],
  });
  expect(needs.streams).toEqual(
    expect.arrayContaining([{ name: 'sluice-dev-match_event', shards: 1, isOnDemand: false }]),
  );
  expect(needs.streams).toHaveLength(3);
  expect(needs.deliveryStreams.toSorted()).toEqual([
    'sluice-dev-contract',
    'sluice-dev-match_event',
    'sluice-dev-product_event',
  ]);
  expect(needs.throttles.map(({ plan, requestsPerSecond }) => [plan, requestsPerSecond])).toEqual(
    expect.arrayContaining([['sluice-dev-ingest', 5_000]]),
  );
  expect(needs.setsApiGatewayRole).toBe(true);
  expect(needs.databases).toEqual(['sluice_dev']);
});

test('names and roles are those of the place', () => {
  const place = { account: '111122223333', region: 'cn-north-1', partition: 'aws-cn' };
  const { bootstrap, named } = needsIn(needs, place);
  expect(bootstrap.roleArns).toEqual([
    'arn:aws-cn:iam::111122223333:role/cdk-hnb659fds-deploy-role-111122223333-cn-north-1',
    'arn:aws-cn:iam::111122223333:role/cdk-hnb659fds-file-publishing-role-111122223333-cn-north-1',
  ]);
  const identifierOf = (type: string): string | undefined =>
    named.find((resource) => resource.type === type)?.identifier;
  expect(identifierOf('AWS::S3::Bucket')).toBe('sluice-dev-lake-111122223333-cn-north-1');
  expect(identifierOf('AWS::SQS::Queue')).toMatch(
    /^https:\/\/sqs\.cn-north-1\.amazonaws\.com\.cn\/111122223333\/sluice-dev-/,
  );
  expect(identifierOf('AWS::SNS::Topic')).toBe(
    'arn:aws-cn:sns:cn-north-1:111122223333:sluice-dev-alarms',
  );
  expect(JSON.stringify(named)).not.toContain('${');
  // Two APIs may have one name.
  expect(identifierOf('AWS::ApiGateway::RestApi')).toBeUndefined();
});

test('an assembly that is not there is missed with the command that makes it', () =>
  expect(() => deploymentNeeds(join(assembly, 'nothing'))).toThrow(AssemblyError));
