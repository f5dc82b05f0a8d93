import {
  admitCaller,
  callerCheck,
  permissionCheck,
  signatureV4,
  type RolePolicies,
  type SigningCredentials,
} from '@sluice/local-http';
import { fastHashKey, fastParseSequence, fastStringifySequence } from './sequence-numbers';

export interface KinesisThreadData {
  /** File paths of kinesalite's modules. */
  readonly modules: {
    readonly getShardIterator: string;
    readonly server: string;
    readonly db: string;
    readonly retentionLimits: string;
    readonly validations: string;
  };
  readonly port: number;
  /** Kinesalite's own options. */
  readonly options: Readonly<Record<string, string | number>>;
  /** Largest size of the data in one answer of GetRecords, in bytes; a single record may be larger. */
  readonly maxAnswerBytes: number;
  readonly maxRetentionHours: number;
  /** Free disk space in bytes below which records are refused. */
  readonly minFreeBytes: number;
  /** Milliseconds from a trim to the merge of the files that hold the bytes of its records. */
  readonly mergeAfterMs: number;
  readonly credentials: SigningCredentials;
  /** Origins whose pages may call. */
  readonly allowedOrigins: readonly string[];
}

export type ToKinesisThread =
  | { readonly type: 'close' }
  /** What roles may do from now on; until then they may do nothing. */
  | { readonly type: 'permit'; readonly id: number; readonly policies: RolePolicies }
  | {
      readonly type: 'trim';
      readonly id: number;
      readonly stream: string;
      readonly shardId: string;
      readonly upTo: string;
      /** Sequence numbers of the records to keep, in ascending order. */
      readonly keep: readonly string[];
    };

export type FromKinesisThread =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'refused'; readonly code: string; readonly message: string }
  | { readonly type: 'broken'; readonly message: string }
  | { readonly type: 'warning'; readonly message: string }
  /** The request with this number is done, or has failed. */
  | { readonly type: 'done'; readonly id: number; readonly error?: string };

/**
 * Source text of the Kinesis thread: plain JavaScript, since a thread can start from text but not from TypeScript.
 *
 * It changes kinesalite in seven ways. Sequence numbers are computed faster. Descriptions of streams are read from
 * memory. An answer holds a limited number of bytes, and streams may keep records for longer than a week, both as in
 * Kinesis itself. Delivered records can be dropped; kinesalite drops old ones only when they are read again. Their
 * bytes leave the database's files soon after, and at the latest when it is closed. A request reaches kinesalite only
 * when it is complete, comes from this machine, is signed, and is permitted to the role that signed it, if one did. If
 * kinesalite still fails on one, that request alone is answered with 500; kinesalite by itself would end its process.
 * Records are refused while the disk is nearly full, because LevelDB can end the process when a write does not fit.
 */
