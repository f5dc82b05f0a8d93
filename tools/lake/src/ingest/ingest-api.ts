/** Error for a request that can't be served; the message is a sentence for the user. */
export class IngestError extends Error {
  override readonly name = 'IngestError';
}

/** An event type as `GET /v1/events` lists it. */
export interface ListedEventType {
  readonly name: string;
  readonly key: string;
  readonly identity?: string;
}

export interface IngestApi {
  /** Base URL, without a trailing slash. */
  readonly endpoint: string;
  readonly apiKey: string;
}

const timeoutMs = 30_000;

/** Returns the event types of the API. @throws IngestError where the API does not answer, or refuses the key */
export async function listEventTypes({
  endpoint,
  apiKey,
}: IngestApi): Promise<readonly ListedEventType[]> {
  let response: Response;
  try {
    response = await fetch(`${endpoint}/v1/events`, {
      headers: { 'x-api-key': apiKey },
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (error) {
    const { cause } = error as { cause?: NodeJS.ErrnoException };
    throw new IngestError(`nothing answers at ${endpoint} (${cause?.code ?? String(error)})`);
  }
  if (response.status === 401 || response.status === 403)
    throw new IngestError(`${endpoint} refuses the key (${response.status})`);
  if (!response.ok)
    throw new IngestError(
      `${endpoint}/v1/events answered ${response.status}; is it an ingest API?`,
    );
  try {
    const { eventTypes } = (await response.json()) as {
      readonly eventTypes: readonly ListedEventType[];
    };
    return eventTypes.map(({ name, key, identity }) => ({
      name,
      key,
      ...(identity !== undefined && { identity }),
    }));
  } catch {
    throw new IngestError(`${endpoint}/v1/events does not list event types; is it an ingest API?`);
  }
}
