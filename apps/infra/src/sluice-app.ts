import { App } from 'aws-cdk-lib';
import type { Deployment } from './deployment';
import { FirehoseTransformerStack } from './stacks/firehose-transformer-stack';
import { IngestGatewayStack } from './stacks/ingest-gateway-stack';
import { LakeMaintenanceStack } from './stacks/lake-maintenance-stack';
import { LakeStack } from './stacks/lake-stack';
import { LookupApiStack } from './stacks/lookup-api-stack';

/**
 * All stacks of one stage. The order of the dependencies is that of `deploy` for all of them; each can be
 * deployed alone once `Lake` is there. The gateway comes last, so that no event is taken before its
 * delivery stands.
 *
 * @param outdir CDK's own default when absent
 */
export function sluiceApp(deployment: Deployment, outdir?: string): App {
  const app = new App({
    ...(outdir && { outdir }),
    // Else a stack that throws would leave half an assembly behind.
    autoSynth: false,
    analyticsReporting: false,
    context: {
      '@aws-cdk/aws-iam:minimizePolicies': true,
      '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy': true,
      '@aws-cdk/core:enablePartitionLiterals': true,
    },
  });
  const lake = new LakeStack(app, deployment);
  const transformer = new FirehoseTransformerStack(app, deployment);
  const maintenance = new LakeMaintenanceStack(app, deployment);
  const lookup = new LookupApiStack(app, deployment);
  const gateway = new IngestGatewayStack(app, deployment);
  for (const stack of [transformer, maintenance, lookup, gateway]) stack.addStackDependency(lake);
  gateway.addStackDependency(transformer);
  return app;
}
