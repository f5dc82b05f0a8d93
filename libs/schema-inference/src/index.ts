export {
  createInference,
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
