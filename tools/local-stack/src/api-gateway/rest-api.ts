import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import findMyWay from 'find-my-way';
import { GatewayFault } from './gateway-fault';
import {
  compileMethod,
  integrationResponse,
  mediaType,
  requestTemplate,
  type GatewayMethod,
} from './gateway-method';
import { renderGatewayResponse, staticValue } from './gateway-response';
import { readRequestBody, readRequestHead, type GatewayRequest } from './gateway-request';
import type { HttpAnswer } from './http-answer';
import { JsonBody } from './json-body';
import {
  kinesisIntegration,
  type IntegrationAnswer,
  type KinesisTarget,
} from './kinesis-integration';
import { functionArnOf, proxyAnswer, proxyEvent, type InvokeFunction } from './lambda-proxy';
import { MappingTemplateError, type RequestParameters } from './mapping-template';
import { requestContext } from './request-context';
import { documentedMethods, RestApiDocumentError, type RestApiDocument } from './rest-api-document';
import { apiKeyCheck, UsagePlan, type Throttle } from './usage-plan';
import { substituteVariables, valueAtPath } from './variable-substitution';

export interface RestApiOptions {
  /** The `Body` of the REST API with its references resolved. */
  readonly document: unknown;
  /** Keys that methods with an API key accept. */
  readonly apiKeys: readonly string[];
  readonly stageName: string;
  readonly stageVariables?: Readonly<Record<string, string>>;
  /** Where `kinesis:action/…` integrations go. */
  readonly kinesis?: KinesisTarget;
  /** What `aws_proxy` integrations call. */
  readonly invokeFunction?: InvokeFunction;
  /** Beside those that the document names. */
  readonly binaryMediaTypes?: readonly string[];
  /** For each API key; no limit by default. */
  readonly throttle?: Throttle;
  /** The stage's access log format; `$context` variables in any text. */
  readonly accessLogFormat?: string;
  readonly accessLog?: (line: string) => void;
  /** Faults that a client sees only as 5xx, with the request's id. */
  readonly reportError?: (requestId: string, error: unknown) => void;
}

export interface RestApi {
  readonly listener: RequestListener;
  /** Ends the connections to the services behind it. */
  close(): void;
}

/** What an integration may take, at most (api-gateway-execution-service-limits-table.html). */
const maxIntegrationMs = 29_000;

/**
 * Serves a REST API of API Gateway from its document. The caller makes the server and binds it.
 * docs/local-gateway.md lists what is emulated.
 *
 * @throws RestApiDocumentError where the document can't be served
 */
