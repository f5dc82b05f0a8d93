export { dataDirCredentials, openDataDir, type DataDir } from './data-dir';
export type { FunctionResult } from './lambda/function-result';
export type { LocalFunction } from './lambda/start-function';
export type { LocalKinesis } from './kinesis/start-kinesis';
export { startLocalStack, type Endpoints, type LocalStack } from './local-stack';
export { portCount, portsFrom } from './ports';
export type { Fault as S3Fault } from './s3/start-s3';
export type { StackFaults } from './stack/stack-faults';
export { workspaceRoot } from './synthesise';
