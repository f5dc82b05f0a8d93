export {
  createInference,
  inferEvent,
  type Inference,
  type InferenceOptions,
  type InferredEvent,
} from './infer-event';
export { askableType, askableTypes, type AskableType, type TypeProposal } from './asked-type';
export { InferenceError } from './inference-error';
export {
  renderInferenceReport,
  renderInferenceSummary,
  type InferenceReport,
} from './inference-report';