export function createRestApi({
  document: documentOption,
  apiKeys,
  stageName,
  stageVariables = {},
  kinesis: kinesisTarget,
  invokeFunction,
  binaryMediaTypes: extraBinaryMediaTypes = [],
  throttle,
  accessLogFormat,
  accessLog = () => undefined,
  reportError = () => undefined,
}: RestApiOptions): RestApi {
  const document = documentOption as RestApiDocument;
  const gatewayResponses = document['x-amazon-apigateway-gateway-responses'] ?? {};
  const binaryMediaTypes = [
    ...(document['x-amazon-apigateway-binary-media-types'] ?? []),
    ...extraBinaryMediaTypes,
  ];
  const router = routerOf(document);
  const kinesis = kinesisTarget && kinesisIntegration(kinesisTarget);
  const isKnownKey = apiKeyCheck(apiKeys);
  const plan = throttle && new UsagePlan(throttle);

  /** @throws GatewayFault where the caller may not call. */
  const authorize = (method: GatewayMethod, request: GatewayRequest): void => {
    if (method.needsSignature && !request.headers['authorization']?.startsWith('AWS4-HMAC-SHA256'))
      throw new GatewayFault('MISSING_AUTHENTICATION_TOKEN', { status: 403 });
    if (!method.needsApiKey) return;
    const key = request.headers['x-api-key'] ?? '';
    if (!isKnownKey(key)) throw new GatewayFault('INVALID_API_KEY');
    if (plan && !plan.admit(key)) throw new GatewayFault('THROTTLED');
  };

  const answer = async (
    message: IncomingMessage,
    request: GatewayRequest,
    context: Record<string, unknown>,
  ): Promise<HttpAnswer> => {
    const found = router.find(request.httpMethod as 'GET', request.path);
    // Reading goes on while the rest is decided, so that a refused client can read its answer.
    const bodyRead = readRequestBody(message);
    bodyRead.catch(() => undefined);
    if (!found) {
      await bodyRead;
      throw new GatewayFault('MISSING_AUTHENTICATION_TOKEN');
    }
    const method = (found.store as { method: GatewayMethod }).method;
    context['resourcePath'] = method.resourcePath;
    const pathParameters = pathParametersOf(method, found.params);
    const body = await bodyRead;
    authorize(method, request);

    const params: RequestParameters = {
      path: pathParameters,
      querystring: Object.fromEntries(request.query),
      header: request.headers,
    };
    checkParameters(method, params);
    const { type, uri = '' } = method.integration;
    if (type.toLowerCase() === 'aws_proxy') {
      const functionArn = functionArnOf(uri);
      if (!functionArn || !invokeFunction)
        throw new GatewayFault('API_CONFIGURATION_ERROR', {
          cause: new Error(`can't call ${uri}`),
        });
      const event = proxyEvent(request, body, {
        resource: method.resourcePath,
        pathParameters,
        context,
        stageVariables,
        binaryMediaTypes,
      });
      const result = await withTimeout(method, () =>
        invokeFunction(functionArn, event).catch((cause: unknown) => {
          throw new GatewayFault('INTEGRATION_FAILURE', { status: 502, cause });
        }),
      );
      return proxyAnswer(result, { accept: request.headers['accept'], binaryMediaTypes });
    }

    const text = body.toString('utf8');
    const contentType = mediaType(request.headers['content-type']);
    const json = validBody(method, contentType, text);
    const template = requestTemplate(method, contentType);
    const input = { body: text, json, params, context, stageVariables };
    const rendered = template ? template.render(input).text : text;
    const integrated =
      type.toLowerCase() === 'mock' ? mockAnswer(rendered) : await callKinesis(method, rendered);
    const response = integrationResponse(method, integrated.status);
    if (!response)
      throw new GatewayFault('API_CONFIGURATION_ERROR', {
        cause: new Error(`no integration response matches the status ${integrated.status}`),
      });
    const output = response.template?.render({
      body: integrated.body,
      params,
      context,
      stageVariables,
    });
    return {
      status: output?.response.status ?? Number(response.response.statusCode),
      headers: {
        'content-type': 'application/json',
        ...responseHeaders(response.response.responseParameters, integrated),
        ...Object.fromEntries(
          Object.entries(output?.response.headers ?? {}).map(([name, value]) => [
            name.toLowerCase(),
            value,
          ]),
        ),
      },
      body: output?.text ?? integrated.body,
    };
  };

  const callKinesis = async (method: GatewayMethod, body: string): Promise<IntegrationAnswer> => {
    const action = /:kinesis:action\/(\w+)$/.exec(method.integration.uri ?? '')?.[1];
    if (!action || !kinesis)
      throw new GatewayFault('API_CONFIGURATION_ERROR', {
        cause: new Error(`can't call ${method.integration.uri ?? 'an integration without a uri'}`),
      });
    return withTimeout(method, (signal) =>
      kinesis
        .call(action, body, requestHeaders(method.integration.requestParameters), signal)
        .catch((cause: unknown) => {
          throw new GatewayFault('INTEGRATION_FAILURE', { cause });
        }),
    );
  };

  const handle = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = readRequestHead(message);
    const context = requestContext(request, stageName);
    let result: HttpAnswer;
    try {
      result = await answer(message, request, context);
    } catch (error) {
      const fault = faultOf(error);
      if (fault.status >= 500) reportError(request.id, fault.cause ?? error);
      result = renderGatewayResponse(fault, gatewayResponses, context);
    }
    const body = typeof result.body === 'string' ? Buffer.from(result.body) : result.body;
    const hasBody = request.httpMethod !== 'HEAD' && result.status !== 204 && result.status !== 304;
    response.writeHead(result.status, {
      ...(result.headers as Record<string, string | string[]>),
      'x-amzn-requestid': request.id,
      ...(hasBody && { 'content-length': body.length }),
    });
    response.end(hasBody ? body : undefined);
    if (accessLogFormat !== undefined) {
      const variables = {
        context: {
          ...context,
          status: result.status,
          responseLength: body.length,
          responseLatency: Date.now() - request.startedAt.getTime(),
        },
      };
      accessLog(substituteVariables(accessLogFormat, (path) => valueAtPath(variables, path)));
    }
  };

  return {
    listener: (message, response) => {
      handle(message, response).catch((error: unknown) => {
        reportError('-', error);
        response.destroy();
      });
    },
    close: () => kinesis?.close(),
  };
}

