import { workspaceRoot } from '@sluice/infra/synthesise';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checks } from './checks';
import { preflight } from './preflight';
import { fakeAccount, newAccount } from './testing/fake-account';
import {
  assembly,
  error,
  lakeIn,
  logsRole,
  notPassed,
  preflightUnderTest,
  rejecting,
  stackIds,
} from './testing/preflight-under-test';

const { folder, run } = preflightUnderTest();

test('all is well in an account that has room, and nothing stays', async () => {
  const account = fakeAccount();
  const { code, results, text } = await run(account);
  expect(notPassed(results)).toEqual([]);
  expect(results.filter(({ status }) => status === 'skipped').map(({ id }) => id)).toEqual([
    'change-sets.apps',
  ]);
  expect(code).toBe(0);
  expect(account.trials.map(({ stackId }) => stackId)).toEqual(['Lake']);
  expect([...account.left]).toEqual([]);
  expect(text.trimEnd().split('\n').at(-1)).toMatch(
    /^\{"passed":17,"failed":0,"advice":0,"skipped":1,"seconds":[\d.]+\}$/,
  );
});

test('where the lake is deployed, every stack is tried, each as it is protected now', async () => {
  const complete = { status: 'UPDATE_COMPLETE', reason: undefined, isProtected: true };
  const account = fakeAccount(
    { parameter: () => Promise.resolve('33') },
    { 'sluice-dev-lake': complete },
  );
  const { results } = await run(account, '--only', 'change-sets');
  expect(notPassed(results)).toEqual([]);
  const tried = Object.fromEntries(
    account.trials.map(({ stackId, isProtected }) => [stackId, isProtected]),
  );
  expect(tried).toEqual(Object.fromEntries(stackIds().map((id) => [id, id === 'Lake'])));
  expect(account.trials).toHaveLength(stackIds().length);
  expect([...account.left]).toEqual([]);
});

test('where the APIs are not deployed yet, the console, which reads where they are, is not tried', async () => {
  const account = fakeAccount({
    parameter: (name) => Promise.resolve(name.includes('/apis/') ? undefined : '33'),
  });
  const { results } = await run(account, '--only', 'change-sets');
  expect(notPassed(results)).toEqual([]);
  const tried = account.trials.map(({ stackId }) => stackId);
  expect(tried).toContain('IngestGateway');
  expect(tried).not.toContain('Console');
});

test('what may not be looked at stops nothing', async () => {
  const { code, results } = await run(
    fakeAccount({
      streamLimits: rejecting(
        error('AccessDeniedException', 'not authorized to perform: kinesis:DescribeLimits'),
      ),
    }),
  );
  expect(notPassed(results).map(({ id, status }) => [id, status])).toEqual([
    ['kinesis.shards', 'advice'],
  ]);
  expect(code).toBe(0);
});

test('what the stage owns is no clash and needs no more room', async () => {
  const complete = { status: 'UPDATE_COMPLETE', reason: undefined, isProtected: true };
  const account = fakeAccount(
    {
      stackResources: () =>
        Promise.resolve([
          { type: 'AWS::Kinesis::Stream', physicalId: 'sluice-dev-contract' },
          { type: 'AWS::S3::Bucket', physicalId: 'sluice-dev-lake-111122223333-eu-central-1' },
          { type: 'AWS::IAM::Role', physicalId: 'ours' },
        ]),
      hasResource: (type, identifier) =>
        Promise.resolve(type === 'AWS::Kinesis::Stream' && identifier === 'sluice-dev-contract'),
      bucket: () => Promise.resolve('here'),
      ...logsRole('arn:aws:iam::111122223333:role/ours', ['shop']),
    },
    { 'sluice-dev-lake': complete },
  );
  const { results } = await run(account, '--only', 'names,kinesis,api-gateway');
  expect(notPassed(results)).toEqual([]);
  expect(results.find(({ id }) => id === 'kinesis.shards')?.observed).toBe(
    '0 of 200 are open, 2 more are needed',
  );
});

test('a stack that CDK would delete is not tried', async () => {
  const account = lakeIn({ status: 'ROLLBACK_COMPLETE' });
  const { results } = await run(account, '--only', 'change-sets.lake');
  expect(account.trials).toEqual([]);
  expect(results.at(-1)?.observed).toBe('sluice-dev-lake: not tried, it is ROLLBACK_COMPLETE');
});

test('no change set is made where none may be', async () => {
  const account = fakeAccount();
  const { results } = await run(account, '--no-change-sets');
  expect(account.trials).toEqual([]);
  expect(results.find(({ id }) => id === 'change-sets.lake')?.observed).toBe('--no-change-sets');
});

describe('the command', () => {
  const command = async (...args: readonly string[]) => {
    let stdout = '';
    let stderr = '';
    const code = await preflight(
      {
        args,
        stdout: { write: (text) => (stdout += text) },
        stderr: { write: (text) => (stderr += text) },
      },
      () => fakeAccount(),
    );
    return { code, stdout, stderr };
  };

  test('lists its checks', async () => {
    const { code, stdout } = await command('--list');
    expect(code).toBe(0);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' ')[0]),
    ).toEqual(checks.map(({ id }) => id));
  });

  test('ends with 2 where it could not look', async () => {
    expect(await command('--assembly', join(folder, 'nothing'))).toEqual({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('npx nx run infra:synth') as string,
    });
    expect((await command('--assembly', assembly, '--only', 'nothing')).code).toBe(2);
    expect((await command('--nothing')).code).toBe(2);
  });

  test('prints JSON alone where it is asked for', async () => {
    const { stdout } = await command('--assembly', assembly, '--json', '--only', 'account');
    expect(JSON.parse(stdout)).toMatchObject({ passed: 4, failed: 0, stage: 'dev' });
  });
});

test('a new account is told of the bootstrap and of its few functions, and of nothing else', async () => {
  const { code, results, text } = await run(newAccount());
  // The guide shows it.
  const guide = readFileSync(join(workspaceRoot(), 'docs/guides/deploy-from-zero.md'), 'utf8');
  const toDo = text.slice(text.indexOf('failed account.bootstrap'), text.lastIndexOf('{')).trim();
  expect(guide).toContain(`\`\`\`text\n${toDo}\n\`\`\``);
  expect(notPassed(results).map(({ id, status }) => `${status} ${id}`)).toEqual([
    'failed account.bootstrap',
    'advice lambda.delivery-concurrency',
  ]);
  expect(code).toBe(1);
});
