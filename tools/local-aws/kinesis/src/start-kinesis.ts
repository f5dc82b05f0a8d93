import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { ensureStreams, maxRetentionHours, type Stream, type StreamSpec } from './ensure-streams';
import type { RolePolicies, SigningCredentials } from '@sluice/local-http';
import { kinesisCaller, type KinesisCall } from './kinesis-call';
import {
  kinesisThreadSource,
  type FromKinesisThread,
  type KinesisThreadData,
  type ToKinesisThread,
} from './kinesis-thread-source';

/** Error for a database of the streams that can't be used; the message is meant for a person. */
export class StreamStoreError extends Error {
  override readonly name = 'StreamStoreError';
}

export interface KinesisOptions {
  /** Folder of the database that holds the streams. Only one process may use it at a time. */
  readonly folder: string;
  /** Port to listen at. @default 0, which takes a free one */
  readonly port?: number;
  /** Credentials with which requests must be signed. */
  readonly credentials: SigningCredentials;
  /** Origins whose pages may call. @default none */
  readonly allowedOrigins?: readonly string[];
  /**
   * Free disk space in bytes below which records are refused.
   *
   * @default 32 MiB: twice what LevelDB writes at a time, and a request
   */
  readonly minFreeBytes?: number;
  /**
   * Milliseconds after which the bytes of trimmed records leave the files, twice that at most; the rest leaves at
   * `close`.
   *
   * @default a minute
   */
  readonly mergeAfterMs?: number;
  /**
   * Called with a sentence for the user: at most once a minute while records are refused, and where bytes of trimmed
   * records stay in the files. @default ignores it
   */
  readonly warn?: (sentence: string) => void;
}

export interface ShardPosition {
  readonly stream: string;
  readonly shardId: string;
  /** Sequence number, inclusive. */
  readonly upTo: string;
  /** Sequence numbers of the records to keep, in ascending order. @default none */
  readonly keep?: readonly string[];
}

export interface LocalKinesis {
  /** URL of the endpoint, without a trailing slash. */
  readonly url: string;
  /** Calls Kinesis with signed requests. */
  readonly call: KinesisCall;
  /**
   * Sets the permissions of roles, whose credentials derive from those of the endpoint. They take effect when the
   * promise is fulfilled; until the first call, roles may do nothing.
   */
  permit(policies: RolePolicies): Promise<void>;
  /** Creates the streams that do not exist. Existing ones keep their records and shards. */
  ensureStreams(specs: readonly StreamSpec[]): Promise<readonly Stream[]>;
  /**
   * Drops the records of a shard up to a position, when nothing needs them any more. Their bytes leave the files of the
   * database later: see `mergeAfterMs`.
   */
  trim(position: ShardPosition): Promise<void>;
  /** Resolves when Kinesis stops: to undefined after `close`, to the error where it broke down. */
  readonly stopped: Promise<Error | undefined>;
  /** Answers the current requests, then closes the database. */
  close(): Promise<void>;
}

/** Largest size of the data in one answer, in bytes. Source: Kinesis API reference, GetRecords. */
const maxAnswerBytes = 10 << 20;

/** Largest number of shards in the account, more than any stack here has. */
const shardLimit = 1000;

/**
 * Starts kinesalite on 127.0.0.1, with the records that the folder holds from before. Records that it acknowledged
 * survive `kill -9`.
 *
 * It runs in a separate thread, because it decodes, checks and stores every record, which would take half of the main
 * thread. It is a thread rather than a process so that it ends with the stack, whatever kills that.
 *
 * @throws the socket's error, such as EADDRINUSE, and the database's error where another process holds the folder
 */
