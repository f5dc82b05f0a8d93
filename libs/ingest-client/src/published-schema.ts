// A separate entry point (@sluice/ingest-client/schema): the gateway's check of single events, to be used on the
// events of a batch.
import { pointerStep } from '@sluice/values/json-pointer';
import { patternMatcher } from '@sluice/event-schema';
import Ajv, { type ErrorObject } from 'ajv-draft-04';
import type { EventCheck, EventFault } from './outcome';

export interface PublishedSchemaOptions {
  /** Base URL of the ingest API, without a trailing slash. */
  readonly endpoint: string;
  readonly eventType: string;
  /** Sent as `x-api-key`. */
  readonly apiKey?: string | undefined;
  readonly fetch?: typeof fetch;
}

/**
 * Reads the schema that the gateway publishes for an event type (`GET /v1/openapi.json`), and returns a check of
 * events by it: the same by which `POST /v1/events/{type}` answers 400.
 *
 * @returns undefined where the gateway publishes no schema, because there are too many event types for one document
 * @throws Error where the gateway does not answer, or knows no such event type
 */
export async function publishedEventCheck({
  endpoint,
  eventType,
  apiKey,
  fetch: fetchOption = (...args) => globalThis.fetch(...args),
}: PublishedSchemaOptions): Promise<EventCheck | undefined> {
  const response = await fetchOption(`${endpoint}/v1/openapi.json`, {
    headers: apiKey === undefined ? {} : { 'x-api-key': apiKey },
  });
  if (!response.ok)
    throw new Error(`${endpoint}/v1/openapi.json answered ${response.status}; is the key right?`);
  const document = (await response.json()) as OpenApiDocument;
  const operation = document.paths?.[`/v1/events/${eventType}`]?.post;
  if (!operation) throw new Error(`${endpoint} has no event type "${eventType}"`);
  const model = operation.requestBody?.content?.['application/json']?.schema;
  const name = /^#\/components\/schemas\/(.+)$/.exec(model?.$ref ?? '')?.[1];
  const schema = name === undefined ? model : document.components?.schemas?.[name];
  return schema && Object.keys(schema).length > 0 ? eventCheck(schema) : undefined;
}

interface OpenApiDocument {
  readonly paths?: Readonly<
    Record<
      string,
      | {
          readonly post?: {
            readonly requestBody?: {
              readonly content?: Readonly<Record<string, { readonly schema?: Schema } | undefined>>;
            };
          };
        }
      | undefined
    >
  >;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema | undefined>> };
}

type Schema = Readonly<Record<string, unknown>> & { readonly $ref?: string };

/** Returns a check of event texts by a schema of draft 4. @throws Error where it is not such a schema */
export function eventCheck(schema: object): EventCheck {
  const validate = new Ajv({
    strict: false,
    validateFormats: false,
    logger: false,
    code: { regExp: linearPattern },
  }).compile(schema);
  return (json) => {
    let event: unknown;
    try {
      event = JSON.parse(json);
    } catch {
      return { code: 'malformed-json', pointer: '', message: 'it is not JSON' };
    }
    if (typeof event !== 'object' || event === null || Array.isArray(event))
      return { code: 'not-an-object', pointer: '', message: 'it is not a JSON object' };
    return validate(event) ? undefined : faultOf(validate.errors ?? []);
  };
}

/** Returns the matcher of a `pattern`, which takes linear time, so that no text can hold up all others. */
function linearPattern(pattern: string): { test(text: string): boolean; toString(): string } {
  const matcher = patternMatcher(pattern);
  // Ajv identifies patterns by their text.
  return { test: (text) => matcher.test(text), toString: () => pattern };
}
linearPattern.code = 'linearPattern';

/**
 * Returns the most telling fault. A failed `anyOf` is listed last, after the faults of its branches. Never holds a
 * value of the event.
 */
function faultOf(errors: readonly ErrorObject[]): EventFault {
  const error = errors.at(-1);
  if (!error) return { code: 'schema', pointer: '', message: 'it does not conform to the schema' };
  const { keyword, instancePath, params } = error;
  const names = params as Readonly<Record<string, unknown>>;
  if (keyword === 'required') {
    const pointer = instancePath + pointerStep(String(names['missingProperty']));
    return { code: keyword, pointer, message: 'the value is missing' };
  }
  const message =
    keyword === 'anyOf'
      ? 'none of the kinds of value that the schema allows'
      : `it ${error.message ?? 'does not conform'}`;
  return { code: keyword, pointer: instancePath, message };
}
