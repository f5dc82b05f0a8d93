import { GatewayFault } from './gateway-fault';
import type { Integration } from './rest-api-document';

/** Longest time that an integration may take, in milliseconds (api-gateway-execution-service-limits-table.html). */
const maxIntegrationMs = 29_000;

/** Sets what ends a call whose time is over; its result is ignored from then on. */
export type OnExpiry = (abandon: () => void) => void;

/**
 * Runs a call and abandons it when the integration's time is over.
 *
 * @throws GatewayFault INTEGRATION_TIMEOUT in that case
 */
export async function withTimeout<T>(
  { timeoutInMillis = maxIntegrationMs }: Integration,
  call: (onExpiry: OnExpiry) => Promise<T>,
): Promise<T> {
  let abandon: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => {
        reject(new GatewayFault('INTEGRATION_TIMEOUT'));
        abandon?.();
      },
      Math.min(timeoutInMillis, maxIntegrationMs),
    );
  });
  try {
    return await Promise.race([call((given) => (abandon = given)), expired]);
  } finally {
    clearTimeout(timer);
  }
}
