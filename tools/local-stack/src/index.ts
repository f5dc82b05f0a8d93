/**
 * The local stack: what the templates of a cloud assembly describe, run on this machine.
 *
 * @example
 * const dataDir = openDataDir('.sluice');
 * const stack = await startLocalStack({
 *   assembly: 'dist/cdk.out/dev', dataDir, credentials: dataDirCredentials(dataDir),
 *   ports: portsFrom(await freePorts()), bufferMs: 1_000, s3LatencyMs: 0, warn: console.error,
 * });
 * await fetch(`${stack.endpoints.ingest}/v1/events`);
 */
export { startLocalStack, type LocalStack, type StackFaults } from './local-stack';
export { freePorts, portsFrom } from './ports';
