export { Executions, type DeployedStateMachine, type Execution } from './executions';
export { taskRunner } from './run-task';
export { readStateMachine } from './state-machine';
export { stepFunctionsApi } from './step-functions-api';