export async function startKinesis({
  folder,
  port = 0,
  credentials,
  allowedOrigins = [],
  minFreeBytes = 32 << 20,
  mergeAfterMs = 60_000,
  warn = () => undefined,
}: KinesisOptions): Promise<LocalKinesis> {
  await mkdir(folder, { recursive: true });
  // LevelDB merges files in its own thread, which outlives the Kinesis thread. Node unloads a native module with the
  // last JavaScript thread that loaded it, and LevelDB's thread would then run unloaded code.
  createRequire(require.resolve('kinesalite/db'))('leveldown');
  const workerData: KinesisThreadData = {
    modules: {
      server: require.resolve('kinesalite'),
      db: require.resolve('kinesalite/db'),
      retentionLimits: require.resolve('kinesalite/validations/increaseStreamRetentionPeriod'),
      validations: require.resolve('kinesalite/validations'),
      getShardIterator: require.resolve('kinesalite/actions/getShardIterator'),
    },
    port,
    options: { path: folder, shardLimit, createStreamMs: 0, deleteStreamMs: 0, updateStreamMs: 0 },
    maxAnswerBytes,
    maxRetentionHours,
    minFreeBytes,
    mergeAfterMs,
    // Only these two members, because the data are copied to the thread.
    credentials: {
      accessKeyId: credentials.accessKeyId,
      secretAccessKey: credentials.secretAccessKey,
    },
    allowedOrigins,
  };
  const worker = new Worker(kinesisThreadSource, {
    eval: true,
    env: { AWS_REGION: 'us-east-1' },
    workerData,
  });
  const tell = (message: ToKinesisThread): void => worker.postMessage(message);
  let isClosing = false;
  let failure: Error | undefined;
  const stopped = new Promise<Error | undefined>((resolve) => {
    // A thread that runs out of memory can't report that itself.
    worker.once('error', (error) => (failure ??= error));
    worker.once('exit', (code) => {
      if (!isClosing) failure ??= new Error(`Kinesis stopped with exit code ${code}`);
      resolve(failure);
    });
  });

  const asked = new Map<number, (error?: Error) => void>();
  let asks = 0;
  /** Sends a request to the thread, and waits until it is done. */
  const ask = (messageOf: (id: number) => ToKinesisThread): Promise<void> =>
    new Promise((resolve, reject) => {
      const id = asks++;
      asked.set(id, (error) => {
        asked.delete(id);
        if (error) reject(error);
        else resolve();
      });
      tell(messageOf(id));
    });
  const url = await new Promise<string>((resolve, reject) => {
    worker.on('message', (message: FromKinesisThread) => {
      switch (message.type) {
        case 'listening':
          resolve(`http://127.0.0.1:${message.port}`);
          break;
        case 'refused':
          reject(Object.assign(new Error(message.message), { code: message.code }));
          void worker.terminate();
          break;
        case 'broken':
          failure = new StreamStoreError(brokenText(folder, message.message));
          break;
        case 'warning':
          warn(message.message);
          break;
        case 'done':
          asked.get(message.id)?.(
            message.error === undefined ? undefined : new Error(message.error),
          );
      }
    });
    void stopped.then((error) => {
      const reason = error ?? new Error('Kinesis is stopped');
      reject(reason);
      for (const settle of asked.values()) settle(reason);
    });
  });

  const call = kinesisCaller(url, credentials);
  return {
    url,
    call,
    stopped,
    permit: (policies) => ask((id) => ({ type: 'permit', id, policies })),
    ensureStreams: (specs) => ensureStreams(call, specs),
    trim: (position) => ask((id) => ({ type: 'trim', id, keep: [], ...position })),
    close: async () => {
      isClosing = true;
      tell({ type: 'close' });
      const error = await stopped;
      if (error) throw error;
    },
  };
}

/** Explains an error of LevelDB to the user, together with its own message. */
function brokenText(folder: string, message: string): string {
  const advice = /lock/i.test(message)
    ? 'another process is using it: stop that process, or choose another --data-dir'
    : /no space|ENOSPC/i.test(message)
      ? 'the disk is full: free some space and start again; what was acknowledged is kept'
      : /corruption/i.test(message)
        ? 'its files are damaged: start again, which moves what can be read into new ones'
        : undefined;
  return `Kinesis over ${folder} broke down: ${message}${advice === undefined ? '' : ` (${advice})`}`;
}
