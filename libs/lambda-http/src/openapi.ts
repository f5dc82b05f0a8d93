// A separate entry point (@sluice/lambda-http/openapi): the parts that the documents of functions' APIs share.

/**
 * The members of a document beside its paths.
 *
 * Every media type counts as binary, because a compressed JSON answer is binary under the media type of
 * JSON; request bodies therefore reach the function in base64. API Gateway reads binary answers from the
 * function only where the first type of `Accept` is one of these (developer guide:
 * lambda-proxy-binary-media).
 */
export const documentFrame = (title: string) => ({
  openapi: '3.0.1',
  info: { title, version: '1' },
  'x-amazon-apigateway-api-key-source': 'HEADER',
  'x-amazon-apigateway-binary-media-types': ['*/*'],
  components: {
    securitySchemes: { apiKey: { type: 'apiKey', name: 'x-api-key', in: 'header' } },
  },
  'x-amazon-apigateway-gateway-responses': gatewayResponses,
});

export const security = [{ apiKey: [] }];

/** @param uri `arn:…:apigateway:…:path/2015-03-31/functions/…/invocations` */
export const functionIntegration = (uri: string) => ({
  'x-amazon-apigateway-integration': {
    type: 'aws_proxy',
    httpMethod: 'POST',
    uri,
    passthroughBehavior: 'when_no_match',
  },
});

export const problemAnswer = (description: string) => ({
  description,
  content: {
    'application/json': {
      schema: { type: 'object', properties: { message: { type: 'string' } } },
    },
  },
});

const rows = {
  type: 'object',
  properties: {
    rows: { type: 'array', items: { type: 'object' } },
    count: { type: 'integer' },
    cursor: { type: 'string', nullable: true },
    message: { type: 'string' },
  },
};

/** Rows, in each of the formats. */
export const rowsAnswer = (description: string) => ({
  description,
  content: {
    'application/json': { schema: rows },
    'application/x-ndjson': { schema: { type: 'string' } },
    'text/csv': { schema: { type: 'string' } },
    'application/vnd.apache.arrow.stream': { schema: { type: 'string', format: 'binary' } },
  },
});

const corsHeaders = {
  'Access-Control-Allow-Origin': "'*'",
  'Access-Control-Allow-Headers': "'accept,content-type,if-none-match,x-api-key'",
  'Access-Control-Expose-Headers':
    "'etag,location,retry-after,server-timing,x-next-cursor,x-row-count'",
  'Access-Control-Max-Age': "'86400'",
};

/** Response parameters of a method that a browser may call. */
export const corsParameters = Object.fromEntries(
  Object.entries(corsHeaders).map(([name, value]) => [`method.response.header.${name}`, value]),
);

/** What a mock needs: text, although every media type of these APIs counts as binary. */
export const contentForMocks = {
  contentHandling: 'CONVERT_TO_TEXT',
  // A mock without a rendered status is a 500, so a body that no template reads may not pass.
  passthroughBehavior: 'never',
};

export const otherMediaType = problemAnswer('A body of another media type than application/json.');

/** Answered by API Gateway itself: a preflight carries no API key and need not start the function. */
export function preflight(parameters: readonly object[], methods: string) {
  const headers = { ...corsHeaders, 'Access-Control-Allow-Methods': `'${methods}'` };
  return {
    summary: 'CORS preflight',
    parameters,
    responses: {
      '204': {
        description: 'What a browser may send.',
        headers: Object.fromEntries(
          Object.keys(headers).map((name) => [name, { schema: { type: 'string' } }]),
        ),
      },
      '415': otherMediaType,
    },
    'x-amazon-apigateway-integration': {
      type: 'mock',
      ...contentForMocks,
      requestTemplates: { 'application/json': '{"statusCode": 204}' },
      responses: {
        default: {
          statusCode: '204',
          responseParameters: Object.fromEntries(
            Object.entries(headers).map(([name, value]) => [
              `method.response.header.${name}`,
              value,
            ]),
          ),
        },
      },
    },
  };
}

/** What API Gateway answers without the function; a browser may read it too. */
const gatewayResponse = (statusCode?: number, headers: Record<string, string> = {}) => ({
  ...(statusCode && { statusCode }),
  responseParameters: Object.fromEntries(
    Object.entries({ ...corsHeaders, ...headers }).map(([name, value]) => [
      `gatewayresponse.header.${name}`,
      value,
    ]),
  ),
  responseTemplates: { 'application/json': '{"message":$context.error.messageString}' },
});

const gatewayResponses = {
  DEFAULT_4XX: gatewayResponse(),
  DEFAULT_5XX: gatewayResponse(),
  THROTTLED: gatewayResponse(429, { 'Retry-After': "'1'" }),
  QUOTA_EXCEEDED: gatewayResponse(429, { 'Retry-After': "'3600'" }),
};
