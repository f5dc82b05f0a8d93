import { bodyFault, jsonFault } from './body-text';
import { GatewayFault } from './gateway-fault';
import {
  integrationResponse,
  mediaType,
  requestTemplate,
  type GatewayMethod,
} from './gateway-method';
import { withTimeout } from './integration-timeout';
import type { HttpAnswer } from './http-answer';
import { JsonBody } from './json-body';
import type { IntegrationAnswer, KinesisIntegration } from './kinesis-integration';
import type {
  MappingTemplate,
  RenderedTemplate,
  RequestParameters,
  TemplateInput,
} from './mapping-template';
import { mappedHeaders } from './parameter-mapping';

/** A request that is to be passed to a service or a mock. */
export interface ServiceRequest {
  readonly body: Buffer;
  readonly params: RequestParameters;
  readonly context: Readonly<Record<string, unknown>>;
  readonly stageVariables: Readonly<Record<string, string>>;
}

/**
 * Runs an `aws` or `mock` integration: model, request template, call, response template.
 * @throws GatewayFault
 */
export async function runServiceIntegration(
  method: GatewayMethod,
  { body, params, context, stageVariables }: ServiceRequest,
  kinesis: KinesisIntegration | undefined,
): Promise<HttpAnswer> {
  const contentType = mediaType(params.header['content-type']);
  const text = body.toString('utf8');
  const json = validBody(method, contentType, body, text);
  const template = requestTemplate(method, contentType);
  const rendered =
    template?.render({ body: text, json, params, context, stageVariables }).text ?? text;

  const integrated =
    method.integration.type.toLowerCase() === 'mock'
      ? mockAnswer(rendered)
      : await callService(method, rendered, params, kinesis);

  const response = integrationResponse(method, integrated.status);
  if (!response)
    throw new GatewayFault('API_CONFIGURATION_ERROR', {
      cause: new Error(`no integration response matches the status ${integrated.status}`),
    });
  const output = renderResponse(response.template, {
    body: integrated.body,
    params,
    context,
    stageVariables,
  });
  return {
    status: output?.response.status ?? response.statusCode,
    headers: {
      'content-type': 'application/json',
      ...mappedHeaders(response.headers, integrated.headers),
      ...output?.response.headers,
    },
    body: output?.text ?? integrated.body,
  };
}

/**
 * Renders a response template.
 *
 * @throws GatewayFault API_CONFIGURATION_ERROR, because a service's answer is never the client's mistake
 */
function renderResponse(
  template: MappingTemplate | undefined,
  input: TemplateInput,
): RenderedTemplate | undefined {
  try {
    return template?.render(input);
  } catch (cause) {
    throw new GatewayFault('API_CONFIGURATION_ERROR', { cause });
  }
}

/** Validates a body. @returns the parsed body where a model required parsing. @throws GatewayFault BAD_REQUEST_BODY */
function validBody(
  { validators }: GatewayMethod,
  contentType: string,
  body: Buffer,
  text: string,
): JsonBody | undefined {
  const validate = validators.get(contentType);
  if (!validate) return undefined;
  const refuse = (validationError: string): never => {
    throw new GatewayFault('BAD_REQUEST_BODY', { validationError });
  };
  const wrongBytes = bodyFault(body, text);
  if (wrongBytes !== undefined) refuse(`[${wrongBytes}]`);
  let json: JsonBody;
  try {
    json = JsonBody.parse(text);
  } catch (error) {
    return refuse(`[${jsonFault(text, error)}]`);
  }
  const fault = validate(json.value);
  return fault === undefined ? json : refuse(fault);
}

async function callService(
  method: GatewayMethod,
  body: string,
  { header }: RequestParameters,
  kinesis: KinesisIntegration | undefined,
): Promise<IntegrationAnswer> {
  const { kinesisAction: action, integration } = method;
  const { uri = '', credentials: roleArn } = integration;
  if (action === undefined || !kinesis)
    throw new GatewayFault('API_CONFIGURATION_ERROR', {
      cause: new Error(`the integration "${uri}" is not one of Kinesis, or Kinesis is not set up`),
    });
  return withTimeout(integration, (onExpiry) =>
    kinesis
      .call({
        action,
        body,
        headers: mappedHeaders(method.integrationHeaders, header),
        roleArn,
        onExpiry,
      })
      .catch((cause: unknown) => {
        throw new GatewayFault('INTEGRATION_FAILURE', { cause });
      }),
  );
}

/** Returns the answer of a mock, with the status that its request template renders. */
function mockAnswer(rendered: string): IntegrationAnswer {
  let statusCode: unknown;
  try {
    ({ statusCode } = JSON.parse(rendered) as { statusCode?: unknown });
  } catch {
    statusCode = undefined;
  }
  if (typeof statusCode !== 'number')
    throw new GatewayFault('API_CONFIGURATION_ERROR', {
      cause: new Error(`a mock's request template renders {"statusCode": n}, not ${rendered}`),
    });
  return { status: statusCode, headers: {}, body: '' };
}
