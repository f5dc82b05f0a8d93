import type { FunctionTraces, RequestTrace } from '@sluice/traces';
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';

/** A request as an application sees it, whatever transport carried it. */
export interface HttpRequest {
  readonly method: string;
  /** Path without the stage: `/v1/events/orders`. */
  readonly path: string;
  /** Every value of every parameter, in the order given. */
  readonly query: ReadonlyMap<string, readonly string[]>;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** The maker of the request, where the transport tells. */
  readonly caller?: Caller;
  /** Records parts of the work; undefined where the request is not recorded. */
  readonly trace?: RequestTrace;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** An application, independent of the event format that carries its requests. */
export type HttpApi = (request: HttpRequest) => Promise<HttpResponse>;

/** The maker of a request, as far as API Gateway tells: for audit logs, and for the scopes of API keys. */
export interface Caller {
  readonly apiKeyId?: string;
  readonly userArn?: string;
  readonly sourceIp?: string;
}

/** Returns who made a request. */
export function callerOf({ requestContext }: Pick<APIGatewayProxyEvent, 'requestContext'>): Caller {
  // The console's own test of a method may send no identity.
  const identity = requestContext.identity as unknown as
    | Readonly<Record<string, unknown>>
    | undefined;
  const names = ['apiKeyId', 'userArn', 'sourceIp'] as const;
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = identity?.[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
}

/** Telemetry hook that is called for each request before it is answered. */
export interface InvocationTelemetry {
  /** Puts the ids of the invocation, and of the request as its client knows it, on the log lines that follow. */
  invocationBegins(event: Pick<APIGatewayProxyEvent, 'requestContext'>, context: Context): void;
}

/**
 * Returns the Lambda handler of an API behind a REST API, which speaks the proxy integration's envelope (format 1.0).
 * The spans of a recorded request are sent before it is answered, because the function may be frozen afterwards.
 */
export const proxyHandler =
  (api: HttpApi, telemetry: InvocationTelemetry, traces?: FunctionTraces) =>
  async (event: APIGatewayProxyEvent, context: Context): Promise<APIGatewayProxyResult> => {
    telemetry.invocationBegins(event, context);
    const request = { ...fromProxyEvent(event), caller: callerOf(event) };
    const trace = traces?.begin(request.headers.get('traceparent'));
    if (!traces || !trace) return toProxyResult(await api(request));
    const response = await api({ ...request, trace });
    await traces.send(endedTrace(trace, event, response.status));
    return toProxyResult(response);
  };

/**
 * Ends the trace of a request. It names the route and not the path, which may hold what names a person
 * (OpenTelemetry, "Semantic conventions for HTTP spans").
 */
function endedTrace(
  trace: RequestTrace,
  { httpMethod, resource, requestContext }: APIGatewayProxyEvent,
  status: number,
): ReturnType<RequestTrace['end']> {
  return trace.end(`${httpMethod} ${resource}`, {
    attributes: {
      'http.request.method': httpMethod,
      'http.route': resource,
      'http.response.status_code': status,
      'aws.request_id': requestContext.requestId,
      ...(status >= 500 && { 'error.type': String(status) }),
    },
    ...(status >= 500 && { error: `answered with ${status}` }),
  });
}

/** Converts the proxy integration's envelope to a request. */
export function fromProxyEvent(event: APIGatewayProxyEvent): HttpRequest {
  const query = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(event.queryStringParameters ?? {}))
    if (value !== undefined) query.set(name, [value]);
  for (const [name, values] of Object.entries(event.multiValueQueryStringParameters ?? {}))
    if (values && values.length > 0) query.set(name, values);
  const headers = new Map<string, string>();
  // The console's own test of a method sends null for no headers.
  const sent = event.headers as APIGatewayProxyEvent['headers'] | null;
  for (const [name, value] of Object.entries(sent ?? {}))
    if (value !== undefined) headers.set(name.toLowerCase(), value);
  const body = event.body ?? '';
  return {
    method: event.httpMethod.toUpperCase(),
    path: event.path,
    query,
    headers,
    body: event.isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body,
  };
}

/**
 * Converts an answer to the proxy integration's envelope. Bytes travel as base64; API Gateway decodes them where the
 * API names `*\/*` a binary media type.
 */
export function toProxyResult({ status, headers, body }: HttpResponse): APIGatewayProxyResult {
  const isBytes = typeof body !== 'string';
  return {
    statusCode: status,
    headers: { ...headers },
    body: isBytes ? Buffer.from(body).toString('base64') : body,
    isBase64Encoded: isBytes,
  };
}
