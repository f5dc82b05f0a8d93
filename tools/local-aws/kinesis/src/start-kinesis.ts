import { mkdir } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { ensureStreams, maxRetentionHours, type Stream, type StreamSpec } from './ensure-streams';
import type { SigningCredentials } from '@sluice/local-http';
import { kinesisCaller, type KinesisCall } from './kinesis-call';
import {
  kinesisThreadSource,
  type FromKinesisThread,
  type KinesisThreadData,
  type ToKinesisThread,
} from './kinesis-thread-source';

/** The database of the streams can't be used; the message is for a person. */
export class StreamStoreError extends Error {
  override readonly name = 'StreamStoreError';
}

export interface KinesisOptions {
  /** Folder of the database that holds the streams, for one process at a time. */
  readonly folder: string;
  /** 0 takes a free one. */
  readonly port?: number;
  readonly region?: string;
  /** Key that requests are signed with. */
  readonly credentials: SigningCredentials;
  /** Origins whose pages may call; none by default. */
  readonly allowedOrigins?: readonly string[];
  /** Room on the disk below which records are refused. @default 32 MiB: twice what LevelDB writes at a time, and a request */
  readonly minFreeBytes?: number;
}

export interface ShardPosition {
  readonly stream: string;
  readonly shardId: string;
  /** A sequence number, inclusive. */
  readonly upTo: string;
  /** Sequence numbers of records that stay, in ascending order. @default none */
  readonly keep?: readonly string[];
}

export interface LocalKinesis {
  /** Without a trailing slash. */
  readonly url: string;
  /** Calls it, signed. */
  readonly call: KinesisCall;
  /** Makes the streams that are not there; those that are keep their records and shards. */
  ensureStreams(specs: readonly StreamSpec[]): Promise<readonly Stream[]>;
  /** Drops the records of a shard up to a place: nobody needs them any more. */
  trim(position: ShardPosition): Promise<void>;
  /** Settles when Kinesis stops: undefined after `close`, the reason where it broke down. */
  readonly stopped: Promise<Error | undefined>;
  /** Answers the requests under way, then closes the database. */
  close(): Promise<void>;
}

/** Source: Kinesis API reference, GetRecords. */
const maxAnswerBytes = 10 << 20;

/** Shards of an account; more than any stack here has. */
const shardLimit = 1000;

/**
 * Starts kinesalite on 127.0.0.1, with the records that the folder holds from before. What it acknowledged is
 * there again after `kill -9`.
 *
 * It runs in a thread of its own: it decodes, checks and stores every record, and would take half of the
 * main thread. A thread rather than a process, because it dies with the stack, whatever kills that.
 *
 * @throws the socket's error, such as EADDRINUSE, and the database's where another process holds the folder
 */
export async function startKinesis({
  folder,
  port = 0,
  region = 'us-east-1',
  credentials,
  allowedOrigins = [],
  minFreeBytes = 32 << 20,
}: KinesisOptions): Promise<LocalKinesis> {
  await mkdir(folder, { recursive: true });
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
    // No more of them than these two: the data are copied to the thread.
    credentials: {
      accessKeyId: credentials.accessKeyId,
      secretAccessKey: credentials.secretAccessKey,
    },
    allowedOrigins,
  };
  const worker = new Worker(kinesisThreadSource, {
    eval: true,
    env: { AWS_REGION: region },
    workerData,
  });
  const tell = (message: ToKinesisThread): void => worker.postMessage(message);
  let isClosing = false;
  let failure: Error | undefined;
  const stopped = new Promise<Error | undefined>((resolve) => {
    // A thread that runs out of memory can't say so itself.
    worker.once('error', (error) => (failure ??= error));
    worker.once('exit', (code) => {
      if (!isClosing) failure ??= new Error(`Kinesis stopped with exit code ${code}`);
      resolve(failure);
    });
  });

  const trims = new Map<number, (error?: Error) => void>();
  let trimsAsked = 0;
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
        case 'trimmed':
          trims.get(message.id)?.(
            message.error === undefined ? undefined : new Error(message.error),
          );
      }
    });
    void stopped.then((error) => {
      const reason = error ?? new Error('Kinesis is stopped');
      reject(reason);
      for (const settle of trims.values()) settle(reason);
    });
  });

  const call = kinesisCaller(url, credentials);
  return {
    url,
    call,
    stopped,
    ensureStreams: (specs) => ensureStreams(call, specs),
    trim: (position) =>
      new Promise((resolve, reject) => {
        const id = trimsAsked++;
        trims.set(id, (error) => {
          trims.delete(id);
          if (error) reject(error);
          else resolve();
        });
        tell({ type: 'trim', id, keep: [], ...position });
      }),
    close: async () => {
      isClosing = true;
      tell({ type: 'close' });
      const error = await stopped;
      if (error) throw error;
    },
  };
}

/** Returns LevelDB's own words with what they mean for the person who reads them. */
function brokenText(folder: string, message: string): string {
  const advice = /lock/i.test(message)
    ? 'another process works on it: stop that one, or take another --data-dir'
    : /no space|ENOSPC/i.test(message)
      ? 'the disk is full: free some space and start again; what was acknowledged is kept'
      : /corruption/i.test(message)
        ? 'its files are damaged: start again, which moves what can be read into new ones'
        : undefined;
  return `Kinesis over ${folder} broke down: ${message}${advice === undefined ? '' : ` (${advice})`}`;
}
