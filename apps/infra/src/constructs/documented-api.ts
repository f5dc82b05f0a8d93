import { allowsAction, type KeyAction } from '@sluice/event-schema';
import { CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  ApiDefinition,
  ApiKey,
  EndpointType,
  LogGroupLogDestination,
  MethodLoggingLevel,
  SpecRestApi,
  type UsagePlan,
} from 'aws-cdk-lib/aws-apigateway';
import { InterfaceVpcEndpoint } from 'aws-cdk-lib/aws-ec2';
import { AnyPrincipal, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import type { Deployment } from '../deployment';
import { apiName, parameterNames, type ApiName } from '../names';
import { keysDiffer } from './key-scopes';
import type { Throttle } from '../stage-settings';

export interface DocumentedApiProps {
  readonly deployment: Deployment;
  readonly name: ApiName;
  readonly description: string;
  /** OpenAPI document with API Gateway's integrations; it becomes part of the template unchanged. */
  readonly document: object;
  readonly throttle: Throttle;
  /** Throttle of a second API key, for web pages. @default none, and no such key */
  readonly pagesThrottle?: Throttle;
  /**
   * The function that enforces the scopes of API keys, and its actions. @default all keys of the API may call all of
   * it
   */
  readonly scopes?: { readonly function: Function; readonly actions: readonly KeyAction[] };
  /**
   * True where a path may name a person. Then access logs hold no path, and requests are not traced by X-Ray, whose
   * segments hold their URL. @default false
   */
  readonly pathsNamePeople?: boolean;
}

/**
 * A REST API made from its OpenAPI document, with access logs, tracing, an API key and a usage plan, and with a
 * firewall or inside VPCs where the stage's settings say so.
 */
export class DocumentedApi extends Construct {
  readonly api: SpecRestApi;
  private readonly props: DocumentedApiProps;

  constructor(scope: Construct, id: string, props: DocumentedApiProps) {
    super(scope, id);
    this.props = props;
    const { description } = props;
    this.api = this.restApi();
    // One output with a predictable name replaces the construct's own.
    this.api.node.tryRemoveChild('Endpoint');
    new CfnOutput(Stack.of(this), 'Url', {
      value: this.api.urlForPath().replace(/\/$/, ''),
      description,
    });
    this.keyAndPlan();
    this.firewall();
  }

  private restApi(): SpecRestApi {
    const {
      deployment,
      name,
      description,
      document,
      throttle,
      pathsNamePeople = false,
    } = this.props;
    const { stage, logRetention, access } = deployment.settings;
    const accessLogs = new LogGroup(this, 'AccessLogs', {
      logGroupName: `/sluice/${stage}/${name}/access`,
      retention: logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const endpoints = access.onlyFromVpcEndpoints;
    return new SpecRestApi(this, 'Api', {
      restApiName: apiName(stage, name),
      description,
      apiDefinition: ApiDefinition.fromInline(document),
      ...(endpoints.length === 0
        ? { endpointTypes: [EndpointType.REGIONAL] }
        : {
            endpointConfiguration: {
              types: [EndpointType.PRIVATE],
              vpcEndpoints: endpoints.map((vpcEndpointId) =>
                InterfaceVpcEndpoint.fromInterfaceVpcEndpointAttributes(this, vpcEndpointId, {
                  vpcEndpointId,
                  port: 443,
                }),
              ),
            },
            policy: onlyFrom(endpoints),
          }),
      cloudWatchRole: false,
      deployOptions: {
        stageName: stage,
        tracingEnabled: !pathsNamePeople,
        metricsEnabled: true,
        loggingLevel: MethodLoggingLevel.ERROR,
        // Bodies hold the senders' data, which must stay out of the logs.
        dataTraceEnabled: false,
        throttlingRateLimit: throttle.requestsPerSecond,
        throttlingBurstLimit: throttle.burst,
        accessLogDestination: new LogGroupLogDestination(accessLogs),
        accessLogFormat: AccessLogFormat.custom(
          JSON.stringify(pathsNamePeople ? accessLogLine : { ...accessLogLine, ...loggedPath }),
        ),
      },
    });
  }

  private keyAndPlan(): void {
    const { deployment, name, description, throttle, pagesThrottle } = this.props;
    const { stage } = deployment.settings;
    // Without a value, API Gateway generates one, so that no template holds it.
    const apiKey = new ApiKey(this, 'Key', { apiKeyName: apiName(stage, name), description });
    const planFor = (id: string, planName: string, { requestsPerSecond, burst }: Throttle) =>
      this.api.addUsagePlan(id, {
        name: planName,
        throttle: { rateLimit: requestsPerSecond, burstLimit: burst },
        apiStages: [{ api: this.api, stage: this.api.deploymentStage }],
      });
    const plan = planFor('Plan', apiName(stage, name), throttle);
    plan.addApiKey(apiKey);
    if (pagesThrottle) {
      const pagesName = `${apiName(stage, name)}-pages`;
      const pagesKey = new ApiKey(this, 'PagesKey', {
        apiKeyName: pagesName,
        description: `${description}; for web pages, whose readers can read it`,
      });
      planFor('PagesPlan', pagesName, pagesThrottle).addApiKey(pagesKey);
    }
    this.scopedKeys(apiKey, plan);
    // The console uses its own key for the API.
    const { apiId, usagePlanId } = parameterNames(stage);
    new StringParameter(this, 'IdParameter', {
      parameterName: apiId(name),
      stringValue: this.api.restApiId,
    });
    new StringParameter(this, 'PlanParameter', {
      parameterName: usagePlanId(name),
      stringValue: plan.usagePlanId,
    });
  }

  /** Adds the keys that have scopes for this API, and tells its function which key is which. */
  private scopedKeys(own: ApiKey, plan: UsagePlan): void {
    const { deployment, name, scopes } = this.props;
    if (!scopes || !keysDiffer(deployment)) return;
    const idByName: Record<string, string> = { [ownKey]: own.keyId };
    for (const [keyName, keyScopes] of Object.entries(deployment.apiKeys)) {
      if (!scopes.actions.some((action) => allowsAction(keyScopes, action))) continue;
      const key = new ApiKey(this, `Key-${keyName}`, {
        apiKeyName: `${apiName(deployment.settings.stage, name)}-${keyName}`,
        description: `API key ${keyName} of Sluice, with scopes`,
      });
      plan.addApiKey(key);
      idByName[keyName] = key.keyId;
    }
    scopes.function.addEnvironment('API_KEYS', Stack.of(this).toJsonString(idByName));
  }

  private firewall(): void {
    const { deployment, name, throttle } = this.props;
    const { stage, access } = deployment.settings;
    if (!access.firewall) return;
    const seen = (metricName: string) => ({
      cloudWatchMetricsEnabled: true,
      sampledRequestsEnabled: true,
      metricName: `${apiName(stage, name)}-${metricName}`,
    });
    // No rule reads the bodies, because they are private data and events may well look like attacks.
    const acl = new CfnWebACL(this, 'Firewall', {
      name: apiName(stage, name),
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: seen('all'),
      customResponseBodies: {
        'too-many-requests': {
          contentType: 'APPLICATION_JSON',
          content: JSON.stringify({
            message: `Too many requests from this address; wait ${firewallRetrySeconds} seconds and retry.`,
          }),
        },
      },
      rules: [
        {
          name: 'known-bad-addresses',
          priority: 0,
          overrideAction: { none: {} },
          statement: {
            managedRuleGroupStatement: {
              vendorName: 'AWS',
              name: 'AWSManagedRulesAmazonIpReputationList',
            },
          },
          visibilityConfig: seen('known-bad-addresses'),
        },
        {
          name: 'requests-per-address',
          priority: 1,
          action: {
            block: {
              customResponse: {
                responseCode: 429,
                customResponseBodyKey: 'too-many-requests',
                responseHeaders: [{ name: 'Retry-After', value: String(firewallRetrySeconds) }],
              },
            },
          },
          statement: {
            rateBasedStatement: {
              aggregateKeyType: 'IP',
              evaluationWindowSec: firewallWindowSeconds,
              // At least what the usage plan allows, because a single server may send as much as its key permits.
              limit: throttle.requestsPerSecond * firewallWindowSeconds + throttle.burst,
            },
          },
          visibilityConfig: seen('requests-per-address'),
        },
      ],
    });
    new CfnWebACLAssociation(this, 'FirewallAssociation', {
      resourceArn: this.api.deploymentStage.stageArn,
      webAclArn: acl.attrArn,
    });
  }
}

/** Name that stands for the key which the API has from the start. */
const ownKey = '';

const firewallWindowSeconds = 300;

/**
 * Seconds after which a refused client may try again. The firewall counts anew every few seconds, and admits an
 * address once its count is below the limit.
 */
const firewallRetrySeconds = 30;

/**
 * Returns the policy of a private API, which refuses calls through other VPC endpoints (developer guide:
 * apigateway-private-api-create).
 */
const onlyFrom = (vpcEndpointIds: readonly string[]): PolicyDocument =>
  new PolicyDocument({
    statements: [
      new PolicyStatement({
        principals: [new AnyPrincipal()],
        actions: ['execute-api:Invoke'],
        resources: ['execute-api:/*'],
        conditions: { StringEquals: { 'aws:SourceVpce': [...vpcEndpointIds] } },
      }),
    ],
  });

/**
 * Access log of one line of JSON for each request. Every value is a string, because API Gateway writes `-` for a
 * missing one.
 */
const accessLogLine = {
  requestId: '$context.requestId',
  extendedRequestId: '$context.extendedRequestId',
  traceId: '$context.xrayTraceId',
  requestTime: '$context.requestTime',
  method: '$context.httpMethod',
  resource: '$context.resourcePath',
  status: '$context.status',
  responseLength: '$context.responseLength',
  latencyMs: '$context.responseLatency',
  integrationLatencyMs: '$context.integration.latency',
  integrationStatus: '$context.integration.status',
  integrationRequestId: '$context.integration.requestId',
  errorType: '$context.error.responseType',
  firewall: '$context.waf.status',
  apiKeyId: '$context.identity.apiKeyId',
  sourceIp: '$context.identity.sourceIp',
  userAgent: '$context.identity.userAgent',
} as const;

const loggedPath = { path: '$context.path' } as const;
