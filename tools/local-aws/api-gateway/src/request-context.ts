import type { GatewayRequest } from './gateway-request';

/** Account id in every local ARN and context. */
const localAccountId = '000000000000';

/** Returns `$context` as templates, logs and functions see it. */
export const requestContext = (
  { id, httpMethod, path, protocol, sourceIp, headers, startedAt }: GatewayRequest,
  stageName: string,
): Record<string, unknown> => ({
  accountId: localAccountId,
  apiId: 'local',
  domainName: headers['host'] ?? 'localhost',
  extendedRequestId: id,
  httpMethod,
  identity: {
    apiKey: headers['x-api-key'] ?? null,
    sourceIp,
    userAgent: headers['user-agent'] ?? null,
  },
  path,
  protocol,
  requestId: id,
  requestTime: commonLogTime(startedAt),
  requestTimeEpoch: startedAt.getTime(),
  resourcePath: null,
  stage: stageName,
});

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Writes a time as in access logs: `21/Nov/2026:12:00:00 +0000`. */
const commonLogTime = (time: Date): string => {
  const twoDigits = (count: number): string => String(count).padStart(2, '0');
  const clock = [time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()].map(twoDigits);
  const day = twoDigits(time.getUTCDate());
  return `${day}/${months[time.getUTCMonth()] ?? ''}/${time.getUTCFullYear()}:${clock.join(':')} +0000`;
};
