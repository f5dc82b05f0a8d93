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
/** A server in front of Kinesis that decides about each request, to enforce limits or to inject faults. */
export { kinesisFront, kinesisRefusal, throughputExceeded } from './kinesis-front';
/** The limits of a shard, in front of a Kinesis without limits. */
export { limitedKinesis } from './limited-kinesis';
/** Repair of damaged stream files, to be run before a start. */
export { repairText, repairStreams, type KnownStream } from './repair-streams';
/** Search of the files for the bytes of records, including dropped ones. */
export { recordsInFiles } from './records-in-files';
/** Clients that leave data in base64, the form in which they are transmitted. */
export { kinesisCaller, type KinesisCall } from './kinesis-call';
export { kinesisSource } from './kinesis-source';
