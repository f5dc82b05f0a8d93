// A separate entry point (@sluice/lambda-http/openapi): the parts that the documents of our APIs share. API Gateway
// serves an API by its document and reads the `x-amazon-apigateway-…` members, which clients never see.
import { columnsLeftOutHeader } from './columns-left-out';
import { corsHeaders, everyOrigin, preflightHeaders, type Cors } from './cors';

export { corsHeaders, everyOrigin, type Cors } from './cors';

/**
 * Returns the document of a function's API without its paths.
 *
 * Every media type counts as binary, because a compressed JSON answer is binary under the media type of JSON; request
 * bodies therefore reach the function in base64. API Gateway reads binary answers from the function only where the
 * first type of `Accept` is one of these (developer guide: lambda-proxy-binary-media).
 */
export const documentFrame = (title: string) => ({
  openapi: '3.0.1',
  info: { title, version: '1' },
  'x-amazon-apigateway-api-key-source': 'HEADER',
  'x-amazon-apigateway-binary-media-types': ['*/*'],
  components: {
    securitySchemes: { apiKey: { type: 'apiKey', name: 'x-api-key', in: 'header' } },
  },
  'x-amazon-apigateway-gateway-responses': gatewayResponses(everyOrigin),
});

export const security = [{ apiKey: [] }];

/** Returns the integration of a function. @param uri `arn:…:apigateway:…:path/2015-03-31/functions/…/invocations` */
export const functionIntegration = (uri: string) => ({
  'x-amazon-apigateway-integration': {
    type: 'aws_proxy',
    httpMethod: 'POST',
    uri,
    passthroughBehavior: 'when_no_match',
  },
});

/** Returns the description of an answer whose JSON body says what is wrong. */
export const problemAnswer = (description: string) => ({
  description,
  content: {
    'application/json': {
      schema: { type: 'object', properties: { message: { type: 'string' } } },
    },
  },
});

/** The refusal of a request by its API key. */
export const keyProblemAnswer = problemAnswer(
  'No or wrong API key, or one whose scopes are too narrow; the message says which.',
);

/** Description of the header {@link columnsLeftOutHeader}, by its name. */
export const leftOutHeaderDoc = {
  [columnsLeftOutHeader]: {
    description: 'Restricted columns that the API key may not see, separated by commas.',
    schema: { type: 'string' },
  },
};

/** Header values by header name, as they are sent. */
type Headers = Readonly<Record<string, string>>;

/** Returns headers as response parameters of an integration, which wrap static values in single quotes. */
export const responseParameters = (
  headers: Headers,
  response: 'method.response' | 'gatewayresponse' = 'method.response',
): Headers =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [`${response}.header.${name}`, `'${value}'`]),
  );

/** Returns the declarations of headers that a method's response needs for each header that its integration sets. */
export const headerDocs = (headers: Headers) =>
  Object.fromEntries(Object.keys(headers).map((name) => [name, { schema: { type: 'string' } }]));

export interface Mock {
  readonly statusCode: number;
  readonly headers: Headers;
  /** Template of the body, in VTL. @default none */
  readonly template?: string;
  /** True where every media type of the API counts as binary; a mock then has to declare its own body as text. */
  readonly isBinaryApi: boolean;
}

/** Returns an integration that API Gateway answers by itself, without a function. */
export const mockIntegration = ({ statusCode, headers, template, isBinaryApi }: Mock) => ({
  type: 'mock',
  ...(isBinaryApi && { contentHandling: 'CONVERT_TO_TEXT' }),
  // A mock whose template did not set a status answers 500, so a body that no template reads must be refused.
  passthroughBehavior: 'never',
  requestTemplates: { 'application/json': `{"statusCode": ${statusCode}}` },
  responses: {
    default: {
      statusCode: String(statusCode),
      responseParameters: responseParameters(headers),
      ...(template !== undefined && { responseTemplates: { 'application/json': template } }),
    },
  },
});

export const otherMediaType = problemAnswer('A body of another media type than application/json.');

export interface PreflightOptions<Parameter> {
  readonly methods: readonly string[];
  /** Parameters of the path. @default none */
  readonly parameters?: readonly Parameter[];
  /** @default every origin */
  readonly cors?: Cors;
  /** @default true */
  readonly isBinaryApi?: boolean;
}

/**
 * Returns the operation that answers a preflight. It requires no API key, since a preflight carries none, and starts
 * no function.
 */
export function preflight<Parameter>({
  methods,
  parameters = [],
  cors = everyOrigin,
  isBinaryApi = true,
}: PreflightOptions<Parameter>) {
  const headers = preflightHeaders(cors, methods);
  return {
    summary: 'CORS preflight',
    ...(parameters.length > 0 && { parameters }),
    responses: {
      '204': { description: 'What a browser may send.', headers: headerDocs(headers) },
      '415': { description: otherMediaType.description },
    },
    'x-amazon-apigateway-integration': mockIntegration({ statusCode: 204, headers, isBinaryApi }),
  };
}

/** An answer that API Gateway gives instead of calling an integration. */
export interface GatewayResponse {
  /** @default API Gateway's own */
  readonly statusCode?: number;
  /**
   * Message of the body. It may hold `$context` variables, which are escaped for use between quotes.
   *
   * @default API Gateway's own words
   */
  readonly message?: string;
  readonly retryAfterSeconds?: number;
}

/**
 * Returns the answers that API Gateway gives by itself before an integration runs: JSON with a message and the id of
 * the request, readable by browsers. Their templates support simple substitution only, no VTL (developer guide:
 * api-gateway-gatewayResponse-definition).
 *
 * @param others answers of one API, added to those of all
 */
export const gatewayResponses = (
  cors: Cors | undefined,
  others: Readonly<Record<string, GatewayResponse>> = {},
) =>
  Object.fromEntries(
    Object.entries({ ...everyApisResponses, ...others }).map(
      ([type, { statusCode, message, retryAfterSeconds }]) => [
        type,
        {
          ...(statusCode !== undefined && { statusCode: String(statusCode) }),
          responseParameters: responseParameters(
            {
              ...corsHeaders(cors),
              ...(retryAfterSeconds !== undefined && { 'Retry-After': String(retryAfterSeconds) }),
            },
            'gatewayresponse',
          ),
          responseTemplates: {
            'application/json': `{"message":${
              // It brings its own quotes.
              message === undefined ? '$context.error.messageString' : JSON.stringify(message)
            },"requestId":"$context.requestId"}\n`,
          },
        },
      ],
    ),
  );

const everyApisResponses: Readonly<Record<string, GatewayResponse>> = {
  DEFAULT_4XX: {},
  DEFAULT_5XX: {
    message: 'The service could not answer; try again, and give the request id if it stays so.',
  },
  MISSING_AUTHENTICATION_TOKEN: {
    statusCode: 404,
    message: 'There is no such path or method here. GET /v1/openapi.json names those there are.',
  },
  INVALID_API_KEY: {
    statusCode: 403,
    message: 'The API key is missing or not valid; send it as the header x-api-key.',
  },
  THROTTLED: {
    statusCode: 429,
    message: 'Too many requests; wait a little and retry.',
    retryAfterSeconds: 1,
  },
  QUOTA_EXCEEDED: {
    statusCode: 429,
    message: 'The quota of this API key is used up; retry when its period is over.',
    retryAfterSeconds: 3_600,
  },
};
