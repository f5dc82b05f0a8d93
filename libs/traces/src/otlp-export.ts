// A separate entry point (@sluice/traces/otlp-export): OpenTelemetry's own exporter, loaded with the first spans only.
import { SpanKind as OtelKind, SpanStatusCode, TraceFlags, type HrTime } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { Span, SpanKind } from './span';
import type { ExportSpans } from './span-sender';

type ReadableSpan = Parameters<OTLPTraceExporter['export']>[0][number];

export interface OtlpExportOptions {
  /** Headers of each request, such as a collector's token, besides those of `OTEL_EXPORTER_OTLP_HEADERS`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Address for spans. @default that of the standard variables */
  readonly url?: string;
  readonly timeoutMs?: number;
}

/**
 * Returns a function that sends spans by OTLP over HTTP with JSON. Address, headers and compression are those of the
 * standard variables (`OTEL_EXPORTER_OTLP_ENDPOINT`, `…_TRACES_ENDPOINT`, `…_HEADERS`, `…_COMPRESSION`).
 */
export function otlpExport({
  headers = {},
  url,
  timeoutMs = 1_000,
}: OtlpExportOptions = {}): ExportSpans {
  const exporter = new OTLPTraceExporter({
    headers: { ...headers },
    timeoutMillis: timeoutMs,
    ...(url !== undefined && { url }),
  });
  return (spans) =>
    new Promise((resolve, reject) => {
      exporter.export(spans.map(readable), ({ error }) => {
        if (error) reject(error);
        else resolve();
      });
    });
}

const kinds: Readonly<Record<SpanKind, OtelKind>> = {
  internal: OtelKind.INTERNAL,
  server: OtelKind.SERVER,
  client: OtelKind.CLIENT,
  producer: OtelKind.PRODUCER,
  consumer: OtelKind.CONSUMER,
};

const scope = { name: 'sluice' };
const resources = new Map<string, ReadableSpan['resource']>();

/** Spans of one service share a resource, by which the exporter groups them. */
function resourceOf(service: string): ReadableSpan['resource'] {
  const known = resources.get(service);
  if (known) return known;
  const attributes = { 'service.name': service, 'service.namespace': 'sluice' };
  const resource: ReadableSpan['resource'] = {
    attributes,
    merge: () => resource,
    getRawAttributes: () => Object.entries(attributes),
  };
  resources.set(service, resource);
  return resource;
}

function readable(span: Span): ReadableSpan {
  const { traceId, spanId, parentSpanId, error } = span;
  const traceFlags = TraceFlags.SAMPLED;
  return {
    name: span.name,
    kind: kinds[span.kind],
    spanContext: () => ({ traceId, spanId, traceFlags }),
    ...(parentSpanId !== undefined && {
      parentSpanContext: { traceId, spanId: parentSpanId, traceFlags },
    }),
    startTime: hrTime(span.startMs),
    endTime: hrTime(span.endMs),
    duration: hrTime(span.endMs - span.startMs),
    ended: true,
    status:
      error === undefined
        ? { code: SpanStatusCode.UNSET }
        : { code: SpanStatusCode.ERROR, message: error },
    attributes: { ...span.attributes },
    links: [],
    events: [],
    resource: resourceOf(span.service),
    instrumentationScope: scope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

/** Returns milliseconds as seconds and nanoseconds. */
function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.min(999_999_999, Math.round((ms - seconds * 1000) * 1e6))];
}
