import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  ApiDefinition,
  ApiKey,
  EndpointType,
  LogGroupLogDestination,
  MethodLoggingLevel,
  SpecRestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Deployment } from '../deployment';
import type { Throttle } from '../stage-settings';

export interface DocumentedApiProps {
  readonly deployment: Deployment;
  readonly apiName: string;
  readonly description: string;
  /** OpenAPI with the integrations of API Gateway; goes into the template as it is. */
  readonly document: object;
  readonly throttle: Throttle;
}

/** A REST API made from its OpenAPI document, with access logs, tracing, an API key and a usage plan. */
export class DocumentedApi extends Construct {
  readonly api: SpecRestApi;

  constructor(scope: Construct, id: string, props: DocumentedApiProps) {
    super(scope, id);
    const { deployment, apiName, throttle } = props;
    const { stage, logRetention } = deployment.settings;
    const accessLogs = new LogGroup(this, 'AccessLogs', {
      logGroupName: `/sluice/${stage}/${apiName}/access`,
      retention: logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.api = new SpecRestApi(this, 'Api', {
      restApiName: `sluice-${stage}-${apiName}`,
      description: props.description,
      apiDefinition: ApiDefinition.fromInline(props.document),
      endpointTypes: [EndpointType.REGIONAL],
      cloudWatchRole: false,
      deployOptions: {
        stageName: stage,
        tracingEnabled: true,
        metricsEnabled: true,
        loggingLevel: MethodLoggingLevel.ERROR,
        // Bodies hold the senders' data; they stay out of the logs.
        dataTraceEnabled: false,
        throttlingRateLimit: throttle.requestsPerSecond,
        throttlingBurstLimit: throttle.burst,
        accessLogDestination: new LogGroupLogDestination(accessLogs),
        accessLogFormat: AccessLogFormat.custom(JSON.stringify(accessLogLine)),
      },
    });
    // No value: API Gateway makes one, so that none stands in a template.
    const apiKey = new ApiKey(this, 'Key', {
      apiKeyName: `sluice-${stage}-${apiName}`,
      description: props.description,
    });
    const plan = this.api.addUsagePlan('Plan', {
      name: `sluice-${stage}-${apiName}`,
      throttle: { rateLimit: throttle.requestsPerSecond, burstLimit: throttle.burst },
      apiStages: [{ api: this.api, stage: this.api.deploymentStage }],
    });
    plan.addApiKey(apiKey);
  }
}

/** One JSON line for each request; every value is a string, because API Gateway writes absent ones as `-`. */
const accessLogLine = {
  requestId: '$context.requestId',
  extendedRequestId: '$context.extendedRequestId',
  traceId: '$context.xrayTraceId',
  requestTime: '$context.requestTime',
  method: '$context.httpMethod',
  resource: '$context.resourcePath',
  path: '$context.path',
  status: '$context.status',
  responseLength: '$context.responseLength',
  latencyMs: '$context.responseLatency',
  integrationLatencyMs: '$context.integration.latency',
  integrationStatus: '$context.integration.status',
  errorType: '$context.error.responseType',
  validationError: '$context.error.validationErrorString',
  apiKeyId: '$context.identity.apiKeyId',
  sourceIp: '$context.identity.sourceIp',
  userAgent: '$context.identity.userAgent',
} as const;
