export { type Positions, Checkpoints } from './checkpoints';
export { startConversionThread, type ConversionThread } from './conversion-thread';
export { deliveryStreamConfig, type DeliveryStreamConfig } from './delivery-stream-config';
export {
  type Delivered,
  type DeliveryStats,
  DeliveryStalledError,
  DeliveryStream,
  type DeliveryTrouble,
  type ShardReader,
} from './delivery-stream';
export { FailedPlaces } from './failed-places';
export type { GlueColumn } from './format-conversion';
