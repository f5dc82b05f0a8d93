import { matchEvent } from '@sluice/event-types';
import { sampleEvents, seededRandom } from '@sluice/event-types/samples';
import { createIngestClient } from '@sluice/ingest-client';
import type { Endpoints } from '@sluice/lake';
import { setTimeout as delay } from 'node:timers/promises';

/** Identities of the events that the gateway acknowledged. */
export interface Acknowledged {
  /** Identities of events of which each has to be one row. */
  readonly sound: ReadonlySet<string>;
  /** Identities of events that have to be in the error output, because the schema refuses them. */
  readonly unsound: ReadonlySet<string>;
  /** Sentences about events that were not accepted; there should be none. */
  readonly refusals: readonly string[];
  /** Number of times that an event was sent again. */
  readonly resends: number;
}

export interface ProduceOptions {
  readonly endpoints: Endpoints;
  readonly seed: number;
  readonly eventsPerSecond: number;
  /** Share of the events, from 0 to 1, that do not conform to the schema. */
  readonly unsoundShare: number;
  /** Share of the events, from 0 to 1, that are sent a second time, as by a client that got no answer. @default 0 */
  readonly repeatShare?: number;
  readonly stopped: AbortSignal;
  /** Called with the id of each conforming event once the gateway acknowledged it. */
  readonly onAcknowledged?: (id: string) => void;
}

const tickMs = 100;

/** A member other than the key that is an integer, so that any other value in it is refused. */
const spoiltMember = Object.entries(matchEvent.schema.properties ?? {})
  .filter(([name, { type }]) => name !== matchEvent.key && type === 'integer')
  .map(([name]) => name)[0] as string;

/** Sends unique events until it is stopped, and then waits until each has its answer. */
export async function produce({
  endpoints,
  seed,
  eventsPerSecond,
  unsoundShare,
  repeatShare = 0,
  stopped,
  onAcknowledged,
}: ProduceOptions): Promise<Acknowledged> {
  const sound = new Set<string>();
  const unsound = new Set<string>();
  const refusals: string[] = [];
  const client = createIngestClient({
    endpoint: endpoints.ingest,
    eventType: matchEvent.name,
    apiKey: endpoints.apiKey,
    maxBatchEvents: 50,
    // No event may be abandoned: each has its outcome by the end.
    maxAttempts: 10_000,
    maxDelayMs: 1_000,
    requestTimeoutMs: 10_000,
  });
  const random = seededRandom(seed);
  const events = sampleEvents(matchEvent.name, { count: Infinity, seed });
  const perTick = Math.ceil((eventsPerSecond * tickMs) / 1000);
  const repeated: Readonly<Record<string, unknown>>[] = [];
  while (!stopped.aborted) {
    for (const event of repeated.splice(0))
      await client.send(event, (outcome) => {
        if (outcome.status !== 'accepted') refusals.push(`again: ${JSON.stringify(outcome)}`);
      });
    for (let sent = 0; sent < perTick; sent++) {
      const { value } = events.next();
      const event = value as Readonly<Record<string, unknown>>;
      const id = String(event[matchEvent.key]);
      const isUnsound = random.chance(unsoundShare);
      if (!isUnsound && random.chance(repeatShare)) repeated.push(event);
      await client.send(
        isUnsound ? { ...event, [spoiltMember]: { unknown: true } } : event,
        (outcome) => {
          if (outcome.status === 'accepted') {
            (isUnsound ? unsound : sound).add(id);
            if (!isUnsound) onAcknowledged?.(id);
          } else refusals.push(`${id}: ${JSON.stringify(outcome)}`);
        },
      );
    }
    await delay(tickMs);
  }
  await client.close();
  return { sound, unsound, refusals, resends: client.counters.resends };
}
