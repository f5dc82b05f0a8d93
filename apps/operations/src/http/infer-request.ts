import { eventTexts, isJson } from '@sluice/event-files/json-texts';
import { isDefinitionName } from '@sluice/event-schema';
import {
  jsonAnswer,
  Problem,
  queryParameters,
  quoted,
  type HttpRequest,
  type HttpResponse,
} from '@sluice/lambda-http';
import {
  askableType,
  askableTypes,
  inferEvent,
  InferenceError,
  type AskableType,
} from '@sluice/schema-inference';

/**
 * Largest size of a sample in bytes. A sample of this size suffices; API Gateway accepts 10 MB, and Lambda 6 MB as
 * base64.
 */
const maxSampleBytes = 4 << 20;

/** Infers an event type from a sample of events: NDJSON, one JSON text, or an array. Nothing is stored. */
export async function inferRequest(request: HttpRequest): Promise<HttpResponse> {
  const { name, key, identity, types } = queryParameters(request, [
    'name',
    'key',
    'identity',
    'types',
  ]);
  if (name === undefined || !isDefinitionName(name))
    throw new Problem(
      400,
      `"name" must be lower-case letters, digits and _, beginning with a letter, such as order, not ${quoted(name ?? '')}`,
    );
  if (Buffer.byteLength(request.body) > maxSampleBytes)
    throw new Problem(413, `a sample may have at most ${maxSampleBytes} bytes`);
  const texts = sampleTexts(request.body);
  if (texts.length === 0) throw new Problem(400, 'the body holds no event');
  try {
    const { definition, report } = await inferEvent(texts, {
      name,
      ...(key !== undefined && key !== '' && { key }),
      ...(identity !== undefined && identity !== '' && { identity }),
      ...(types !== undefined && types !== '' && { types: askedTypes(types) }),
    });
    return jsonAnswer(200, { definition, report });
  } catch (error) {
    if (error instanceof InferenceError) throw new Problem(400, error.message);
    throw error;
  }
}

/** Reads the types that fields are asked to have: a JSON object of paths and types. */
function askedTypes(text: string): Readonly<Record<string, AskableType>> {
  let types: unknown;
  try {
    types = JSON.parse(text);
  } catch (error) {
    throw new Problem(400, `"types" is not JSON: ${(error as Error).message}`);
  }
  const isType = (type: unknown): type is AskableType =>
    typeof type === 'string' && askableType(type) === type;
  if (typeof types !== 'object' || types === null || !Object.values(types).every(isType))
    throw new Problem(
      400,
      `"types" must be a JSON object of paths and types (${askableTypes.join(', ')}), such as {"price":"double"}`,
    );
  return types as Record<string, AskableType>;
}

/** Returns the texts of the events of a sample. One that was cut within its last line is accepted without that line. */
function sampleTexts(body: string): readonly string[] {
  try {
    const texts = eventTexts(body);
    return isJson(texts.at(-1) ?? '{}') ? texts : texts.slice(0, -1);
  } catch (error) {
    throw new Problem(400, `the body is not JSON: ${(error as Error).message}`);
  }
}
