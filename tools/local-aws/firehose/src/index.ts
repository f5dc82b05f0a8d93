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
export {
  DeliveryStalledError,
  DeliveryStream,
  type Delivered,
  type DeliveryStats,
  type DeliveryTrouble,
  type ShardReader,
} from './delivery-stream';
/** Record format conversion in a thread of its own. */
export { startConversionThread, type ConversionThread } from './conversion-thread';
export type { GlueColumn } from './format-conversion';
/** What a delivery stream keeps on disk. */
export { Checkpoints, type Positions } from './checkpoints';
export { FailedPlaces } from './failed-places';
