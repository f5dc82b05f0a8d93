/**
 * Responses that API Gateway gives by itself, with their default statuses and messages
 * (docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html).
 */
const gatewayFaults = {
  ACCESS_DENIED: { status: 403, message: 'Forbidden' },
  API_CONFIGURATION_ERROR: { status: 500, message: 'Internal server error' },
  BAD_REQUEST_BODY: { status: 400, message: 'Invalid request body' },
  BAD_REQUEST_PARAMETERS: { status: 400, message: 'Invalid request parameters' },
  EXPIRED_TOKEN: { status: 403, message: 'The security token included in the request is expired' },
  INTEGRATION_FAILURE: { status: 504, message: 'Internal server error' },
  INTEGRATION_TIMEOUT: { status: 504, message: 'Endpoint request timed out' },
  INVALID_API_KEY: { status: 403, message: 'Forbidden' },
  INVALID_SIGNATURE: {
    status: 403,
    message: 'The request signature we calculated does not match the signature you provided.',
  },
  MISSING_AUTHENTICATION_TOKEN: { status: 403, message: 'Missing Authentication Token' },
  QUOTA_EXCEEDED: { status: 429, message: 'Limit Exceeded' },
  REQUEST_TOO_LARGE: { status: 413, message: 'Request Too Long' },
  THROTTLED: { status: 429, message: 'Too Many Requests' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, message: 'Unsupported Media Type' },
} as const;

export type GatewayFaultType = keyof typeof gatewayFaults;

/** Error that ends a request with a gateway response. */
export class GatewayFault extends Error {
  override readonly name = 'GatewayFault';
  constructor(
    readonly type: GatewayFaultType,
    {
      message = gatewayFaults[type].message,
      status = gatewayFaults[type].status,
      validationError,
      cause,
    }: {
      readonly message?: string;
      /** Status, if API Gateway's own differs from the type's default. */
      readonly status?: number;
      /** Value of `$context.error.validationErrorString`. */
      readonly validationError?: string;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause });
    this.status = status;
    this.validationError = validationError;
  }
  readonly status: number;
  readonly validationError: string | undefined;
}
