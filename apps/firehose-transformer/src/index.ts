export {
  batchTransformer,
  type BatchTransformer,
  type BatchTransformerOptions,
} from './transform-batch';
