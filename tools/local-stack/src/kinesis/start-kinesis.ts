import { mkdir } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { ensureStreams, type Stream, type StreamSpec } from './ensure-streams';
import { kinesisCaller } from './kinesis-call';

export interface KinesisOptions {
  /** Of the database that holds the streams. One process at a time. */
  readonly folder: string;
  /** 0 takes a free one. */
  readonly port?: number;
  readonly region?: string;
}

export interface LocalKinesis {
  /** Without a trailing slash. */
  readonly url: string;
  /** Makes the streams that are not there; those that are keep their records and shards. */
  ensureStreams(specs: readonly StreamSpec[]): Promise<readonly Stream[]>;
  /** Settles when Kinesis stops: undefined after `close`, the reason where it broke down. */
  readonly stopped: Promise<Error | undefined>;
  /** Answers the requests under way, then closes the database. */
  close(): Promise<void>;
}

/** More than any stack here has. */
const shardLimit = 1000;

/**
 * Runs kinesalite in a thread of its own: it decodes, checks and stores every record, and would take half of
 * the main thread. A thread rather than a process, because it dies with the stack whatever kills that.
 *
 * Plain JavaScript, since a thread can start from text but not from TypeScript.
 */
const threadSource = /* js */ `
  const { parentPort, workerData } = require('node:worker_threads');
  const { Server } = require('node:http');
  const { module, port, options } = workerData;
  const server = require(module)(options);
  server.keepAliveTimeout = 60_000;
  server.on('error', (error) =>
    parentPort.postMessage({ failed: { code: error.code, message: error.message } }));
  server.listen(port, '127.0.0.1', () => parentPort.postMessage({ port: server.address().port }));
  parentPort.on('message', () => {
    // Requests first: kinesalite's own close takes the database away from those under way.
    Server.prototype.close.call(server, () => server.close(() => process.exit(0)));
    server.closeIdleConnections();
  });
`;

type ThreadMessage =
  | { readonly port: number }
  | { readonly failed: { readonly code: string; readonly message: string } };

/**
 * Starts Kinesis on 127.0.0.1, with the records that the folder holds from before. What it acknowledged is
 * there again after `kill -9`.
 *
 * @throws the socket's error, such as EADDRINUSE, and the database's where another process has the folder
 */
export async function startKinesis({
  folder,
  port = 0,
  region = 'us-east-1',
}: KinesisOptions): Promise<LocalKinesis> {
  await mkdir(folder, { recursive: true });
  const worker = new Worker(threadSource, {
    eval: true,
    env: { AWS_REGION: region },
    workerData: {
      module: require.resolve('kinesalite'),
      port,
      options: {
        path: folder,
        shardLimit,
        createStreamMs: 0,
        deleteStreamMs: 0,
        updateStreamMs: 0,
      },
    },
  });
  let isClosing = false;
  let failure: Error | undefined;
  const stopped = new Promise<Error | undefined>((resolve) => {
    worker.once('error', (error) => (failure = error));
    worker.once('exit', (code) => {
      if (!isClosing) failure ??= new Error(`Kinesis stopped with exit code ${code}`);
      resolve(failure);
    });
  });
  const url = await new Promise<string>((resolve, reject) => {
    worker.once('message', (message: ThreadMessage) => {
      if ('port' in message) resolve(`http://127.0.0.1:${message.port}`);
      else {
        reject(Object.assign(new Error(message.failed.message), { code: message.failed.code }));
        void worker.terminate();
      }
    });
    void stopped.then((error) => {
      reject(error ?? new Error('Kinesis stopped'));
    });
  });
  const call = kinesisCaller(url);
  return {
    url,
    stopped,
    ensureStreams: (specs) => ensureStreams(call, specs),
    close: async () => {
      isClosing = true;
      worker.postMessage('close');
      const error = await stopped;
      if (error) throw error;
    },
  };
}
