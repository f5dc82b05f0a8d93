import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  ApiDefinition,
  CfnApiKey,
  CfnUsagePlanKey,
  EndpointType,
  LogGroupLogDestination,
  MethodLoggingLevel,
  SpecRestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { Deployment } from '../deployment';
import type { ApiName } from '../names';

export interface ConsoleApiProps {
  readonly deployment: Deployment;
  /** User pool whose tokens are accepted. */
  readonly userPoolArn: string;
  /** APIs to which requests are passed on, with the ids of their REST API and usage plan. */
  readonly apis: readonly {
    readonly name: ApiName;
    readonly id: string;
    readonly usagePlanId: string;
  }[];
}

/**
 * The path from the console's page to the other APIs, `/api/<name>/…`. It admits users who signed in, and adds an API
 * key that the page never sees. Secrets Manager generates the key's value, so that no template holds it.
 */
export class ConsoleApi extends Construct {
  readonly api: SpecRestApi;

  constructor(scope: Construct, id: string, { deployment, userPoolArn, apis }: ConsoleApiProps) {
    super(scope, id);
    const { stage, logRetention, operationsThrottle } = deployment.settings;
    const key = new Secret(this, 'KeyValue', {
      description: `API key with which the console of Sluice ${stage} calls the APIs`,
      generateSecretString: { passwordLength: 40, excludePunctuation: true },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const apiKey = new CfnApiKey(this, 'Key', {
      name: `sluice-${stage}-console`,
      description: `The console, Sluice ${stage}`,
      enabled: true,
      value: key.secretValue.unsafeUnwrap(),
    });
    for (const { name, usagePlanId } of apis)
      new CfnUsagePlanKey(this, `${name}-plan`, {
        keyId: apiKey.ref,
        keyType: 'API_KEY',
        usagePlanId,
      });

    const accessLogs = new LogGroup(this, 'AccessLogs', {
      logGroupName: `/sluice/${stage}/console/access`,
      retention: logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.api = new SpecRestApi(this, 'Api', {
      restApiName: `sluice-${stage}-console`,
      description: `Requests of the console, Sluice ${stage}`,
      endpointTypes: [EndpointType.REGIONAL],
      cloudWatchRole: false,
      apiDefinition: ApiDefinition.fromInline({
        openapi: '3.0.1',
        info: { title: `sluice-${stage}-console`, version: '1.0.0' },
        paths: Object.fromEntries(
          apis.map(({ name, id: apiId }) => [
            `/api/${name}/{proxy+}`,
            { 'x-amazon-apigateway-any-method': passedOn(stage, apiId) },
          ]),
        ),
        components: { securitySchemes: { [consoleUser]: cognitoScheme(userPoolArn) } },
        'x-amazon-apigateway-gateway-responses': gatewayResponses,
        // The APIs compress what a browser may take compressed. Without this, their bytes would be read as UTF-8 text,
        // and no browser could unpack the rest (developer guide: api-gateway-payload-encodings).
        'x-amazon-apigateway-binary-media-types': ['*/*'],
      }),
      deployOptions: {
        stageName: stage,
        tracingEnabled: true,
        metricsEnabled: true,
        loggingLevel: MethodLoggingLevel.ERROR,
        // Bodies hold the senders' data, which must stay out of the logs.
        dataTraceEnabled: false,
        throttlingRateLimit: operationsThrottle.requestsPerSecond,
        throttlingBurstLimit: operationsThrottle.burst,
        variables: { [keyVariable]: key.secretValue.unsafeUnwrap() },
        accessLogDestination: new LogGroupLogDestination(accessLogs),
        accessLogFormat: AccessLogFormat.custom(JSON.stringify(accessLogLine)),
      },
    });
  }
}

const consoleUser = 'consoleUser';
const keyVariable = 'apiKey';

/**
 * Returns a method that passes a request on to another API with the same path, query and body (developer guide:
 * api-gateway-set-up-simple-proxy).
 */
const passedOn = (stage: string, apiId: string): object => ({
  parameters: [{ name: 'proxy', in: 'path', required: true, schema: { type: 'string' } }],
  security: [{ [consoleUser]: [] }],
  'x-amazon-apigateway-integration': {
    type: 'http_proxy',
    httpMethod: 'ANY',
    uri: `https://${apiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}/${stage}/{proxy}`,
    requestParameters: {
      'integration.request.path.proxy': 'method.request.path.proxy',
      'integration.request.header.x-api-key': `stageVariables.${keyVariable}`,
    },
    passthroughBehavior: 'when_no_match',
  },
});

const cognitoScheme = (userPoolArn: string): object => ({
  type: 'apiKey',
  name: 'Authorization',
  in: 'header',
  'x-amazon-apigateway-authtype': 'cognito_user_pools',
  'x-amazon-apigateway-authorizer': { type: 'cognito_user_pools', providerARNs: [userPoolArn] },
});

const message = (text: string): object => ({
  responseTemplates: { 'application/json': JSON.stringify({ message: text }) },
});

const gatewayResponses = {
  UNAUTHORIZED: message('Sign in first: the token is missing or has expired.'),
  DEFAULT_4XX: {
    responseTemplates: { 'application/json': '{"message":$context.error.messageString}' },
  },
  DEFAULT_5XX: message('The request could not be passed on. Try again.'),
};

/** Access log of one line of JSON for each request, naming the person who made it. */
const accessLogLine = {
  requestId: '$context.requestId',
  requestTime: '$context.requestTime',
  user: '$context.authorizer.claims.sub',
  method: '$context.httpMethod',
  path: '$context.path',
  status: '$context.status',
  responseLength: '$context.responseLength',
  latencyMs: '$context.responseLatency',
  errorType: '$context.error.responseType',
  sourceIp: '$context.identity.sourceIp',
} as const;
