export type { Fault as S3Fault } from '@sluice/local-s3';
export { startLocalStack, type LocalStack } from './local-stack';
export { portCount, portsFrom } from './ports';
export type { StackFaults } from './stack/stack-faults';
