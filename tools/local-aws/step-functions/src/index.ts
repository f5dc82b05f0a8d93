/**
 * State machines of Step Functions in JSONata, interpreted.
 *
 * @example
 * const executions = new Executions({
 *   machines: [{ arn, name: 'join', roleArn, definition: readStateMachine(text) }],
 *   records: new RecordFolder('step-functions'),
 *   runTask: taskRunner({ athena, s3Of: () => s3 }),
 *   log,
 * });
 * executions.start(arn, '{"date":"2026-01-02"}');
 */
export { Executions, type DeployedStateMachine, type Execution } from './executions';
export { readStateMachine } from './state-machine';
export { taskRunner, type AthenaTasks } from './run-task';
/** Step Functions' own API, for {@link startAwsJson} of `@sluice/local-http`. */
export { stepFunctionsApi } from './step-functions-api';
