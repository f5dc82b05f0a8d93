import { corsHeaders, type Cors } from './cors';
import type { Json, JsonObject } from './open-api';

/**
 * What API Gateway answers by itself, before an integration runs. These templates know simple substitution
 * only, no VTL (docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html);
 * `messageString` brings its own quotes, `validationErrorString` comes escaped for a place between quotes.
 * API Gateway answers 413 REQUEST_TOO_LARGE in its own words whatever stands here.
 */
export const gatewayResponses = (cors: Cors | undefined): JsonObject => {
  const headers = Object.fromEntries(
    Object.entries(corsHeaders(cors)).map(([name, value]) => [
      `gatewayresponse.header.${name}`,
      value,
    ]),
  );
  const response = (
    statusCode: number | undefined,
    body: JsonObject,
    extraHeaders: JsonObject = {},
  ): Json => ({
    ...(statusCode !== undefined && { statusCode: String(statusCode) }),
    responseParameters: { ...headers, ...extraHeaders },
    responseTemplates: { 'application/json': bodyTemplate(body) },
  });
  const retry = { 'gatewayresponse.header.Retry-After': "'1'" };

  return {
    DEFAULT_4XX: response(undefined, {}),
    DEFAULT_5XX: response(undefined, {
      message: 'The service could not answer; try again, and give the request id if it stays so.',
    }),
    BAD_REQUEST_BODY: response(400, {
      message: 'The body does not conform to its schema: $context.error.validationErrorString',
    }),
    MISSING_AUTHENTICATION_TOKEN: response(404, {
      message: 'There is no such path or method here. GET /v1/openapi.json names those there are.',
    }),
    INVALID_API_KEY: response(403, {
      message: 'The API key is missing or not valid; send it as the header x-api-key.',
    }),
    THROTTLED: response(429, { message: 'Too many requests; wait a little and retry.' }, retry),
    QUOTA_EXCEEDED: response(
      429,
      { message: 'The quota of this API key is used up; retry when its period is over.' },
      { 'gatewayresponse.header.Retry-After': "'3600'" },
    ),
    REQUEST_TOO_LARGE: response(413, { message: 'The body is larger than 10 MB.' }),
    UNSUPPORTED_MEDIA_TYPE: response(415, {
      message:
        'Send JSON, with the header Content-Type: application/json; where it is compressed, also with ' +
        'Content-Encoding: gzip or deflate.',
    }),
    INTEGRATION_TIMEOUT: response(
      504,
      { message: 'The service took too long; whether the event was stored is not known. Retry.' },
      retry,
    ),
    INTEGRATION_FAILURE: response(502, { message: 'The service is unavailable; retry.' }, retry),
  };
};

/** JSON text with `$context` variables; a body without a message takes API Gateway's own. */
const bodyTemplate = ({ message }: JsonObject): string =>
  message === undefined
    ? '{"message":$context.error.messageString,"requestId":"$context.requestId"}'
    : `{"message":${JSON.stringify(message)},"requestId":"$context.requestId"}`;
