import { GatewayFault } from './gateway-fault';
import type { Integration } from './rest-api-document';

/** What an integration may take, at most (api-gateway-execution-service-limits-table.html). */
const maxIntegrationMs = 29_000;

/** @throws GatewayFault INTEGRATION_TIMEOUT once the integration's time is over; the call is aborted. */
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
