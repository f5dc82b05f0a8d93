export {
  createInference,
  defaultMaxColumns,
  inferEvent,
  InferenceError,
  type Inference,
  type InferenceOptions,
  type InferredEvent,
} from './infer-event';
export {
  renderInferenceReport,
  renderInferenceSummary,
  type InferenceReport,
} from './inference-report';
export { numberTraits, type NumberTraits } from './number-literal';
export { isDate, timestampDigitsOf } from './time-text';
