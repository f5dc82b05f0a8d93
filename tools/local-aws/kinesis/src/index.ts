/**
 * Kinesis on 127.0.0.1, with records that survive `kill -9`.
 *
 * @example
 * const kinesis = await startKinesis({ folder: 'kinesis', credentials });
 * const [stream] = await kinesis.ensureStreams([{ name: 'events', shards: 1 }]);
 * const source = kinesisSource({ call: kinesis.call, stream: 'events', shardId: stream.shardIds[0] });
 * const records = await source.next();
 */
export { startKinesis, StreamStoreError, type LocalKinesis } from './start-kinesis';
export type { Stream } from './ensure-streams';
/** A server in front of Kinesis that decides about each request: for limits, for faults. */
export { kinesisFront, kinesisRefusal, throughputExceeded } from './kinesis-front';
/** Limits of a shard, in front of a Kinesis that has none. */
export { limitedKinesis } from './limited-kinesis';
/** Repair of damaged stream files, before a start. */
export { mendedText, mendStreams, type KnownStream } from './mend-streams';
/** Clients that keep data in base64, as they travel. */
export { kinesisCaller, type KinesisCall } from './kinesis-call';
export { kinesisSource } from './kinesis-source';
