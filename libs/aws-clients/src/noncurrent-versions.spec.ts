import { S3ServiceException, type S3Client } from '@aws-sdk/client-s3';
import { s3NoncurrentVersions } from './noncurrent-versions';

const over = (answer: (name: string, input: Record<string, unknown>) => unknown) =>
  s3NoncurrentVersions({
    bucket: 'lake',
    client: {
      send: (command: { readonly input: Record<string, unknown> }) =>
        new Promise((resolve) => resolve(answer(command.constructor.name, command.input))),
    } as unknown as S3Client,
  });

test('what is not current goes page by page, and no current version or mark of deletion does', async () => {
  const asked: unknown[] = [];
  const versions = over((name, input) => {
    asked.push(input);
    if (name === 'DeleteObjectsCommand') return {};
    return input['KeyMarker'] === undefined
      ? {
          Versions: [
            { Key: 'a', VersionId: '2', IsLatest: true },
            { Key: 'a', VersionId: '1', IsLatest: false },
          ],
          DeleteMarkers: [{ Key: 'b', VersionId: '4', IsLatest: true }],
          ...{ IsTruncated: true, NextKeyMarker: 'b', NextVersionIdMarker: '4' },
        }
      : {
          Versions: [{ Key: 'b', VersionId: '3', IsLatest: false }],
          DeleteMarkers: [{ Key: 'b', VersionId: '2', IsLatest: false }],
        };
  });
  expect(await versions.delete('order/raw/')).toBe(3);
  const deleted = (...Objects: object[]) => ({ Bucket: 'lake', Delete: { Objects, Quiet: true } });
  expect(asked).toEqual([
    { Bucket: 'lake', Prefix: 'order/raw/' },
    deleted({ Key: 'a', VersionId: '1' }),
    { Bucket: 'lake', Prefix: 'order/raw/', KeyMarker: 'b', VersionIdMarker: '4' },
    deleted({ Key: 'b', VersionId: '3' }, { Key: 'b', VersionId: '2' }),
  ]);
});

test('a version that is not deleted is an error, and an endpoint without versions has none', async () => {
  const refused = over((name) =>
    name === 'DeleteObjectsCommand'
      ? { Errors: [{ Key: 'a', Code: 'AccessDenied', Message: 'no' }] }
      : { Versions: [{ Key: 'a', VersionId: '1', IsLatest: false }] },
  );
  await expect(refused.delete('')).rejects.toThrow('AccessDenied');
  const refusing = (name: string) =>
    over(() => {
      throw new S3ServiceException({ name, $fault: 'server', $metadata: {} });
    });
  expect(await refusing('NotImplemented').delete('')).toBe(0);
  await expect(refusing('AccessDenied').delete('')).rejects.toThrow();
});
