import { GatewayFault } from './gateway-fault';
import type { Integration } from './rest-api-document';

/** Longest time that an integration may take, in milliseconds (api-gateway-execution-service-limits-table.html). */
const maxIntegrationMs = 29_000;

/**
 * Runs a call and aborts it when the integration's time is over.
 *
 * @throws GatewayFault INTEGRATION_TIMEOUT in that case
 */
export async function withTimeout<T>(
  { timeoutInMillis = maxIntegrationMs }: Integration,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => {
        reject(new GatewayFault('INTEGRATION_TIMEOUT'));
        abort.abort();
      },
      Math.min(timeoutInMillis, maxIntegrationMs),
    );
  });
  try {
    return await Promise.race([call(abort.signal), expired]);
  } finally {
    clearTimeout(timer);
  }
}
