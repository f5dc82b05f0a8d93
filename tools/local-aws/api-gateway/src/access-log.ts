import type { GatewayRequest } from './gateway-request';
import type { HttpAnswer } from './http-answer';
import { substituteVariables, valueAtPath } from './variable-substitution';

/**
 * Returns a line of the stage's access log
 * (docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html). Values that a
 * client sent can neither end a quoted value nor begin a new line.
 */
export function accessLogLine(
  format: string,
  {
    context,
    request,
    answer,
  }: {
    readonly context: Readonly<Record<string, unknown>>;
    readonly request: GatewayRequest;
    readonly answer: HttpAnswer;
  },
): string {
  const variables = {
    context: {
      ...context,
      status: answer.status,
      responseLength: Buffer.byteLength(answer.body),
      responseLatency: Date.now() - request.startedAt.getTime(),
    },
  };
  return substituteVariables(format, (path) => {
    const value = valueAtPath(variables, path);
    return value === undefined ? undefined : JSON.stringify(value).slice(1, -1);
  });
}
