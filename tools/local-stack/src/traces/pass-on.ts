import { headersOf } from '@sluice/traces/function';
import type { PassedHeaders } from './otlp-receiver';

export interface PassOnOptions {
  readonly environment: Readonly<NodeJS.ProcessEnv>;
  /** Called once when the collector does not take spans, and again when it has taken some in between. */
  readonly warn: (line: string) => void;
}

/** Requests that may wait for the collector; what comes beyond that is not passed on. */
const maxWaiting = 32;
const timeoutMs = 5_000;

/**
 * Returns a function that passes requests on to the collector that the standard variables name
 * (`OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, `OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_EXPORTER_OTLP_HEADERS`); undefined where
 * they name none. It never throws, and never waits.
 */
export function passOnSpans({
  environment,
  warn,
}: PassOnOptions): ((body: Uint8Array, headers: PassedHeaders) => void) | undefined {
  const base = environment['OTEL_EXPORTER_OTLP_ENDPOINT'];
  const url =
    environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] ??
    (base === undefined ? undefined : `${base.replace(/\/$/, '')}/v1/traces`);
  if (url === undefined) return undefined;
  const own = headersOf(environment['OTEL_EXPORTER_OTLP_HEADERS'] ?? '');
  let waiting = 0;
  let isWarned = false;
  const post = async (body: Uint8Array, headers: PassedHeaders): Promise<void> => {
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { ...own, ...headers },
        body: new Uint8Array(body),
        signal: AbortSignal.timeout(timeoutMs),
      });
      await answer.arrayBuffer();
      if (!answer.ok) throw new Error(`it answers ${answer.status}`);
      isWarned = false;
    } catch (error) {
      if (!isWarned) warn(`warning: ${url} does not take traces: ${(error as Error).message}\n`);
      isWarned = true;
    }
  };
  return (body, headers) => {
    if (waiting >= maxWaiting) return;
    waiting++;
    void post(body, headers).finally(() => waiting--);
  };
}
