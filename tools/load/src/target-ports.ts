import { apiName, streamName } from '@sluice/infra/names';
import { APIGatewayClient, paginateGetUsagePlans } from '@aws-sdk/client-api-gateway';
import { DescribeStreamSummaryCommand } from '@aws-sdk/client-kinesis';
import { tableName, type EventType } from '@sluice/event-schema';
import { createIngestClient } from '@sluice/ingest-client';
import { markedEvent, type Row, type Target } from '@sluice/verify';
import { parse } from 'lossless-json';
import { setTimeout as delay } from 'node:timers/promises';
import { flushAfterMs } from './plan';
import type { LoadClock, LoadPorts } from './run-load';

/**
 * Milliseconds to wait for an answer. The gateway itself gives up after 29 s; a run leaves more than this to its last
 * look-ups.
 */
const requestTimeoutMs = 35_000;
/** Longest time of a question about the target before the run, in milliseconds. */
const askTimeoutMs = 30_000;
/**
 * Largest number of attempts. It outlasts a short throttling, and takes less than the client's own two minutes,
 * because the run has to end.
 */
const maxAttempts = 6;
const concurrentRequests = 8;
const maxPendingEvents = 1_000_000;
const maxPendingBytes = 256 * 2 ** 20;

export interface PortsOptions {
  readonly target: Target;
  readonly eventTypes: readonly EventType[];
  /** Mark that is unique to the run. */
  readonly mark: string;
  readonly startedAtMs: number;
}

const systemClock: LoadClock = {
  nowMs: () => Date.now(),
  sleep: async (ms, signal) => {
    await delay(ms, undefined, { signal }).catch(() => undefined);
  },
};

/** Returns ports to a stack: the ingest client in front, the look-up API behind. */
export function targetPorts({ target, eventTypes, mark, startedAtMs }: PortsOptions): LoadPorts {
  const abandoned = new AbortController();
  const clients = new Map(
    eventTypes.map(({ name }) => [
      name,
      createIngestClient({
        endpoint: target.ingest.url,
        apiKey: target.ingest.apiKey,
        eventType: name,
        flushAfterMs,
        maxAttempts,
        maxConcurrentRequests: concurrentRequests,
        maxPendingEvents,
        maxPendingBytes,
        firstDelayMs: 200,
        maxDelayMs: 5_000,
        fetch: fetchUntil(abandoned.signal),
      }),
    ]),
  );
  return {
    event: (eventType, number) =>
      markedEvent({ eventType, variant: 'full', mark, number, startedAtMs }),
    send: ({ eventType, text }, tell) => void clients.get(eventType.name)?.sendText(text, tell),
    drain: async (giveUp) => {
      giveUp.addEventListener('abort', () => abandoned.abort(), { once: true });
      await Promise.all([...clients.values()].map((client) => client.close()));
    },
    lookUp: (eventType, ids, giveUp) => lookUp(target, { eventType, ids, giveUp }),
    clock: systemClock,
  };
}

/**
 * Status given to a request that the run abandoned, so that the ingest client takes it for a refusal and does not try
 * again.
 */
const givenUp = 499;

/** Returns a fetch whose requests end when a signal is aborted, and which sends none after that. */
const fetchUntil =
  (end: AbortSignal): typeof fetch =>
  async (input, init) => {
    try {
      const signals = init?.signal ? [init.signal, end] : [end];
      end.throwIfAborted();
      return await fetch(input, { ...init, signal: AbortSignal.any(signals) });
    } catch (error) {
      if (end.aborted) return new Response(undefined, { status: givenUp });
      throw error;
    }
  };

interface LookUp {
  readonly eventType: EventType;
  readonly ids: readonly string[];
  readonly giveUp: AbortSignal;
}

/** Looks up rows. @throws with the answer, where it holds no rows */
async function lookUp(
  { lookup }: Target,
  { eventType: { name }, ids, giveUp }: LookUp,
): Promise<readonly Row[]> {
  const response = await fetch(`${lookup.url}/v1/events/${name}/lookup`, {
    method: 'POST',
    headers: { 'x-api-key': lookup.apiKey, 'content-type': 'application/json' },
    body: JSON.stringify({ ids, limit: 1_000 }),
    signal: AbortSignal.any([AbortSignal.timeout(requestTimeoutMs), giveUp]),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status} ${text.slice(0, 200)}`);
  return (parse(text) as { readonly rows: readonly Row[] }).rows;
}

/** Returns the number of shards of the smallest stream, and whether it grows by itself. */
export async function smallestStream(
  { kinesis, stage }: Target,
  eventTypes: readonly EventType[],
): Promise<{ readonly shards: number; readonly streams: 'on-demand' | 'provisioned' }> {
  const summaries = await Promise.all(
    eventTypes.map(async (eventType) => {
      const { StreamDescriptionSummary: summary } = await kinesis.send(
        new DescribeStreamSummaryCommand({ StreamName: streamName(stage, tableName(eventType)) }),
        { abortSignal: AbortSignal.timeout(askTimeoutMs) },
      );
      return {
        shards: summary?.OpenShardCount ?? 1,
        isOnDemand: summary?.StreamModeDetails?.StreamMode === 'ON_DEMAND',
      };
    }),
  );
  return {
    shards: Math.min(...summaries.map(({ shards }) => shards)),
    streams: summaries.every(({ isOnDemand }) => isOnDemand) ? 'on-demand' : 'provisioned',
  };
}

/**
 * Returns the rate, in requests for each second, that the ingest API's usage plan allows for a key; undefined where
 * it can't be read.
 */
export async function planRate({ isLocal, stage }: Target): Promise<number | undefined> {
  if (isLocal) return undefined;
  try {
    const pages = paginateGetUsagePlans(
      { client: new APIGatewayClient({}) },
      { limit: 500 },
      {
        abortSignal: AbortSignal.timeout(askTimeoutMs),
      },
    );
    for await (const { items = [] } of pages) {
      const plan = items.find(({ name }) => name === apiName(stage, 'ingest'));
      if (plan) return plan.throttle?.rateLimit;
    }
  } catch {
    // It only serves a warning, and the caller may lack the permission.
  }
  return undefined;
}
