import { productEvent, type EventType } from '@sluice/event-schema';
import { sampleEvents } from '@sluice/event-schema/samples';
import { createIngestClient } from '@sluice/ingest-client';
import type { IngestResult } from './ingest/ingest-file';
import type { LocalStack } from './local-stack';

/** An event that a newcomer can post, and look up again. */
export interface Sample {
  readonly eventType: EventType;
  readonly event: object;
  /** Value of the event type's key. */
  readonly key: string;
}

const sampleCount = 1000;

/** Made-up events of a shipped type, always the same. */
const sampled = (): readonly object[] => [
  ...sampleEvents(productEvent.name, { count: sampleCount }),
];

export function firstSample(): Sample {
  const [event = {}] = sampled();
  const key = productEvent.key
    .split('.')
    .reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], event);
  return { eventType: productEvent, event, key: String(key) };
}

/** Posts the samples and delivers them without waiting for the interval. */
export async function postSamples(stack: LocalStack): Promise<IngestResult> {
  const { ingest: endpoint, apiKey } = stack.endpoints;
  const client = createIngestClient({ endpoint, apiKey, eventType: productEvent.name });
  for (const event of sampled()) await client.send(event);
  await client.close();
  await stack.flush();
  return { accepted: client.counters.accepted, rejected: client.counters.rejected };
}
