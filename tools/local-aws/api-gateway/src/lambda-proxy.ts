import { GatewayFault } from './gateway-fault';
import type { GatewayMethod } from './gateway-method';
import type { GatewayRequest } from './gateway-request';
import type { HttpAnswer } from './http-answer';
import { withTimeout } from './integration-timeout';

/**
 * Calls a function with a payload and returns its result. Rejects where the function failed.
 *
 * The signal is aborted once the gateway has timed out; the result is ignored from then on.
 */
export type InvokeFunction = (
  functionArn: string,
  payload: unknown,
  abandoned: AbortSignal,
) => Promise<unknown>;

export interface ProxyRequest {
  readonly request: GatewayRequest;
  readonly body: Buffer;
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly context: Readonly<Record<string, unknown>>;
  readonly stageVariables: Readonly<Record<string, string>>;
  readonly binaryMediaTypes: readonly string[];
}

/** Runs an `aws_proxy` integration. @throws GatewayFault */
export async function runProxyIntegration(
  { integration, resourcePath }: GatewayMethod,
  proxyRequest: ProxyRequest,
  invokeFunction: InvokeFunction | undefined,
): Promise<HttpAnswer> {
  const functionArn = functionArnOf(integration.uri ?? '');
  if (functionArn === undefined || !invokeFunction)
    throw new GatewayFault('API_CONFIGURATION_ERROR', {
      cause: new Error(
        `the integration "${integration.uri ?? ''}" names no function, or there are none`,
      ),
    });
  const event = proxyEvent(resourcePath, proxyRequest);
  const result = await withTimeout(integration, (onExpiry) => {
    const abandoned = new AbortController();
    onExpiry(() => abandoned.abort());
    return invokeFunction(functionArn, event, abandoned.signal).catch((cause: unknown) => {
      throw new GatewayFault('INTEGRATION_FAILURE', { status: 502, cause });
    });
  });
  return proxyAnswer(result, proxyRequest.request.headers['accept'], proxyRequest.binaryMediaTypes);
}

/** Extracts the function's ARN from `arn:…:lambda:path/2015-03-31/functions/<function ARN>/invocations`. */
const functionArnOf = (uri: string): string | undefined =>
  /\/functions\/(.+)\/invocations$/.exec(uri)?.[1];

/**
 * Returns the event of a proxy integration
 * (docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-input-format).
 */
function proxyEvent(
  resource: string,
  { request, body, pathParameters, context, stageVariables, binaryMediaTypes }: ProxyRequest,
): unknown {
  const isBase64Encoded =
    body.length > 0 && matchesMediaType(binaryMediaTypes, request.headers['content-type']);
  const names = [...new Set(request.query.keys())];
  const multiValueQuery = Object.fromEntries(
    names.map((name) => [name, request.query.getAll(name)]),
  );
  const query = Object.fromEntries(request.query);
  return {
    resource,
    path: request.path,
    httpMethod: request.httpMethod,
    headers: request.headers,
    multiValueHeaders: request.multiValueHeaders,
    queryStringParameters: orNull(query),
    multiValueQueryStringParameters: orNull(multiValueQuery),
    pathParameters: orNull(pathParameters),
    stageVariables: orNull(stageVariables),
    requestContext: context,
    body: body.length === 0 ? null : body.toString(isBase64Encoded ? 'base64' : 'utf8'),
    isBase64Encoded,
  };
}

const orNull = <T extends object>(values: T): T | null =>
  Object.keys(values).length === 0 ? null : values;

interface ProxyResult {
  readonly statusCode?: unknown;
  readonly headers?: Readonly<Record<string, unknown>> | null;
  readonly multiValueHeaders?: Readonly<Record<string, readonly unknown[]>> | null;
  readonly body?: unknown;
  readonly isBase64Encoded?: boolean;
}

/**
 * Converts the function's answer to an HTTP answer.
 *
 * @throws GatewayFault where the answer does not have the form that a proxy integration requires
 */
function proxyAnswer(
  result: unknown,
  accept: string | undefined,
  binaryMediaTypes: readonly string[],
): HttpAnswer {
  const { statusCode, headers, multiValueHeaders, body, isBase64Encoded } = (result ??
    {}) as ProxyResult;
  const status = Number(statusCode);
  const isMalformed =
    !Number.isInteger(status) ||
    status < 100 ||
    status > 599 ||
    (body !== undefined && body !== null && typeof body !== 'string');
  if (isMalformed)
    throw new GatewayFault('INTEGRATION_FAILURE', {
      status: 502,
      message: 'Internal server error',
      cause: new Error('malformed Lambda proxy response: statusCode and a body of text are needed'),
    });
  const text = typeof body === 'string' ? body : '';
  // Binary is decoded only where the caller's first Accept type is one of the binary types
  // (api-gateway-payload-encodings-workflow.html).
  const isBinary = isBase64Encoded === true && matchesMediaType(binaryMediaTypes, accept ?? '*/*');
  return {
    status,
    headers: {
      'content-type': 'application/json',
      ...lowerCaseNames(headers ?? {}, String),
      ...lowerCaseNames(multiValueHeaders ?? {}, (values) => values.map(String)),
    },
    body: isBinary ? Buffer.from(text, 'base64') : text,
  };
}

const lowerCaseNames = <V, W>(
  values: Readonly<Record<string, V>>,
  convert: (value: V) => W,
): Record<string, W> =>
  Object.fromEntries(
    Object.entries(values)
      .map(([name, value]) => [name.toLowerCase(), convert(value)] as const)
      .filter(([name]) => !connectionHeaders.has(name)),
  );

/** Headers that the gateway sets itself for the answer that it sends; the function's own are ignored. */
const connectionHeaders: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'transfer-encoding',
]);

function matchesMediaType(types: readonly string[], header: string | undefined): boolean {
  const wanted = header?.split(',')[0]?.split(';')[0]?.trim().toLowerCase();
  return types.some(
    (type) =>
      type === '*/*' ||
      (wanted !== undefined &&
        (type.toLowerCase() === wanted ||
          (type.endsWith('/*') && wanted.startsWith(type.slice(0, -1).toLowerCase())))),
  );
}
