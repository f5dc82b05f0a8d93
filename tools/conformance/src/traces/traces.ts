import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { productEvent } from '@sluice/event-types';
import { sampleEvents } from '@sluice/event-types/samples';
import type { Endpoints } from '@sluice/lake';
import { startOwnStack } from '@sluice/verify/own-stack';
import { pollUntil } from '@sluice/waiting';
import { EngineMissing, type Difference, type Engine, type EngineContext } from '../engine';
import { install } from '../run-program';

/** Release of the collector; its modules of version 1 follow from it. */
const version = '0.165.0';
/** Longest build in milliseconds: it compiles some hundred packages once. */
const longestBuildMs = 900_000;
const patienceMs = 60_000;

/** A span as the collector passes it on (OTLP, JSON encoding). */
interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}

interface Collected {
  readonly resourceSpans: readonly {
    readonly resource: {
      readonly attributes: readonly {
        readonly key: string;
        readonly value: { readonly stringValue?: string };
      }[];
    };
    readonly scopeSpans: readonly { readonly spans: readonly CollectedSpan[] }[];
  }[];
}

export const traces: Engine = {
  name: 'traces',
  title: 'OpenTelemetry Collector',
  compares:
    'The traces of a local stack, taken by the Collector’s OTLP receiver and passed on by its exporter: an event that a client recorded, an event and a look-up that nobody recorded, and one whose client said no.',
  run: async (context) => {
    const program = await buildCollector(context);
    const sink = await startSink();
    const collector = await startCollector(program, sink.port, context);
    const before = process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = collector.url;
    try {
      context.progress('starting a local stack …');
      const stack = await startOwnStack();
      try {
        const endpoints = JSON.parse(readFileSync(stack.endpointsFile, 'utf8')) as Endpoints;
        const { tried, differences } = await compareTraces(endpoints, sink.spans);
        return {
          versions: { 'opentelemetry-collector': version },
          tried,
          differences,
          known: [],
          notes: [
            `${sink.spans.length} spans came out of the Collector, of ${new Set(sink.spans.map(({ service }) => service)).size} services.`,
          ],
        };
      } finally {
        await stack.stop();
      }
    } finally {
      if (before === undefined) delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
      else process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = before;
      await collector.stop();
      sink.close();
    }
  },
};

type ServiceSpan = CollectedSpan & { readonly service: string };

/** Sends events and look-ups, and compares the spans that come out of the collector with what they have to be. */
async function compareTraces(
  { ingest, lookup, apiKey }: Endpoints,
  spans: readonly ServiceSpan[],
): Promise<{ readonly tried: number; readonly differences: readonly Difference[] }> {
  const differences: Difference[] = [];
  let tried = 0;
  const compare = (what: string, ours: unknown, theirs: unknown): void => {
    tried++;
    const [expected, found] = [ours, theirs].map((value) => JSON.stringify(value));
    if (expected !== found)
      differences.push({ tried: what, ours: expected ?? '', theirs: found ?? 'nothing' });
  };
  const headers = (traceparent?: string): Record<string, string> => ({
    'content-type': 'application/json',
    'x-api-key': apiKey,
    ...(traceparent !== undefined && { traceparent }),
  });
  const events = [...sampleEvents(productEvent.name, { count: 3 })];
  const post = async (event: unknown, traceparent?: string): Promise<string> => {
    const answer = await fetch(`${ingest}/v1/events/${productEvent.name}`, {
      method: 'POST',
      headers: headers(traceparent),
      body: JSON.stringify(event),
    });
    compare('an event is taken', 200, answer.status);
    return (answer.headers.get('x-amzn-requestid') ?? '').replaceAll('-', '');
  };
  const [recorded, quiet] = ['1', '2'].map((digit) => digit.repeat(32));
  const client = '00f067aa0ba902b7';
  await post(events[0], `00-${recorded}-${client}-01`);
  await post(events[1], `00-${quiet}-${client}-00`);
  const own = await post(events[2]);
  const ofTrace = (traceId: string | undefined) => spans.filter((span) => span.traceId === traceId);
  const until = async (traceId: string | undefined, service: string): Promise<void> => {
    const isThere = (): boolean => ofTrace(traceId).some((span) => span.service === service);
    await pollUntil(() => isThere() || undefined, { everyMs: 100, withinMs: patienceMs });
  };
  await until(recorded, 'delivery');
  await until(own, 'delivery');
  const found = await fetch(`${lookup}/v1/events/${productEvent.name}?sessionId=1`, {
    headers: headers(`00-${recorded}-${client}-01`),
  });
  compare('a look-up is answered', 200, found.status);
  await until(recorded, 'lookup-api');

  const way = ['ingest-gateway', 'event-stream', 'firehose-transformer', 'delivery'];
  for (const [what, traceId, parent] of [
    ['a client’s trace', recorded, client],
    ['a trace that the gateway began', own, undefined],
  ] as const) {
    let above: string | undefined = parent;
    for (const service of way) {
      const found = ofTrace(traceId).filter((span) => span.service === service);
      compare(`${what}: spans of ${service}`, 1, found.length);
      compare(`${what}: parent of ${service}`, above ?? '', found[0]?.parentSpanId ?? '');
      above = found[0]?.spanId;
    }
  }
  compare('a trace whose client said no', 0, ofTrace(quiet).length);
  const lookUps = ofTrace(recorded).filter(({ service }) => service === 'lookup-api');
  const root = lookUps.find(({ parentSpanId }) => parentSpanId === client);
  compare('the look-up stands below its client', 'GET /v1/events/{event_type}', root?.name);
  compare(
    'each of its requests to S3 stands below it',
    lookUps.length - 1,
    lookUps.filter(({ parentSpanId }) => parentSpanId === root?.spanId).length,
  );
  compare(
    'no span ends before it begins',
    0,
    spans.filter((span) => BigInt(span.endTimeUnixNano) < BigInt(span.startTimeUnixNano)).length,
  );
  return { tried, differences };
}

