import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import * as crypto from 'node:crypto';
import { signatureV4, type SigningCredentials } from '@sluice/local-http';
import { accessLogLine } from './access-log';
import { decodedBody } from './content-encoding';
import { GatewayFault } from './gateway-fault';
import type { GatewayMethod } from './gateway-method';
import { readRequestBody, readRequestHead, type GatewayRequest } from './gateway-request';
import { renderGatewayResponse } from './gateway-response';
import type { HttpAnswer } from './http-answer';
import { kinesisIntegration, type KinesisTarget } from './kinesis-integration';
import { runProxyIntegration, type InvokeFunction } from './lambda-proxy';
import { MappingTemplateError, type RequestParameters } from './mapping-template';
import { requestContext } from './request-context';
import type { RestApiDocument } from './rest-api-document';
import { compileRoutes } from './routes';
import { runServiceIntegration } from './service-integration';
import { apiKeyFinder, UsagePlan, type ApiKey, type Throttle } from './usage-plan';

export interface RestApiOptions {
  /** The `Body` of the REST API, with its references resolved. */
  readonly document: unknown;
  /** Keys that methods with an API key accept. */
  readonly apiKeys: readonly ApiKey[];
  /**
   * Credentials that requests to methods with IAM authorization must be signed with. Without them all such requests
   * are refused.
   */
  readonly credentials?: SigningCredentials;
  readonly stageName: string;
  readonly stageVariables?: Readonly<Record<string, string>>;
  /** Endpoint of Kinesis, for `kinesis:action/…` integrations. */
  readonly kinesis?: KinesisTarget;
  /** Invokes a function, for `aws_proxy` integrations. */
  readonly invokeFunction?: InvokeFunction;
  /** Request limit of each API key. @default none */
  readonly throttle?: Throttle;
  /** Format of the stage's access log: any text with `$context` variables. */
  readonly accessLogFormat?: string;
  readonly accessLog?: (line: string) => void;
  /** Called for each fault that the client sees only as a 5xx with the request's id. */
  readonly reportError?: (requestId: string, error: unknown) => void;
}

export interface RestApi {
  readonly listener: RequestListener;
  /** Closes the connections to the services behind the API. */
  close(): void;
}

/**
 * Serves a REST API of API Gateway from its document. The caller creates the server and binds it to a port. README.md
 * beside this folder lists what is emulated.
 *
 * @throws RestApiDocumentError where the document can't be served
 */
