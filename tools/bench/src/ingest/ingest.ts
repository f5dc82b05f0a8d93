import { Command } from 'commander';
import { count, type ShowReport } from '../bench-command';
import * as crypto from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { ingestApiDocument } from '@sluice/ingest-gateway';
import { createRestApi } from '@sluice/local-api-gateway';
import { signatureV4, startLocalServer } from '@sluice/local-http';
import { startKinesis } from '@sluice/local-kinesis';
import type { BenchFigure, BenchReport } from '../bench-report';
import type { Load, LoadResult } from './ingest-load';
import { median, spreadOf } from '../interleaved-rounds';
import { nestedSample } from '../sample-events';

export interface IngestBenchOptions {
  /** Length of one round in seconds. @default 2 */
  readonly seconds?: number;
  /** Number of rounds. @default 5 */
  readonly rounds?: number;
}

const stream = 'bench';
const apiKey = 'bench';
const region = 'us-east-1';
const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
const batchEvents = 500;

/** Promised rates of the local gateway, with everything on one machine of two cores. */
const targets = { singlePerSecond: 1500, batchEventsPerSecond: 10_000 };

/**
 * Sends events through the local gateway. The sender and Kinesis have their own threads, and the gateway has the main
 * one, as in the local stack.
 */
export async function runIngestBench({
  seconds = 2,
  rounds = 5,
}: IngestBenchOptions = {}): Promise<BenchReport> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
  const kinesis = await startKinesis({ folder, credentials });
  await kinesis.ensureStreams([{ name: stream, shards: 4 }]);
  const api = createRestApi({
    document: ingestApiDocument({
      eventTypes: [nestedSample.eventType],
      streamName: () => stream,
      credentialsArn: 'arn:aws:iam::000000000000:role/bench',
      region,
    }),
    apiKeys: [{ value: apiKey }],
    stageName: 'bench',
    kinesis: { endpoint: kinesis.url, region, credentials },
    reportError: (_, error) => console.error(error),
  });
  const gateway = await startLocalServer(api.listener, 0);
  const sender = new Worker(pathToFileURL(join(__dirname, 'ingest/ingest-load.mjs')));
  try {
    return await measure({
      endpoint: gateway.url,
      kinesisUrl: kinesis.url,
      sender,
      seconds,
      rounds,
    });
  } finally {
    await sender.terminate();
    await gateway.close();
    api.close();
    await kinesis.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure({
  endpoint,
  kinesisUrl,
  sender,
  seconds,
  rounds,
}: {
  readonly endpoint: string;
  readonly kinesisUrl: string;
  readonly sender: Worker;
  readonly seconds: number;
  readonly rounds: number;
}): Promise<BenchReport> {
  const { name } = nestedSample.eventType;
  const texts = Array.from({ length: batchEvents }, (_, index) =>
    JSON.stringify(nestedSample.event(index)),
  );
  const eventBytes = Math.round(texts.join('').length / batchEvents);
  const headers = { 'content-type': 'application/json', 'x-api-key': apiKey };
  const http = (path: string, body: string, connections: number): Load => ({
    http: { url: `${endpoint}${path}`, headers, body, connections, seconds },
  });
  const straightBody = JSON.stringify({
    StreamName: stream,
    Records: texts.map((text, index) => ({
      Data: Buffer.from(text).toString('base64'),
      PartitionKey: String(index),
    })),
  });
  const loads = {
    single: http(`/v1/events/${name}`, texts[0] ?? '', 16),
    batch: http(`/v1/events/${name}/batch`, `{"events":[${texts.join(',')}]}`, 4),
    client: { client: { endpoint, apiKey, eventType: name, texts, seconds } },
    floor: {
      http: {
        url: kinesisUrl,
        headers: putRecordsHeaders(kinesisUrl, straightBody),
        body: straightBody,
        connections: 4,
        seconds,
      },
    },
  } satisfies Record<string, Load>;

  const results = new Map<string, LoadResult[]>(Object.keys(loads).map((key) => [key, []]));
  for (let round = -1; round < rounds; round++)
    for (const [key, load] of Object.entries(loads)) {
      sender.postMessage(load);
      const [result] = (await once(sender, 'message')) as [LoadResult | { error: string }];
      if ('error' in result) throw new Error(`the bench "${key}" failed: ${result.error}`);
      if (round >= 0) results.get(key)?.push(result);
    }

  const rate = (
    key: keyof typeof loads,
    label: string,
    unit: string,
    perCount: number,
    atLeast?: number,
  ): BenchFigure => {
    const rates = (results.get(key) ?? []).map((r) => (r.count / r.seconds) * perCount);
    return {
      name: label,
      value: median(rates),
      unit,
      spread: spreadOf(rates),
      ...(atLeast !== undefined && { target: { atLeast } }),
    };
  };
  const latency = (key: keyof typeof loads, label: string, quantile: number): BenchFigure => {
    const each = (results.get(key) ?? []).map(({ latenciesMs }) => {
      const sorted = [...latenciesMs].sort((a, b) => a - b);
      return sorted[Math.floor(sorted.length * quantile)] ?? NaN;
    });
    return { name: label, value: median(each), unit: 'ms', spread: spreadOf(each) };
  };

  return {
    name: 'ingest',
    about:
      `events of ${eventBytes} bytes through the local gateway into Kinesis (kinesalite on disk), ` +
      `${rounds} rounds of ${seconds} s`,
    figures: [
      rate('single', 'one event a request', 'requests/s', 1, targets.singlePerSecond),
      latency('single', 'one event a request: p50', 0.5),
      latency('single', 'one event a request: p99', 0.99),
      rate(
        'batch',
        `${batchEvents} a request`,
        'events/s',
        batchEvents,
        targets.batchEventsPerSecond,
      ),
      latency('batch', `${batchEvents} a request: p50`, 0.5),
      latency('batch', `${batchEvents} a request: p99`, 0.99),
      rate('client', 'by the ingest client', 'events/s', 1, targets.batchEventsPerSecond),
      rate('floor', `${batchEvents} a request straight into Kinesis`, 'events/s', batchEvents),
    ],
  };
}

/** Returns the headers of a signed PutRecords request. */
function putRecordsHeaders(endpoint: string, body: string): Readonly<Record<string, string>> {
  const headers = {
    'x-amz-target': 'Kinesis_20131202.PutRecords',
    'content-type': 'application/x-amz-json-1.1',
  };
  const signed = signatureV4(crypto, credentials).sign({
    method: 'POST',
    target: '/',
    headers: { host: new URL(endpoint).host, ...headers },
    payloadHash: crypto.createHash('sha256').update(body).digest('hex'),
    service: 'kinesis',
    region,
    nowMs: Date.now(),
  });
  return { ...headers, ...signed };
}

export const ingestCommand = (show: ShowReport): Command =>
  new Command('ingest')
    .description('events through the local gateway into Kinesis, one by one and in batches')
    .option('--seconds <count>', 'of one round', count, 2)
    .option('--rounds <count>', 'counted rounds', count, 5)
    .action(async (options: { seconds: number; rounds: number }) =>
      show(await runIngestBench(options)),
    );