async function buildCollector({ folder, root, progress }: EngineContext): Promise<string> {
  const program = join(folder, `collector-${version}`);
  if (existsSync(program)) return program;
  progress(`building the OpenTelemetry Collector ${version} with Go …`);
  copyFileSync(
    join(root, 'tools', 'conformance', 'go', 'collector.go'),
    join(folder, 'collector.go'),
  );
  writeFileSync(
    join(folder, 'go.mod'),
    `module sluice.example/collector

go 1.25

require (
	go.opentelemetry.io/collector/otelcol v${version}
	go.opentelemetry.io/collector/receiver/otlpreceiver v${version}
	go.opentelemetry.io/collector/exporter/otlphttpexporter v${version}
)
`,
  );
  const options = { cwd: folder, timeoutMs: longestBuildMs };
  await install('go', ['mod', 'tidy'], options);
  await install(
    'go',
    ['build', '-buildvcs=false', '-ldflags=-s', '-o', program, 'collector.go'],
    options,
  );
  return program;
}

/** Starts the collector on a free port, passing on to a port of this machine. */
async function startCollector(
  program: string,
  sinkPort: number,
  { scratch }: EngineContext,
): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  const config = join(scratch, 'collector.yaml');
  writeFileSync(
    config,
    `receivers: { otlp: { protocols: { http: { endpoint: '127.0.0.1:${port}' } } } }
exporters: { otlp_http: { endpoint: 'http://127.0.0.1:${sinkPort}', encoding: json, compression: none } }
service:
  telemetry: { metrics: { level: none } }
  pipelines: { traces: { receivers: [otlp], exporters: [otlp_http] } }
`,
  );
  const child = spawn(program, ['--config', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const closed = once(child, 'close');
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await closed;
  };
  const isReady = (): true | undefined => {
    if (said.includes('Everything is ready')) return true;
    if (child.exitCode === null) return undefined;
    throw new EngineMissing(`the collector ended with ${child.exitCode}: ${said.slice(-300)}`);
  };
  await pollUntil(isReady, { everyMs: 50, withinMs: patienceMs });
  return { url: `http://127.0.0.1:${port}`, stop };
}

/** Starts what the collector passes its spans on to. */
async function startSink(): Promise<{
  readonly port: number;
  readonly spans: readonly ServiceSpan[];
  readonly close: () => void;
}> {
  const spans: ServiceSpan[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString()) as Collected;
      for (const { resource, scopeSpans } of resourceSpans) {
        const named = resource.attributes.find(({ key }) => key === 'service.name');
        const service = named?.value.stringValue ?? '';
        for (const scoped of scopeSpans)
          spans.push(...scoped.spans.map((span) => ({ ...span, service })));
      }
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    spans,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
