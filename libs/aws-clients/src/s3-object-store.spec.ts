import { S3ServiceException, type S3Client } from '@aws-sdk/client-s3';
import {
  ObjectsNotDeletedError,
  PreconditionFailedError,
  type ObjectStore,
} from '@sluice/lake-layout';
import { s3ObjectStore } from './s3-object-store';

// What it does with a whole endpoint is tested in local-stack, by the contract of every object store.

interface Sent {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

const storeOver = (answer: (sent: Sent) => unknown): { store: ObjectStore; sent: Sent[] } => {
  const sent: Sent[] = [];
  const send = async (command: { readonly input: Sent['input'] }): Promise<unknown> => {
    const call = { name: command.constructor.name, input: command.input };
    sent.push(call);
    return Promise.resolve(answer(call));
  };
  return {
    store: s3ObjectStore({ client: { send } as unknown as S3Client, bucket: 'lake' }),
    sent,
  };
};

const refusal = (name: string, httpStatusCode: number): S3ServiceException =>
  new S3ServiceException({ name, $fault: 'client', $metadata: { httpStatusCode } });

const refusing = (name: string, status: number): ObjectStore =>
  storeOver(() => {
    throw refusal(name, status);
  }).store;

describe('s3ObjectStore', () => {
  test('asks for exactly the bytes of a range', async () => {
    const { store, sent } = storeOver(() => ({
      Body: { transformToByteArray: () => Promise.resolve(new Uint8Array(3)) },
      ContentRange: 'bytes 2-4/10',
      ETag: '"e"',
    }));
    expect(await store.get('k', { range: { start: 2, end: 5 } })).toMatchObject({ totalBytes: 10 });
    await store.get('k', { range: { last: 8 } });
    expect(sent.map(({ input }) => input['Range'])).toEqual(['bytes=2-4', 'bytes=-8']);
  });

  test('deletes a thousand at a time, and tells what it could not delete after all of them', async () => {
    const failed = { Key: 'k7', Code: 'InternalError', Message: 'try again' };
    let calls = 0;
    const { store, sent } = storeOver(() => (calls++ === 0 ? { Errors: [failed] } : {}));
    const keys = Array.from({ length: 2001 }, (_, i) => `k${i}`);
    const deletion = store.delete(keys);
    await expect(deletion).rejects.toBeInstanceOf(ObjectsNotDeletedError);
    await expect(deletion).rejects.toMatchObject({
      failed: [{ key: 'k7', code: 'InternalError', message: 'try again' }],
      message: expect.stringContaining('k7: InternalError try again'),
    });
    const sizes = sent.map(
      ({ input }) => (input['Delete'] as { Objects: unknown[] }).Objects.length,
    );
    expect(sizes).toEqual([1000, 1000, 1]);
  });

  test('makes no call to delete nothing', async () => {
    const { store, sent } = storeOver(() => ({}));
    await store.delete([]);
    expect(sent).toEqual([]);
  });

  test.each([
    ['PreconditionFailed', 412],
    ['ConditionalRequestConflict', 409],
    ['NoSuchKey', 404],
  ])('takes %s for a condition that does not hold', async (name, status) => {
    const write = refusing(name, status).put('k', new Uint8Array(), { ifMatch: '"e"' });
    await expect(write).rejects.toBeInstanceOf(PreconditionFailedError);
  });

  test.each([
    ['AccessDenied', 403],
    ['NoSuchBucket', 404],
  ])('lets %s through as it is', async (name, status) => {
    await expect(refusing(name, status).get('k')).rejects.toMatchObject({ name });
    await expect(refusing(name, status).put('k', new Uint8Array())).rejects.toMatchObject({ name });
  });
});
