import type { EventType } from '@sluice/event-schema';
import { bundledDefinitionsFile } from '@sluice/event-schema/node';
import { Duration, RemovalPolicy, Size } from 'aws-cdk-lib';
import {
  Architecture,
  CfnEventInvokeConfig,
  Function,
  LoggingFormat,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Deployment } from '../deployment';
import { ownNamespace } from '../metrics';
import { bundleCode } from './bundle-code';
import { functionTraces, type TracedRequests } from './function-traces';
import { ServiceRole } from './service-role';

export interface BundleFunctionProps {
  readonly deployment: Deployment;
  /** App whose bundle runs. */
  readonly app: string;
  readonly functionName: string;
  readonly description: string;
  /** Event types that the function serves. */
  readonly eventTypes?: readonly EventType[];
  /** Further JSON files to be put beside the bundle: file name → content. */
  readonly definitions?: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMegabytes: number;
  readonly timeoutSeconds: number;
  /** Name of the bundle's file that exports `handler`, without its extension. @default 'index' */
  readonly entry?: string;
  /** Requests that are traced, where the stage has traces. @default none, and the function sends no spans */
  readonly traces?: TracedRequests;
  /** Size of `/tmp`. @default 512 */
  readonly diskMegabytes?: number;
}

/** A function that runs an app's bundle, with its own role and log group. */
export class BundleFunction extends Construct {
  readonly function: Function;
  readonly role: ServiceRole;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: BundleFunctionProps) {
    super(scope, id);
    const { deployment, functionName, entry = 'index' } = props;
    this.logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: deployment.settings.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new ServiceRole(this, 'Role', {
      service: 'lambda',
      description: `Of the function ${functionName}`,
    });
    this.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [this.logGroup.logGroupArn]);
    const traces = props.traces && functionTraces(deployment, props.app, props.traces);
    for (const { actions, resources } of traces?.rights ?? []) this.allow(actions, resources);
    this.function = new Function(this, 'Function', {
      functionName,
      description: props.description,
      code: bundleCode({
        bundlesFolder: deployment.bundlesFolder,
        app: props.app,
        entry,
        definitions: {
          ...(props.eventTypes && { [bundledDefinitionsFile]: props.eventTypes }),
          ...props.definitions,
        },
        // `dev` is the stage that runs on laptops.
        withSourceMaps: deployment.settings.stage === 'dev',
      }),
      handler: `${entry}.handler`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      role: this.role,
      memorySize: props.memoryMegabytes,
      timeout: Duration.seconds(props.timeoutSeconds),
      ...(props.diskMegabytes && {
        ephemeralStorageSize: Size.mebibytes(props.diskMegabytes),
      }),
      environment: {
        ...props.environment,
        ...traces?.environment,
        POWERTOOLS_METRICS_NAMESPACE: ownNamespace(deployment.settings.stage),
      },
      tracing: Tracing.ACTIVE,
      logGroup: this.logGroup,
      loggingFormat: LoggingFormat.JSON,
    });
  }

  allow(actions: readonly string[], resources: readonly string[]): void {
    this.role.allow(actions, resources);
  }

  /** Sends failed asynchronous calls to a queue instead of trying them again. */
  failuresTo(queue: IQueue): void {
    this.allow(['sqs:SendMessage'], [queue.queueArn]);
    new CfnEventInvokeConfig(this, 'Failures', {
      functionName: this.function.functionName,
      qualifier: '$LATEST',
      maximumRetryAttempts: 0,
      destinationConfig: { onFailure: { destination: queue.queueArn } },
    }).node.addDependency(this.role);
  }
}
