// A separate entry point (@sluice/traces/function): the traces of a function, by its environment.
import { RequestTrace } from './request-trace';
import { sampledContext, samplingOf } from './sampling';
import { spanSender, type SendSpans } from './span-sender';

/** Parts that a function needs in order to record traces. */
export interface FunctionTraces {
  /** Name of the function's service. */
  readonly service: string;
  /** Begins to record a request, unless it is not sampled. @param header the request's `traceparent` */
  readonly begin: (header: string | undefined) => RequestTrace | undefined;
  readonly send: SendSpans;
}

export interface FunctionTracesOptions {
  readonly service: string;
  /** Receiver of the number of spans that no collector took, and why. */
  readonly telemetry: { spansDropped(spans: number, reason: string): void };
  /** Reads a secret by its name. */
  readonly readSecret: (name: string) => Promise<string>;
  readonly environment?: Readonly<NodeJS.ProcessEnv>;
}

/**
 * Returns the traces of a function by its environment: OpenTelemetry's standard variables, and `TRACES_HEADERS_SECRET`,
 * the name of a secret with headers as `OTEL_EXPORTER_OTLP_HEADERS` has them. Undefined where no collector is named:
 * then nothing is recorded, and nothing of OpenTelemetry is loaded.
 *
 * @throws Error where a variable has no meaning
 * @example
 * import { functionTraces } from '@sluice/traces/function';
 * const traces = functionTraces({
 *   service: 'lookup-api',
 *   telemetry: { spansDropped: (spans, reason) => console.warn(`${spans} spans were dropped: ${reason}`) },
 *   readSecret: async () => '',
 * });
 * const request = traces?.begin('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
 */
export function functionTraces({
  service,
  telemetry,
  readSecret,
  environment = process.env,
}: FunctionTracesOptions): FunctionTraces | undefined {
  const isNamed =
    environment['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
  if (!isNamed || environment['OTEL_SDK_DISABLED'] === 'true') return undefined;
  const sampling = samplingOf(environment);
  const named = environment['OTEL_SERVICE_NAME'] ?? service;
  const secret = environment['TRACES_HEADERS_SECRET'];
  const timeoutMs = Number(environment['OTEL_EXPORTER_OTLP_TIMEOUT'] ?? 1_000);
  return {
    service: named,
    begin: (header) => {
      const context = sampledContext(header, sampling);
      return context && new RequestTrace(named, context);
    },
    send: spanSender({
      timeoutMs,
      onDropped: (spans, reason) => telemetry.spansDropped(spans, reason),
      load: async () => {
        const [{ otlpExport }, headers] = await Promise.all([
          import('./otlp-export'),
          secret === undefined ? '' : readSecret(secret),
        ]);
        return otlpExport({ headers: headersOf(headers), timeoutMs });
      },
    }),
  };
}

/** Parses headers as `OTEL_EXPORTER_OTLP_HEADERS` has them: `name=value,name=value`, with percent-encoded values. */
export function headersOf(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split(',').flatMap((pair) => {
      const at = pair.indexOf('=');
      const name = pair.slice(0, Math.max(at, 0)).trim();
      return name === '' ? [] : [[name, decodeURIComponent(pair.slice(at + 1).trim())]];
    }),
  );
}