export const kinesisThreadSource = /* js */ `
  const { AsyncLocalStorage } = require('node:async_hooks');
  const crypto = require('node:crypto');
  const { EventEmitter } = require('node:events');
  const { statfsSync } = require('node:fs');
  const { Server } = require('node:http');
  const { parentPort, workerData } = require('node:worker_threads');
  /** Kinesalite's own bound; a PutRecords of 5 MiB in base64 is below it. */
  const maxRequestBytes = 7 << 20;
  const { modules, port, options, maxAnswerBytes, maxRetentionHours, minFreeBytes, mergeAfterMs, credentials,
    allowedOrigins } = workerData;

  require(modules.retentionLimits).types.RetentionPeriodHours.lessThanOrEqual = maxRetentionHours;
  const db = require(modules.db);
  db.parseSequence = (${fastParseSequence.toString()})(db.parseSequence);
  db.stringifySequence = (${fastStringifySequence.toString()})(db.stringifySequence);
  db.partitionKeyToHashKey = (${fastHashKey.toString()})((partitionKey) =>
    crypto.createHash('md5').update(partitionKey, 'utf8').digest('hex'));
  // The database's own errors, as when another process holds it or the disk is full, end the thread: it takes
  // no more writes after one. They lose their message on the way to another thread.
  const isOfDatabase = ({ message }) => /IO error|Corruption|not open/i.test(String(message));
  const requests = new AsyncLocalStorage();
  process.on('uncaughtException', (error) => {
    const request = requests.getStore();
    if (request && !isOfDatabase(error)) return request.fail(error);
    parentPort.postMessage({ type: 'broken', message: String(error?.message ?? error) });
    process.exit(1);
  });

  // Requests that kinesalite does not check, and breaks on.
  const validations = require(modules.validations);
  const { checkTypes } = validations;
  const refused = (type, message) =>
    Object.assign(new Error(message), { statusCode: 400, body: { __type: type, message } });
  validations.checkTypes = (data, types) => {
    const input = checkTypes(data, types);
    for (const [name, value] of Object.entries(input))
      if (Array.isArray(value) && value.some((member) => member == null))
        throw refused('SerializationException', 'the list ' + name + ' has a member that is null');
    // Streams are kept as members of an array.
    if (typeof input.StreamName === 'string' && input.StreamName in [])
      throw refused('ResourceNotFoundException', 'no stream can have the name ' + input.StreamName + ' here');
    if ('NextToken' in types && input.NextToken != null)
      throw refused('InvalidArgumentException', 'NextToken is none that was given here: all is in the first answer');
    return input;
  };
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
  db.create = (given) => {
    store = create(given);
    const { metaDb } = store;
    const { get, put, del, lock } = metaDb;
    // Every record asks for its stream's description and writes it, one after the other. The text that was written
    // last is remembered: whoever gets a description changes it, so that an object could not be shared.
    const descriptions = new Map();
    metaDb.get = (name, answer) => {
      const text = descriptions.get(name);
      if (text === undefined) get.call(metaDb, name, answer);
      else process.nextTick(answer, null, JSON.parse(text));
    };
    metaDb.put = (name, description, done) => {
      const text = JSON.stringify(description);
      put.call(metaDb, name, text, { valueEncoding: 'utf8' }, (error) => {
        if (error) descriptions.delete(name);
        else descriptions.set(name, text);
        done(error);
      });
    };
    metaDb.del = (name, done) => {
      descriptions.delete(name);
      del.call(metaDb, name, done);
    };
    // A request that breaks down gives back what it holds: the next one for the stream would wait for ever.
    metaDb.lock = (key, act) =>
      lock(key, (release) => {
        let isHeld = true;
        const releaseOnce = (done) => {
          const end = release(done);
          return (...args) => {
            if (!isHeld) return;
            isHeld = false;
            end(...args);
          };
        };
        requests.getStore()?.held.push(() => releaseOnce(() => undefined)());
        act(releaseOnce);
      });
    return store;
  };

  // kinesalite never answers for a time after which a shard holds nothing: that place is the shard's end.
  const iteratorOf = require(modules.getShardIterator);
  require.cache[modules.getShardIterator].exports = (store, data, answer) => {
    if (data.ShardIteratorType !== 'AT_TIMESTAMP' || data.Timestamp == null)
      return iteratorOf(store, data, answer);
    const { Timestamp, ...rest } = data;
    iteratorOf(store, { ...rest, ShardIteratorType: 'LATEST' }, (error, latest) => {
      if (error) return answer(error);
      const { shardIx } = db.resolveShardId(data.ShardId);
      const range = { gt: db.shardIxToHex(shardIx), lt: db.shardIxToHex(shardIx + 1) };
      db.lazy(store.getStreamDb(data.StreamName).createReadStream(range), answer)
        .filter((item) => item.value.ApproximateArrivalTimestamp >= Timestamp)
        .join((items) =>
          items.length > 0 ? iteratorOf(store, data, answer) : answer(null, latest),
        );
    });
  };

  const server = require(modules.server)(options);
  const [handle] = server.listeners('request');
  server.removeAllListeners('request');
  const mayCall = (${callerCheck.toString()})({ allowedOrigins, allowsLocalPages: false });
  const admit = ${admitCaller.toString()};
  const signature = (${signatureV4.toString()})(crypto, credentials);
  const check = ${permissionCheck.toString()};
  let permits = check({});
  const streamArns = 'arn:aws:kinesis:' + process.env.AWS_REGION + ':000000000000:stream/';
  /** Returns the ARN of the stream that a request names, found without parsing its records. An iterator names none. */
  const streamOf = (body) => {
    for (const member of ['"StreamName"', '"StreamARN"']) {
      const at = body.indexOf(member);
      const text = at < 0 ? '' : body.toString('utf8', at + member.length, at + member.length + 256);
      const value = /^\\s*:\\s*"([^"\\\\]+)"/.exec(text)?.[1];
      if (value !== undefined) return value.startsWith('arn:') ? value : streamArns + value;
    }
    return undefined;
  };
  /** Returns the reason why a role may not do what a request asks for. */
  const refusalOf = (role, target, body) =>
    role === undefined ? undefined : permits(role, 'kinesis:' + String(target).split('.')[1], streamOf(body));
  const faultTypes = {
    missing: 'MissingAuthenticationTokenException',
    incomplete: 'IncompleteSignatureException',
    'unknown key': 'UnrecognizedClientException',
    mismatch: 'InvalidSignatureException',
    expired: 'InvalidSignatureException',
  };
  const refuse = (response, status, type, message) => {
    if (response.headersSent || response.destroyed) return;
    const body = JSON.stringify({ __type: type, message });
    response.writeHead(status, {
      'content-type': 'application/x-amz-json-1.1',
      'content-length': Buffer.byteLength(body),
    });
    response.end(body);
  };
  // Checked no more often than this: less data can arrive in between than the space that is kept free.
  const roomForMs = 20;
  let isRoom = true;
  let askedMs = -Infinity;
  const hasRoom = () => {
    if (performance.now() - askedMs < roomForMs) return isRoom;
    const { bavail, bsize } = statfsSync(options.path);
    askedMs = performance.now();
    return (isRoom = bavail * bsize >= minFreeBytes);
  };
  const noRoom = 'the disk is full: records are refused while fewer than ' + Math.ceil(minFreeBytes / 2 ** 20) +
    ' MiB are free at ' + options.path;
  let lastReportMs = -Infinity;
  server.on('request', (request, response) => {
    // A connection that breaks off ends its own request only.
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    if (!admit(mayCall, request, response)) return;
    const { method, url, headers: { origin, ...headers } } = request;
    const chunks = [];
    let bytes = 0;
    request.on('data', (chunk) => {
      bytes += chunk.length;
      if (bytes <= maxRequestBytes) chunks.push(chunk);
      else chunks.length = 0;
    });
    request.on('end', () => {
      if (bytes > maxRequestBytes)
        return refuse(response, 413, 'RequestEntityTooLargeException',
          'the request is over ' + maxRequestBytes + ' bytes');
      const body = Buffer.concat(chunks);
      const signed = { method, target: url, headers, payloadHash: crypto.hash('sha256', body) };
      const { fault, role } = signature.verify(signed, { services: ['kinesis'], nowMs: Date.now() });
      if (fault) return refuse(response, 400, faultTypes[fault.kind], fault.message);
      const refusal = refusalOf(role, headers['x-amz-target'], body);
      if (refusal !== undefined) return refuse(response, 400, 'AccessDeniedException', refusal);
      if (/\\.PutRecords?$/.test(headers['x-amz-target']) && !hasRoom()) {
        if (performance.now() - lastReportMs > 60_000) {
          lastReportMs = performance.now();
          parentPort.postMessage({ type: 'warning', message: noRoom });
        }
        return refuse(response, 500, 'InternalFailure', noRoom);
      }
      const whole = Object.assign(new EventEmitter(), { method, url, headers });
      const work = {
        held: [],
        fail: (error) => {
          refuse(response, 500, 'InternalFailure', 'the local Kinesis failed: ' + error?.message);
          for (const giveBack of work.held.splice(0)) giveBack();
        },
      };
      requests.run(work, () => {
        try {
          handle(whole, response);
          if (bytes > 0) whole.emit('data', body);
          whole.emit('end');
        } catch (error) {
          work.fail(error);
        }
      });
    });
  });
  server.keepAliveTimeout = 60_000;
  server.on('error', ({ code, message }) =>
    parentPort.postMessage({ type: 'refused', code, message }));
  store.db.once('open', () =>
    server.listen(port, '127.0.0.1', () =>
      parentPort.postMessage({ type: 'listening', port: server.address().port })));

  // In steps, so that closing need not wait for the whole of it: LevelDB does not survive being closed under
  // a deletion. What is left over goes with the next trim, which begins at the first record again.
  const recordsATime = 2000;
  /** Number of trims and merges. */
  let workUnderWay = 0;
  let isClosing = false;
  const trim = ({ id, stream, shardId, upTo, keep }) => {
    const shard = db.shardIxToHex(db.resolveShardId(shardId).shardIx);
    const place = (sequenceNumber) => shard + '/' + sequenceNumber;
    const kept = keep.map(place).filter((each) => each <= place(upTo));
    // Between one record that stays and the next.
    const ranges = kept.map((lt, index) =>
      index === 0 ? { gte: place(''), lt } : { gt: kept[index - 1], lt });
    ranges.push(kept.length === 0
      ? { gte: place(''), lte: place(upTo) }
      : { gt: kept[kept.length - 1], lte: place(upTo) });
    const records = store.getStreamDb(stream);
    const end = (error) => {
      workUnderWay--;
      mergeLater({ stream, from: place(''), upTo: place(upTo) });
      parentPort.postMessage({ type: 'done', id, ...(error && { error: error.message }) });
      if (isClosing) close();
    };
    const step = () => {
      const [range] = ranges;
      if (isClosing || !range) return end();
      records.clear({ ...range, limit: recordsATime }, (error) => {
        if (error) return end(error);
        let isDone = true;
        records.createKeyStream({ ...range, limit: 1 })
          .on('data', () => (isDone = false))
          .on('error', end)
          .on('end', () => {
            if (isDone) ranges.shift();
            step();
          });
      });
    };
    workUnderWay++;
    step();
  };

  // LevelDB keeps the bytes of deleted records until it merges the files that hold them. A merge that is asked for
  // leaves the files of the lowest level as they are where none above them has a key of the range: hence the deletions
  // of keys that no record has, at both ends of the range. What a request was reading meanwhile outlasts a merge; so
  // there is a second one.
  const mergesEach = 2;
  /** Ranges of keys to merge, by stream and shard. */
  const toMerge = new Map();
  let mergeTimer;
  const mergeLater = ({ stream, from, upTo }) => {
    const prefix = '!stream-' + stream + '!';
    const earlier = toMerge.get(prefix + from);
    // Sorts after the key of the last record and before that of the next.
    const to = prefix + upTo + '!';
    toMerge.set(prefix + from, {
      from: prefix + from,
      to: earlier && earlier.to > to ? earlier.to : to,
      merges: mergesEach,
    });
    setMergeTimer();
  };
  const setMergeTimer = () => {
    if (toMerge.size === 0 || isClosing) return;
    mergeTimer ??= setTimeout(async () => {
      await merge();
      mergeTimer = undefined;
      if (isClosing) close();
      else setMergeTimer();
    }, mergeAfterMs).unref();
  };
  const compact = (from, to) =>
    new Promise((resolve, reject) =>
      store.db.compactRange(from, to, (error) => (error ? reject(error) : resolve())));
  const merge = async () => {
    const ranges = [...toMerge];
    // A merge that does not fit on the disk would end the database.
    if (ranges.length === 0 || !hasRoom()) return;
    workUnderWay++;
    try {
      // What is in memory becomes a file, below that of the deletions.
      await compact(ranges[0][0], ranges[0][0]);
      await store.db.batch(
        ranges.flatMap(([, { from, to }]) => [{ type: 'del', key: from }, { type: 'del', key: to }]));
      for (const [shard, range] of ranges) {
        await compact(range.from, range.to);
        if (--range.merges === 0 && toMerge.get(shard) === range) toMerge.delete(shard);
      }
    } catch (error) {
      parentPort.postMessage({
        type: 'warning',
        message: 'bytes of delivered records are still in the files of ' + options.path + ': ' + error.message,
      });
    } finally {
      workUnderWay--;
    }
  };

  const close = () => {
    isClosing = true;
    clearTimeout(mergeTimer);
    if (workUnderWay > 0) return;
    // Requests first: kinesalite's own close takes the database away from those under way.
    Server.prototype.close.call(server, async () => {
      await merge();
      server.close(() => process.exit(0));
    });
    // A connection that becomes idle only now would stay open for its whole keep-alive time.
    setInterval(() => server.closeIdleConnections(), 10);
  };

  parentPort.on('message', (message) => {
    if (message.type === 'trim') trim(message);
    else if (message.type === 'permit') {
      permits = check(message.policies);
      parentPort.postMessage({ type: 'done', id: message.id });
    } else close();
  });
`;
