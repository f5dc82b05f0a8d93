/**
 * Delivery streams of Firehose: shards → function → Parquet → objects, at least once.
 *
 * @example
 * const config = deliveryStreamConfig(resource);
 * const stream = new DeliveryStream(config, { region, accountId }, {
 *   readers, invoke, convert, put, checkpoints: new Checkpoints('checkpoints/events.json'), log,
 * });
 * stream.start();
 */
export { deliveryStreamConfig, type DeliveryStreamConfig } from './delivery-stream-config';
export { DeliveryStream, type Delivered, type DeliveryStats } from './delivery-stream';
export type { ShardReader, ShardRecord } from './source-record';
/** Report to the user when a delivery stream can't continue. */
export { DeliveryStalledError, type DeliveryTrouble } from './persistence';
/** Record format conversion in a separate thread. */
export { startConversionThread, type ConversionThread } from './conversion-thread';
export type { GlueColumn } from './format-conversion';
/** Files that a delivery stream keeps on disk. */
export { Checkpoints, type Positions } from './checkpoints';
export { FailedPositions } from './failed-positions';
