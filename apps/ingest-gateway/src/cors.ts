import type { Json, JsonObject } from './open-api';

/** Which browsers may call. API keys travel in a header, never in a cookie, so `*` gives nothing away. */
export interface Cors {
  /** `*` or one origin, such as `https://app.example.com`. */
  readonly allowOrigin: string;
}

/** Headers on every answer, as integration parameters write static values: within single quotes. */
export const corsHeaders = (cors: Cors | undefined): Readonly<Record<string, string>> =>
  cors === undefined
    ? {}
    : {
        'Access-Control-Allow-Origin': `'${cors.allowOrigin}'`,
        // What scripts may read beside the standard headers.
        'Access-Control-Expose-Headers': "'Retry-After,x-amzn-RequestId'",
      };

/** The headers as an integration response sets them. */
export const corsParameters = (cors: Cors | undefined): JsonObject =>
  Object.fromEntries(
    Object.entries(corsHeaders(cors)).map(([name, value]) => [
      `method.response.header.${name}`,
      value,
    ]),
  );

/** The answer to a browser's question whether it may send: a mock, which needs no API key. */
export const preflightOperation = (
  cors: Cors,
  methods: readonly string[],
  parameters: readonly Json[] = [],
): Json => {
  const headers = {
    ...corsHeaders(cors),
    'Access-Control-Allow-Methods': `'${methods.join(',')}'`,
    'Access-Control-Allow-Headers':
      "'Content-Type,x-api-key,Authorization,X-Amz-Date,X-Amz-Security-Token'",
    'Access-Control-Max-Age': "'7200'",
  };
  return {
    summary: 'CORS preflight',
    ...(parameters.length > 0 && { parameters }),
    responses: {
      '204': { description: 'What a browser may send', headers: headerDocs(headers) },
      '415': { description: 'A body of another media type than application/json' },
    },
    'x-amazon-apigateway-integration': {
      type: 'mock',
      // A mock without a rendered status is a 500, so a body that no template reads may not pass.
      passthroughBehavior: 'never',
      requestTemplates: { 'application/json': '{"statusCode":204}' },
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
};

/** A method response must name each header that an integration response sets. */
export const headerDocs = (headers: Readonly<Record<string, unknown>>): JsonObject =>
  Object.fromEntries(Object.keys(headers).map((name) => [name, { schema: { type: 'string' } }]));
