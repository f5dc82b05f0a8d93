import { matchEvent, players, productEvent } from '@sluice/event-types';
import type { EventType } from '@sluice/event-schema';
import { firstProductEvent, samplePlayerRows, sampleEvents } from '@sluice/event-types/samples';
import { createIngestClient } from '@sluice/ingest-client';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IngestResult } from '@sluice/lake';
import { countText } from '@sluice/values/figures';
import type { LocalStack } from './local-stack';

/** An event that a newcomer can post, and look up again. */
export interface Sample {
  readonly eventType: EventType;
  readonly event: object;
  /** Value of the event type's key. */
  readonly key: string;
  /** A value of the event that an index finds, with its path. */
  readonly indexed: { readonly path: string; readonly value: string };
}

/** Number of made-up events of each type, enough for a join to find partners. */
const counts = [
  [productEvent, 1_000],
  [matchEvent, 500],
] as const;

/** Milliseconds since the first made-up event. */
const sampleAgeMs = 60_000;

/** Decides whether there are made-up events of this type, so that its rows may not be the user's own. */
export const isSample = ({ name }: EventType): boolean =>
  counts.some(([eventType]) => eventType.name === name);

/** Returns an event with a key that has never been used. Its row proves that the whole path works. */
export function newSample(): Sample {
  const key = `you-${randomBytes(3).toString('hex')}`;
  const event = firstProductEvent({ id: randomUUID(), userId: key, at: new Date() });
  const indexed = { path: 'sessionId', value: String(event.sessionId) };
  return { eventType: productEvent, event, key, indexed };
}

/**
 * Posts made-up events, delivers them without waiting for the interval, and puts the reference table to which they
 * refer.
 */
export async function loadSamples(
  stack: LocalStack,
  dataDir: string,
): Promise<Pick<IngestResult, 'accepted' | 'rejected'>> {
  const { ingest: endpoint, apiKey } = stack.endpoints;
  // As if they had just happened; events of another day would be late.
  const startAt = new Date(Date.now() - sampleAgeMs);
  const posted = await Promise.all(
    counts.map(async ([{ name }, count]) => {
      const client = createIngestClient({ endpoint, apiKey, eventType: name });
      for (const event of sampleEvents(name, { count, startAt })) await client.send(event);
      await client.close();
      return client.counters;
    }),
  );
  await Promise.all([stack.flush(), putPlayers(stack, dataDir)]);
  await stack.compacted();
  return {
    accepted: posted.reduce((sum, { accepted }) => sum + accepted, 0),
    rejected: posted.reduce((sum, { rejected }) => sum + rejected, 0),
  };
}

/** Returns a text such as `1,000 rows of product_event, 500 of match_event and 22 of players`. */
export function sampleContents(): string {
  const [first, ...more] = counts.map(([{ name }, count]) => [name, countText(count)] as const);
  return [
    `${first?.[1] ?? ''} rows of ${first?.[0] ?? ''}`,
    ...more.map(([name, count]) => `, ${count} of ${name}`),
    ` and ${samplePlayerRows().length} of ${players.name}`,
  ].join('');
}

async function putPlayers({ lake }: LocalStack, dataDir: string): Promise<void> {
  const folder = join(dataDir, 'samples');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${players.name}.ndjson`);
  writeFileSync(
    file,
    samplePlayerRows()
      .map((row) => `${JSON.stringify(row)}\n`)
      .join(''),
  );
  // Loaded only for an empty data directory, because it takes as long as everything else.
  const { putReference } = await import('@sluice/lake/put-reference');
  const result = await putReference({
    store: lake,
    file,
    name: players.name,
    definition: players,
  });
  if (result.outcome === 'refused')
    throw new Error(`the sample of ${players.name} does not fit: ${result.problems.join('; ')}`);
}
