import type { StoredSpan } from './trace-store';

/** Error for a body that is not an export of spans in OTLP's JSON encoding. */
export class OtlpError extends Error {
  override readonly name = 'OtlpError';
}

type Members = Readonly<Record<string, unknown>>;

const kinds = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
const errorStatus = 2;
const maxAttributes = 64;
const maxTextCharacters = 1_000;

/**
 * Reads the spans of an `ExportTraceServiceRequest` in OTLP's JSON encoding (OpenTelemetry specification, "OTLP/HTTP",
 * "JSON Protobuf Encoding"). Members that are not known are passed over, and a span without ids is left out.
 *
 * @throws OtlpError where the body is none
 */
export function spansOfOtlpJson(text: string): readonly StoredSpan[] {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw new OtlpError(`the body is no JSON: ${(error as Error).message}`);
  }
  const { resourceSpans } = object(body);
  if (!Array.isArray(resourceSpans)) throw new OtlpError('"resourceSpans" must be a list');
  return resourceSpans.flatMap((one) => {
    const { resource, scopeSpans } = object(one);
    const service = attributesOf(object(resource)['attributes'])['service.name'];
    return list(scopeSpans).flatMap((scoped) =>
      list(object(scoped)['spans']).flatMap(
        (span) => storedSpan(object(span), String(service ?? 'unknown_service')) ?? [],
      ),
    );
  });
}

function storedSpan(span: Members, service: string): StoredSpan | undefined {
  const traceId = idText(span['traceId'], 32);
  const spanId = idText(span['spanId'], 16);
  if (traceId === undefined || spanId === undefined) return undefined;
  const parentSpanId = idText(span['parentSpanId'], 16);
  const { code, message } = object(span['status']);
  const startMs = milliseconds(span['startTimeUnixNano']);
  return {
    traceId,
    spanId,
    ...(parentSpanId !== undefined && { parentSpanId }),
    service: shortText(service),
    name: shortText(span['name']),
    kind: kinds[Number(span['kind'])] ?? 'internal',
    startMs,
    endMs: Math.max(startMs, milliseconds(span['endTimeUnixNano'])),
    attributes: attributesOf(span['attributes']),
    ...((code === errorStatus || code === 'STATUS_CODE_ERROR') && { error: shortText(message) }),
  };
}

/** Returns attributes as plain values. Lists and maps are their JSON text. */
function attributesOf(value: unknown): Readonly<Record<string, string | number | boolean>> {
  return Object.fromEntries(
    list(value)
      .slice(0, maxAttributes)
      .flatMap((pair) => {
        const { key, value: given } = object(pair);
        const plain = plainValue(object(given));
        return typeof key === 'string' && plain !== undefined ? [[shortText(key), plain]] : [];
      }),
  );
}

function plainValue(value: Members): string | number | boolean | undefined {
  const { stringValue, boolValue, intValue, doubleValue } = value;
  if (typeof stringValue === 'string') return shortText(stringValue);
  if (typeof boolValue === 'boolean') return boolValue;
  const number = Number(intValue ?? doubleValue ?? Number.NaN);
  if (Number.isFinite(number)) return number;
  const [other] = Object.values(value);
  return other === undefined ? undefined : shortText(JSON.stringify(other));
}

const shortText = (value: unknown): string =>
  typeof value === 'string' ? value.slice(0, maxTextCharacters) : '';

/** Ids are hexadecimal in OTLP's JSON, in either case. */
const idText = (value: unknown, digits: number): string | undefined =>
  typeof value === 'string' &&
  value.length === digits &&
  /^[0-9a-f]+$/i.test(value) &&
  !/^0+$/.test(value)
    ? value.toLowerCase()
    : undefined;

/** Integers of 64 bits are text in OTLP's JSON. */
function milliseconds(nanoseconds: unknown): number {
  const text = String(nanoseconds);
  if (!/^\d{1,20}$/.test(text)) return 0;
  const whole = BigInt(text);
  return Number(whole / 1_000_000n) + Number(whole % 1_000_000n) / 1e6;
}

const object = (value: unknown): Members =>
  typeof value === 'object' && value !== null ? (value as Members) : {};

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
