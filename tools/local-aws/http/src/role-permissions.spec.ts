import { runInThisContext } from 'node:vm';
import { permissionCheck } from './role-permissions';

const bucket = 'arn:aws:s3:::lake';
const check = permissionCheck({
  reader: [
    { Effect: 'Allow', Action: 's3:ListBucket', Resource: bucket },
    { Effect: 'Allow', Action: ['s3:Get*'], Resource: [`${bucket}/*/raw/*`, `${bucket}/a.b/?`] },
  ],
  careful: [
    { Effect: 'Allow', Action: '*', Resource: '*' },
    { Effect: 'Deny', Action: 's3:DeleteObject', Resource: `${bucket}/kept/*` },
    { Effect: 'Deny', Action: 's3:*', Resource: '*', Condition: { Bool: {} } },
  ],
  but: [{ Effect: 'Allow', NotAction: 's3:Delete*', NotResource: `${bucket}/kept/*` }],
});

describe('a role', () => {
  test.each([
    ['s3:ListBucket', bucket],
    ['s3:listbucket', bucket],
    ['s3:GetObject', `${bucket}/clicks/raw/dt=2026-11-27/a/b.parquet`],
    ['s3:GetObject', `${bucket}/a.b/c`],
    // The request does not show on what.
    ['s3:GetObject', undefined],
  ])('may do what a statement allows: %s on %s', (action, resource) => {
    expect(check('reader', action, resource)).toBeUndefined();
  });

  test.each([
    ['s3:PutObject', `${bucket}/clicks/raw/a`],
    ['s3:ListBucket', `${bucket}-2`],
    ['s3:ListBucket', `${bucket}/`],
    ['s3:GetObject', `${bucket}/raw/a`],
    ['s3:GetObject', `${bucket}/aXb/c`],
    ['s3:GetObject', `${bucket}/a.b/cc`],
    ['s3:PutObject', undefined],
  ])('may not do what none allows: %s on %s', (action, resource) => {
    expect(check('reader', action, resource)).toMatch(
      new RegExp(
        `^reader is not authorized to perform: ${action}.* because no identity-based policy`,
      ),
    );
  });

  test('may not do what a statement denies', () => {
    expect(check('careful', 's3:DeleteObject', `${bucket}/other`)).toBeUndefined();
    expect(check('careful', 's3:DeleteObject', `${bucket}/kept/a`)).toMatch(/explicit deny/);
  });

  test('may do what a statement does not leave out', () => {
    expect(check('but', 's3:GetObject', `${bucket}/other`)).toBeUndefined();
    for (const [action, key] of [
      ['s3:GetObject', 'kept/a'],
      ['s3:DeleteObject', 'other'],
    ] as const)
      expect(check('but', action, `${bucket}/${key}`)).toMatch(/no identity-based policy/);
  });

  test('without policies may do nothing', () => {
    for (const role of ['nobody', 'constructor'])
      expect(check(role, 's3:ListBucket', bucket)).toMatch(/is not authorized/);
  });

  test('is checked in a thread that starts from text', () => {
    const inThread = runInThisContext(`(${permissionCheck.toString()})`) as typeof permissionCheck;
    expect(inThread({})('nobody', 's3:ListBucket', bucket)).toMatch(/is not authorized/);
  });
});
