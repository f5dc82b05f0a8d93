export { maxResponseBytes } from './plan-answer';
export {
  batchTransformer,
  type BatchTransformer,
  type BatchTransformerOptions,
} from './transform-batch';
