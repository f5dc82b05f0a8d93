import { ruleOfPath, subjectPaths, type EventType } from '@sluice/event-schema';
import type { RecordOrigin, RecordTrace } from '@sluice/record-flattening';
import { spanIdOf, type AwaitedRow, type Span, type SpanAttributes } from '@sluice/traces';

/** A record of a recorded request, with its outcome. */
export interface TracedRecord {
  readonly trace: RecordTrace;
  readonly origin: RecordOrigin;
  /** Number of times that it was put back into the stream. */
  readonly attempt: number;
  /** Rows that it became; 0 where it was dropped or failed. */
  readonly rows: number;
  /** Id of the first of its rows. */
  readonly eventId?: string | undefined;
  /** Reason of its failure: a code and a JSON pointer, no value of the event. */
  readonly fault?: { readonly code: string; readonly path: string } | undefined;
}

export interface RecordSpansOptions {
  readonly eventType: EventType;
  readonly streamName: string;
  /** Milliseconds since 1970 between which the batch was transformed. */
  readonly startMs: number;
  readonly endMs: number;
  /** Number of records of the batch, recorded or not. */
  readonly batchRecords: number;
}

/**
 * Decides whether traces may contain the ids of an event type's events. An id is the value of `identity`, which may
 * be subject to a privacy rule or name a person.
 */
export function mayTraceEventIds(eventType: EventType): boolean {
  const { identity } = eventType;
  if (identity === undefined) return true;
  return (
    ruleOfPath(eventType, identity.split('.')) === undefined &&
    !subjectPaths(eventType).includes(identity)
  );
}

/**
 * Returns the spans of recorded records up to their rows: of the gateway, which exports none itself, of the wait in
 * the stream, and of the transformation. A span's id is derived from what it describes, so that a batch which
 * Firehose sends again has the same spans.
 */
export function recordSpans(
  records: readonly TracedRecord[],
  options: RecordSpansOptions,
): { readonly spans: readonly Span[]; readonly awaited: readonly AwaitedRow[] } {
  const tellsIds = mayTraceEventIds(options.eventType);
  const spans: Span[] = [];
  const awaited: AwaitedRow[] = [];
  for (const record of records) {
    const made = spansOf(record, { ...options, tellsIds });
    spans.push(...made);
    const { eventId, trace, rows } = record;
    const transform = made.at(-1);
    if (transform && tellsIds && eventId !== undefined && rows > 0)
      awaited.push({
        traceId: trace.traceId,
        spanId: transform.spanId,
        eventId,
        madeMs: options.endMs,
      });
  }
  return { spans, awaited };
}

function spansOf(
  { trace, origin, attempt, rows, eventId, fault }: TracedRecord,
  {
    eventType,
    streamName,
    startMs,
    endMs,
    batchRecords,
    tellsIds,
  }: RecordSpansOptions & { readonly tellsIds: boolean },
): readonly Span[] {
  const { traceId, parentSpanId, requestId, requestMs, index } = trace;
  const { shardId, sequenceNumber, subSequenceNumber = 0, arrivalMs } = origin;
  const type = { 'sluice.event_type': eventType.name };
  const place = [shardId, sequenceNumber, subSequenceNumber, attempt];
  const gateway: Span = {
    service: 'ingest-gateway',
    name: 'POST /v1/events/{event_type}',
    kind: 'server',
    traceId,
    spanId: spanIdOf(traceId, 'gateway', requestId),
    parentSpanId,
    startMs: requestMs,
    endMs: Math.max(requestMs, arrivalMs),
    attributes: {
      ...type,
      'http.request.method': 'POST',
      'http.route': '/v1/events/{event_type}',
      'aws.request_id': requestId,
    },
  };
  const stream: Span = {
    service: 'event-stream',
    name: `wait ${eventType.name}`,
    kind: 'internal',
    traceId,
    spanId: spanIdOf(traceId, 'stream', ...place),
    parentSpanId: gateway.spanId,
    startMs: Math.min(arrivalMs, startMs),
    endMs: startMs,
    attributes: {
      ...type,
      'messaging.system': 'aws_kinesis',
      'messaging.destination.name': streamName,
      'messaging.destination.partition.id': shardId,
      'messaging.message.id': sequenceNumber,
    },
  };
  const transform: Span = {
    service: 'firehose-transformer',
    name: `process ${eventType.name}`,
    kind: 'consumer',
    traceId,
    spanId: spanIdOf(traceId, 'transform', ...place),
    parentSpanId: stream.spanId,
    startMs,
    endMs,
    attributes: {
      ...type,
      'messaging.system': 'aws_kinesis',
      'messaging.operation.type': 'process',
      'messaging.destination.name': streamName,
      'sluice.batch_records': batchRecords,
      'sluice.rows': rows,
      ...(attempt > 0 && { 'sluice.attempt': attempt }),
      ...(tellsIds && eventId !== undefined && { 'sluice.event_id': eventId }),
      ...faultAttributes(fault),
    },
    error: fault?.code,
  };
  // The first event of a request describes the request. A record that comes back was described before.
  return index === 0 && attempt === 0 ? [gateway, stream, transform] : [stream, transform];
}

const faultAttributes = (fault: TracedRecord['fault']): SpanAttributes =>
  fault ? { 'error.type': fault.code, 'sluice.pointer': fault.path } : {};