export function createRestApi({
  document: documentOption,
  apiKeys,
  credentials,
  stageName,
  stageVariables = {},
  kinesis: kinesisTarget,
  invokeFunction,
  throttle,
  accessLogFormat,
  accessLog = () => undefined,
  reportError = () => undefined,
}: RestApiOptions): RestApi {
  const document = documentOption as RestApiDocument;
  const gatewayResponses = document['x-amazon-apigateway-gateway-responses'] ?? {};
  const binaryMediaTypes = document['x-amazon-apigateway-binary-media-types'] ?? [];
  const findRoute = compileRoutes(document);
  const kinesis = kinesisTarget && kinesisIntegration(kinesisTarget);
  const findKey = apiKeyFinder(apiKeys);
  const signature = credentials && signatureV4(crypto, credentials);
  const plan = throttle && new UsagePlan(throttle);

  /**
   * Checks the API key or signature of a request, and notes the key's id in its context.
   *
   * @throws GatewayFault where the caller has no access
   */
  const authorize = (
    method: GatewayMethod,
    { headers, httpMethod, target }: GatewayRequest,
    body: Buffer,
    context: Record<string, unknown>,
  ): void => {
    if (method.needsSignature) {
      if (!signature) throw new GatewayFault('MISSING_AUTHENTICATION_TOKEN');
      const payloadHash = crypto.hash('sha256', body);
      const { fault, role } = signature.verify(
        { method: httpMethod, target, headers, payloadHash },
        { services: ['execute-api'], nowMs: Date.now() },
      );
      if (fault?.kind === 'missing') throw new GatewayFault('MISSING_AUTHENTICATION_TOKEN');
      if (fault) throw new GatewayFault(signatureFaults[fault.kind], { message: fault.message });
      // No function of the templates may call an API.
      if (role !== undefined) throw new GatewayFault('ACCESS_DENIED');
    }
    if (!method.needsApiKey) return;
    const key = headers['x-api-key'] ?? '';
    const found = findKey(key);
    if (!found) throw new GatewayFault('INVALID_API_KEY');
    if (found.id !== undefined)
      context['identity'] = { ...(context['identity'] as object), apiKeyId: found.id };
    if (plan && !plan.admit(key)) throw new GatewayFault('THROTTLED');
  };

  const answer = async (
    message: IncomingMessage,
    request: GatewayRequest,
    context: Record<string, unknown>,
  ): Promise<HttpAnswer> => {
    // The body is read even if the request is refused, so that the client can read its answer.
    const sentBody = await readRequestBody(message);
    const route = findRoute(request.httpMethod, request.path);
    if (!route) throw new GatewayFault('MISSING_AUTHENTICATION_TOKEN');
    const { method, pathParameters } = route;
    context['resourcePath'] = method.resourcePath;
    authorize(method, request, sentBody, context);
    const body = await decodedBody(sentBody, request.headers['content-encoding']);

    const params: RequestParameters = {
      path: pathParameters,
      querystring: Object.fromEntries(request.query),
      header: request.headers,
    };
    checkParameters(method, params);
    return method.integration.type.toLowerCase() === 'aws_proxy'
      ? runProxyIntegration(
          method,
          { request, body, pathParameters, context, stageVariables, binaryMediaTypes },
          invokeFunction,
        )
      : runServiceIntegration(method, { body, params, context, stageVariables }, kinesis);
  };

  const handle = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = readRequestHead(message);
    const context = requestContext(request, stageName);
    let result: HttpAnswer;
    try {
      result = await answer(message, request, context);
    } catch (error) {
      if (message.errored) return; // the client went away; nobody reads an answer
      const fault = faultOf(error);
      if (fault.status >= 500) reportError(request.id, fault.cause ?? fault);
      result = renderGatewayResponse(fault, gatewayResponses, context, request.headers);
    }
    send(response, request, result);
    if (accessLogFormat !== undefined)
      accessLog(accessLogLine(accessLogFormat, { context, request, answer: result }));
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

/** Gateway responses for faults of a signature. Source: API Gateway developer guide, "Gateway response types". */
const signatureFaults = {
  incomplete: 'INVALID_SIGNATURE',
  'unknown key': 'INVALID_SIGNATURE',
  mismatch: 'INVALID_SIGNATURE',
  expired: 'EXPIRED_TOKEN',
} as const;

function send(
  response: ServerResponse,
  { id, httpMethod }: GatewayRequest,
  { status, headers, body }: HttpAnswer,
): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const hasBody = httpMethod !== 'HEAD' && status !== 204 && status !== 304;
  response.writeHead(status, {
    ...(headers as Record<string, string | string[]>),
    'x-amzn-requestid': id,
    ...(hasBody && { 'content-length': bytes.length }),
  });
  response.end(hasBody ? bytes : undefined);
}

/**
 * Checks that all required parameters are present.
 *
 * @throws GatewayFault BAD_REQUEST_PARAMETERS naming those that are missing
 */
function checkParameters({ requiredParameters }: GatewayMethod, params: RequestParameters): void {
  const missing = requiredParameters.filter(({ name, in: place }) => {
    if (place === 'header') return params.header[name.toLowerCase()] === undefined;
    return place === 'query' && params.querystring[name] === undefined;
  });
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name).join(', ');
  throw new GatewayFault('BAD_REQUEST_PARAMETERS', {
    message: `Missing required request parameters: [${names}]`,
  });
}

function faultOf(error: unknown): GatewayFault {
  if (error instanceof GatewayFault) return error;
  if (error instanceof MappingTemplateError && error.isBadBody)
    return new GatewayFault('BAD_REQUEST_BODY', {
      message: error.message,
      validationError: error.message,
    });
  return new GatewayFault('API_CONFIGURATION_ERROR', { cause: error });
}
