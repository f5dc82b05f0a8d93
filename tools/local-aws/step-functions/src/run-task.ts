import {
  CopyObjectCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3ServiceException,
  type S3Client,
} from '@aws-sdk/client-s3';
import { ServiceError } from '@sluice/local-http';
import type { RunRoleTask } from './executions';
import { StateError } from './state-error';

type Input = Readonly<Record<string, unknown>>;

type Integration = (input: Input, signal: AbortSignal, s3: S3Client) => Promise<unknown>;

/** The operations of Athena that its integrations use. Queries are described with their times in milliseconds. */
export interface AthenaTasks {
  /** Starts a query. @returns the id of its execution */
  start(input: Input): string;
  describe(id: string): object;
  results(input: Input): Promise<object>;
  /** Resolves when the query has ended. */
  finished(id: string): Promise<{ readonly isSuccess: boolean; readonly description: object }>;
  stop(id: string): void;
}

/** Returns a function that carries out Tasks: the service integrations that the joins' state machines use. */
export function taskRunner({
  athena,
  s3Of,
}: {
  readonly athena: AthenaTasks;
  /** Returns the client by which state machines with a role call S3. */
  readonly s3Of: (roleArn: string) => S3Client;
}): RunRoleTask {
  const integrations: Readonly<Record<string, Integration>> = {
    'athena:startQueryExecution': (input) =>
      Promise.resolve({ QueryExecutionId: athena.start(input) }),
    'athena:startQueryExecution.sync': (input, signal) => runQuery(athena, input, signal),
    'athena:getQueryExecution': (input) =>
      Promise.resolve({ QueryExecution: athena.describe(String(input['QueryExecutionId'])) }),
    'athena:getQueryResults': (input) => athena.results(input),
    'aws-sdk:s3:listObjectsV2': (input, abortSignal, s3) =>
      s3.send(new ListObjectsV2Command(input as never), { abortSignal }),
    // In the state machine a text is JSON text with quotes, and it is written like that.
    'aws-sdk:s3:putObject': (input, abortSignal, s3) =>
      s3.send(new PutObjectCommand({ ...input, Body: JSON.stringify(input['Body']) } as never), {
        abortSignal,
      }),
    'aws-sdk:s3:copyObject': (input, abortSignal, s3) =>
      s3.send(new CopyObjectCommand(input as never), { abortSignal }),
    'aws-sdk:s3:deleteObject': (input, abortSignal, s3) =>
      s3.send(new DeleteObjectCommand(input as never), { abortSignal }),
  };
  return async (resource, args, signal, roleArn) => {
    const name = resource.replace(/^arn:aws:states:[^:]*:[^:]*:/, '');
    const integration = integrations[name];
    if (!integration)
      throw new StateError('States.Runtime', `the resource ${resource} is not known here`);
    try {
      return asJson(await integration(args as Input, signal, s3Of(roleArn)));
    } catch (error) {
      throw namedError(error);
    }
  };
}

/** Starts a query and waits for its end. A query that does not succeed fails the task. */
async function runQuery(athena: AthenaTasks, input: Input, signal: AbortSignal): Promise<unknown> {
  const id = athena.start(input);
  const stop = (): void => athena.stop(id);
  signal.addEventListener('abort', stop);
  const { isSuccess, description } = await athena.finished(id).finally(() => {
    signal.removeEventListener('abort', stop);
  });
  const output = { QueryExecution: description };
  if (!isSuccess) throw new StateError('States.TaskFailed', JSON.stringify(output));
  return output;
}

/** Removes the members that only the SDK adds. */
const asJson = (result: unknown): unknown =>
  JSON.parse(JSON.stringify({ ...(result as object), $metadata: undefined })) as unknown;

/** Names an error as a service integration does. Source: developer guide, "Integrating with AWS SDK". */
function namedError(error: unknown): unknown {
  if (error instanceof ServiceError) return new StateError(`Athena.${error.code}`, error.message);
  if (error instanceof S3ServiceException) {
    const name = error.name.endsWith('Exception') ? error.name : `${error.name}Exception`;
    const known = ['NoSuchKeyException', 'NoSuchBucketException', 'NoSuchUploadException'];
    return new StateError(`S3.${known.includes(name) ? name : 'S3Exception'}`, error.message);
  }
  if (error instanceof StateError || !(error instanceof Error)) return error;
  return new StateError('S3.SdkClientException', error.message);
}
