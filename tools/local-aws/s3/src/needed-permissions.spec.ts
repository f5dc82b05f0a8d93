// By the SDK, as a function calls with the credentials of its role.
import {
  AbortMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { permissionCheck, signatureV4, type PolicyStatement } from '@sluice/local-http';
import * as crypto from 'node:crypto';
import { code, credentials, lake, S3UnderTest } from './s3-under-test';

const local = new S3UnderTest();
const role = signatureV4(crypto, credentials).credentialsOf('reader');
const objects = 'arn:aws:s3:::lake/*';

const allow = (Action: string | readonly string[], Resource: string): PolicyStatement => ({
  Effect: 'Allow',
  Action,
  Resource,
});

/** Returns a client of a role with these permissions. */
function clientWith(...statements: readonly PolicyStatement[]): S3Client {
  local.permits = permissionCheck({ reader: statements });
  return local.sdk({ credentials: role });
}

const object = { ...lake, Key: 'a' };
const calls: readonly (readonly [string, string, (client: S3Client) => Promise<unknown>])[] = [
  ['s3:ListAllMyBuckets', '*', (s3) => s3.send(new ListBucketsCommand())],
  ['s3:ListBucket', 'arn:aws:s3:::lake', (s3) => s3.send(new ListObjectsV2Command(lake))],
  ['s3:ListBucket', 'arn:aws:s3:::lake', (s3) => s3.send(new HeadBucketCommand(lake))],
  ['s3:GetObject', objects, (s3) => s3.send(new GetObjectCommand(object))],
  ['s3:GetObject', objects, (s3) => s3.send(new HeadObjectCommand(object))],
  ['s3:PutObject', objects, (s3) => s3.send(new PutObjectCommand({ ...object, Body: 'x' }))],
  ['s3:PutObject', objects, (s3) => s3.send(new CreateMultipartUploadCommand(object))],
  ['s3:DeleteObject', objects, (s3) => s3.send(new DeleteObjectCommand(object))],
  [
    's3:ListBucketMultipartUploads',
    'arn:aws:s3:::lake',
    (s3) => s3.send(new ListMultipartUploadsCommand(lake)),
  ],
];

describe('a role', () => {
  test.each(calls)('needs %s on %s', async (action, resource, call) => {
    await local.put('a', 'x');
    expect(await code(call(clientWith(allow(action, resource))))).toBe('none');
    // A HEAD has no body that could say more than its status.
    expect(await code(call(clientWith(allow('s3:GetObjectAcl', '*'))))).toMatch(
      /^(AccessDenied|403|Forbidden|Unknown)/,
    );
  });

  test('reads the source of a copy and writes its target', async () => {
    await local.put('a', 'x');
    const copy = new CopyObjectCommand({ ...lake, Key: 'b', CopySource: 'lake/a' });
    const write = allow('s3:PutObject', 'arn:aws:s3:::lake/b');
    expect(await code(clientWith(write).send(copy))).toBe('AccessDenied');
    const both = clientWith(write, allow('s3:GetObject', 'arn:aws:s3:::lake/a'));
    expect(await code(both.send(copy))).toBe('none');
  });

  test('deletes those keys of many that it may delete', async () => {
    for (const key of ['mine/a', 'other/a']) await local.put(key, 'x');
    const Delete = { Objects: [{ Key: 'mine/a' }, { Key: 'other/a' }] };
    const { Deleted, Errors } = await clientWith(
      allow('s3:DeleteObject', 'arn:aws:s3:::lake/mine/*'),
    ).send(new DeleteObjectsCommand({ ...lake, Delete }));
    expect(Deleted).toEqual([{ Key: 'mine/a' }]);
    expect(Errors).toMatchObject([{ Key: 'other/a', Code: 'AccessDenied' }]);
  });

  test('reads what it replaces by its ETag, but not what it only creates', async () => {
    const { ETag } = await local.put('a', 'x');
    const put = (condition: object) =>
      code(
        clientWith(allow('s3:PutObject', objects)).send(
          new PutObjectCommand({ ...object, Body: 'y', ...condition }),
        ),
      );
    expect(await put({ IfMatch: ETag })).toBe('AccessDenied');
    expect(await put({ IfNoneMatch: '*' })).toBe('PreconditionFailed');
  });

  test('is told that a key is missing only if it may list the bucket', async () => {
    const get = allow('s3:GetObject', objects);
    const missing = new GetObjectCommand({ ...lake, Key: 'missing' });
    expect(await code(clientWith(get).send(missing))).toBe('AccessDenied');
    const both = clientWith(get, allow('s3:ListBucket', 'arn:aws:s3:::lake'));
    expect(await code(both.send(missing))).toBe('NoSuchKey');
  });

  test('aborts an upload only if it may', async () => {
    const { UploadId } = await local.client.send(new CreateMultipartUploadCommand(object));
    const abort = new AbortMultipartUploadCommand({ ...object, UploadId });
    expect(await code(clientWith(allow('s3:PutObject', objects)).send(abort))).toBe('AccessDenied');
    const allowed = clientWith(allow('s3:AbortMultipartUpload', objects));
    expect(await code(allowed.send(abort))).toBe('none');
  });
});
