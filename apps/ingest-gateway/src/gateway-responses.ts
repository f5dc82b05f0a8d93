import type { GatewayResponse } from '@sluice/lambda-http/openapi';

/**
 * Answers that API Gateway gives by itself, in addition to those of all our APIs. For 413 REQUEST_TOO_LARGE it always
 * uses its own response.
 */
export const ingestGatewayResponses: Readonly<Record<string, GatewayResponse>> = {
  BAD_REQUEST_BODY: {
    statusCode: 400,
    message: 'The body does not conform to its schema: $context.error.validationErrorString',
  },
  REQUEST_TOO_LARGE: { statusCode: 413, message: 'The body is larger than 10 MB.' },
  UNSUPPORTED_MEDIA_TYPE: {
    statusCode: 415,
    message:
      'Send JSON, with the header Content-Type: application/json; where it is compressed, also with ' +
      'Content-Encoding: gzip or deflate.',
  },
  INTEGRATION_TIMEOUT: {
    statusCode: 504,
    message: 'The service took too long; whether the event was stored is not known. Retry.',
    retryAfterSeconds: 1,
  },
  INTEGRATION_FAILURE: {
    statusCode: 502,
    message: 'The service is unavailable; retry.',
    retryAfterSeconds: 1,
  },
};