function routerOf(document: RestApiDocument) {
  const router = findMyWay({ ignoreTrailingSlash: true, maxParamLength: 10_000 });
  for (const documented of documentedMethods(document)) {
    const method = compileMethod(document, documented);
    const route = documented.path
      .replaceAll(':', '::')
      .replace(/\{[^}]+\+\}/g, '*')
      .replace(/\{([^}]+)\}/g, ':$1');
    const methods =
      documented.httpMethod === 'ANY'
        ? (['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const)
        : ([documented.httpMethod as 'GET'] as const);
    try {
      for (const httpMethod of methods)
        if (!(methods.length > 1 && router.hasRoute(httpMethod, route)))
          router.on(httpMethod, route, () => undefined, { method });
    } catch (cause) {
      throw new RestApiDocumentError(
        `${documented.httpMethod} ${documented.path} can't be served: ${(cause as Error).message}`,
        { cause },
      );
    }
  }
  return router;
}

/** find-my-way calls a greedy parameter `*`; the document has a name for it. */
function pathParametersOf(
  { resourcePath }: GatewayMethod,
  params: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const greedy = /\{([^}]+)\+\}/.exec(resourcePath)?.[1];
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [
      name === '*' && greedy ? greedy : name,
      value ?? '',
    ]),
  );
}

function checkParameters(method: GatewayMethod, params: RequestParameters): void {
  const missing = method.requiredParameters.filter(({ name, in: place }) => {
    if (place === 'header') return params.header[name.toLowerCase()] === undefined;
    return place === 'query' && params.querystring[name] === undefined;
  });
  if (missing.length > 0)
    throw new GatewayFault('BAD_REQUEST_PARAMETERS', {
      message: `Missing required request parameters: [${missing.map(({ name }) => name).join(', ')}]`,
    });
}

/** @returns the parsed body where a model asked for it. @throws GatewayFault BAD_REQUEST_BODY */
function validBody(
  { validators }: GatewayMethod,
  contentType: string,
  text: string,
): JsonBody | undefined {
  const validate = validators.get(contentType);
  if (!validate) return undefined;
  if (text.trim() === '')
    throw new GatewayFault('BAD_REQUEST_BODY', { validationError: 'the body is empty' });
  let json: JsonBody;
  try {
    json = JsonBody.parse(text);
  } catch (cause) {
    throw new GatewayFault('BAD_REQUEST_BODY', {
      validationError: `not JSON: ${(cause as Error).message}`,
    });
  }
  const validationError = validate(json.value);
  if (validationError !== undefined)
    throw new GatewayFault('BAD_REQUEST_BODY', { validationError });
  return json;
}

/** A mock answers with the status that its request template renders. */
function mockAnswer(rendered: string): IntegrationAnswer {
  try {
    const { statusCode } = JSON.parse(rendered) as { statusCode?: unknown };
    if (Number.isInteger(statusCode))
      return { status: statusCode as number, headers: {}, body: '' };
  } catch {
    // falls through: not JSON
  }
  throw new GatewayFault('API_CONFIGURATION_ERROR', {
    cause: new Error(
      `a mock integration needs {"statusCode": n} of its template, not ${rendered.slice(0, 80)}`,
    ),
  });
}

async function withTimeout<T>(
  { integration }: GatewayMethod,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const timeoutMs = Math.min(integration.timeoutInMillis ?? maxIntegrationMs, maxIntegrationMs);
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new GatewayFault('INTEGRATION_TIMEOUT'));
      abort.abort();
    }, timeoutMs);
  });
  try {
    return await Promise.race([call(abort.signal), expired]);
  } finally {
    clearTimeout(timer);
  }
}

/** `integration.request.header.X: "'value'"`; only static values are emulated. */
const requestHeaders = (
  parameters: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(parameters).flatMap(([target, source]) => {
      const header = /^integration\.request\.header\.(.+)$/.exec(target)?.[1];
      const value = staticValue(source);
      return header && value !== undefined ? [[header.toLowerCase(), value]] : [];
    }),
  );

/** `method.response.header.X: "'value'"` or `integration.response.header.Y`. */
const responseHeaders = (
  parameters: Readonly<Record<string, string>> = {},
  { headers }: IntegrationAnswer,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(parameters).flatMap(([target, source]) => {
      const header = /^method\.response\.header\.(.+)$/.exec(target)?.[1];
      const mapped = /^integration\.response\.header\.(.+)$/.exec(source)?.[1];
      const value = staticValue(source) ?? (mapped && headers[mapped.toLowerCase()]);
      return header && value !== undefined ? [[header.toLowerCase(), value]] : [];
    }),
  );

function faultOf(error: unknown): GatewayFault {
  if (error instanceof GatewayFault) return error;
  if (error instanceof MappingTemplateError && error.isBadBody)
    return new GatewayFault('BAD_REQUEST_BODY', {
      message: error.message,
      validationError: error.message,
    });
  return new GatewayFault('API_CONFIGURATION_ERROR', { cause: error });
}
