import type { GatewayFault, GatewayFaultType } from './gateway-fault';
import type { HttpAnswer } from './http-answer';
import { gatewayResponseHeaders, mappedHeaders } from './parameter-mapping';
import type { GatewayResponse } from './rest-api-document';
import { substituteVariables, valueAtPath } from './variable-substitution';

type GatewayResponses = Readonly<Record<string, GatewayResponse>>;

/**
 * Renders an answer that the gateway gives by itself: the response of the fault's type, else that of its class, else
 * API Gateway's own. A 413 can't be customised (known-issues page), so its response is always API Gateway's own.
 */
export function renderGatewayResponse(
  fault: GatewayFault,
  responses: GatewayResponses,
  context: Readonly<Record<string, unknown>>,
  requestHeaders: Readonly<Record<string, string>>,
): HttpAnswer {
  const { status } = fault;
  const response = isCustomisable(fault.type)
    ? (responses[fault.type] ?? responses[status < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX'])
    : undefined;
  const messageString = JSON.stringify(fault.message);
  const variables = {
    context: {
      ...context,
      error: {
        message: fault.message,
        messageString,
        responseType: fault.type,
        // Escaped for use between quotes.
        validationErrorString: JSON.stringify(fault.validationError ?? fault.message).slice(1, -1),
      },
    },
  };
  const template =
    response?.responseTemplates?.['application/json'] ?? '{"message":$context.error.messageString}';
  return {
    status: Number(response?.statusCode ?? status),
    headers: {
      'content-type': 'application/json',
      'x-amzn-errortype': fault.type,
      ...mappedHeaders(gatewayResponseHeaders(response?.responseParameters), requestHeaders),
    },
    body: substituteVariables(template, (path) => valueAtPath(variables, path)),
  };
}

const isCustomisable = (type: GatewayFaultType): boolean => type !== 'REQUEST_TOO_LARGE';
