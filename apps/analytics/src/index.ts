export { bundledDefinitions } from './bundled-definitions';
export { joinStateMachine, type JoinStateMachineOptions } from './joins/join-state-machine';
export { sparkJoinScript } from './joins/spark-join-script';
export type { State, StateMachine } from './joins/state-machine';
export { analyticsApiDocument, type AnalyticsApiDocumentOptions } from './openapi';
