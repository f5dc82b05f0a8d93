import { dataDirectory } from '@sluice/lake-layout/data-directory';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Endpoints } from '../endpoints';

/** Error for a request that can't be served; the message is a sentence for a person. */
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

/** Reads the addresses of the local stack of a data directory. @throws IngestError where none has used it */
export function readEndpoints(dataDir: string): Endpoints {
  const folder = resolve(dataDir);
  try {
    return JSON.parse(readFileSync(dataDirectory(folder).endpointsFile, 'utf8')) as Endpoints;
  } catch {
    throw new IngestError(
      `no local stack has run on ${folder}: start one with npm start, or name a deployed stage with --url`,
    );
  }
}
