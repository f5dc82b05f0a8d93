import { fastHashKey, fastParseSequence, fastStringifySequence } from './sequence-numbers';

export interface KinesisThreadData {
  /** Files of kinesalite's modules. */
  readonly modules: {
    readonly server: string;
    readonly db: string;
    readonly retentionLimits: string;
  };
  readonly port: number;
  /** Kinesalite's own. */
  readonly options: Readonly<Record<string, string | number>>;
  /** Of data in one answer of GetRecords; a single record may be larger. */
  readonly maxAnswerBytes: number;
  readonly maxRetentionHours: number;
}

export type ToKinesisThread =
  | { readonly type: 'close' }
  | {
      readonly type: 'trim';
      readonly id: number;
      readonly stream: string;
      readonly shardId: string;
      readonly upTo: string;
    };

export type FromKinesisThread =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'refused'; readonly code: string; readonly message: string }
  | { readonly type: 'broken'; readonly message: string }
  | { readonly type: 'trimmed'; readonly id: number; readonly error?: string };

/**
 * What runs in Kinesis' thread. Plain JavaScript, since a thread can start from text but not from TypeScript.
 *
 * It differs from kinesalite as it comes in four things: sequence numbers are computed faster; an answer
 * holds no more than so many bytes, and streams may keep records longer than a week, both as in Kinesis
 * itself; and delivered records can be dropped, where kinesalite drops old ones only when somebody reads
 * them again.
 */
export const kinesisThreadSource = /* js */ `
  const { createHash } = require('node:crypto');
  const { Server } = require('node:http');
  const { parentPort, workerData } = require('node:worker_threads');
  const { modules, port, options, maxAnswerBytes, maxRetentionHours } = workerData;

  require(modules.retentionLimits).types.RetentionPeriodHours.lessThanOrEqual = maxRetentionHours;
  const db = require(modules.db);
  db.parseSequence = (${fastParseSequence.toString()})(db.parseSequence);
  db.stringifySequence = (${fastStringifySequence.toString()})(db.stringifySequence);
  db.partitionKeyToHashKey = (${fastHashKey.toString()})((partitionKey) =>
    createHash('md5').update(partitionKey, 'utf8').digest('hex'));
  // As when another process holds the database. LevelDB's errors lose their message on the way to another thread.
  process.on('uncaughtException', ({ message }) => {
    parentPort.postMessage({ type: 'broken', message });
    process.exit(1);
  });
  const { lazy } = db;
  db.lazy = (stream, onError) => {
    const items = lazy(stream, onError);
    let bytes = 0;
    items.on('data', (item) => {
      const more = ((item?.value?.Data?.length ?? 0) * 3) / 4;
      // How kinesalite's own limit on a number of records ends a listing.
      if (bytes > 0 && bytes + more > maxAnswerBytes) items.emit('pipe');
      bytes += more;
    });
    return items;
  };
  let store;
  const { create } = db;
  db.create = (given) => (store = create(given));

  const server = require(modules.server)(options);
  server.keepAliveTimeout = 60_000;
  server.on('error', ({ code, message }) =>
    parentPort.postMessage({ type: 'refused', code, message }));
  store.db.once('open', () =>
    server.listen(port, '127.0.0.1', () =>
      parentPort.postMessage({ type: 'listening', port: server.address().port })));

  // In steps, so that closing need not wait for the whole of it: LevelDB does not survive being closed under
  // a deletion. What is left over goes with the next trim, which begins at the first record again.
  const recordsATime = 2000;
  let trimsUnderWay = 0;
  let isClosing = false;
  const trim = ({ id, stream, shardId, upTo }) => {
    const shard = db.shardIxToHex(db.resolveShardId(shardId).shardIx);
    const range = { gte: shard + '/', lte: shard + '/' + upTo };
    const records = store.getStreamDb(stream);
    const end = (error) => {
      trimsUnderWay--;
      parentPort.postMessage({ type: 'trimmed', id, ...(error && { error: error.message }) });
      if (isClosing) close();
    };
    const step = () => {
      if (isClosing) return end();
      records.clear({ ...range, limit: recordsATime }, (error) => {
        if (error) return end(error);
        let isDone = true;
        records.createKeyStream({ ...range, limit: 1 })
          .on('data', () => (isDone = false))
          .on('error', end)
          .on('end', () => (isDone ? end() : step()));
      });
    };
    trimsUnderWay++;
    step();
  };

  const close = () => {
    isClosing = true;
    if (trimsUnderWay > 0) return;
    // Requests first: kinesalite's own close takes the database away from those under way.
    Server.prototype.close.call(server, () => server.close(() => process.exit(0)));
    // A connection that becomes idle only now would stay open for its whole keep-alive time.
    setInterval(() => server.closeIdleConnections(), 10);
  };

  parentPort.on('message', (message) => (message.type === 'trim' ? trim(message) : close()));
`;
