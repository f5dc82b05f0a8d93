import { SourceFileError } from '@sluice/event-files';
import { sampledEventTypes } from '@sluice/event-types/samples';
import { createIngestClient, type IngestClient } from '@sluice/ingest-client';
import { wrapText } from '@sluice/terminal';
import { runCommand } from '@sluice/terminal/command-line';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { countText, measuredText } from '@sluice/values/figures';
import type { LakeTerminal } from '../lake-terminal';
import {
  IngestError,
  listEventTypes,
  type IngestApi,
  type ListedEventType,
} from '../ingest/ingest-api';
import { readEndpoints } from '../open-lake';
import { startCommand } from '../shown-commands';
import { parseOptions, type Options } from './options';
import { eventsOfFile, madeUpEvents, type NextEvent } from './simulated-events';

type Terminal = Pick<LakeTerminal, 'args' | 'env' | 'stdout' | 'stderr'>;

/** Milliseconds between two checks of how many events are due. */
const tickMs = 50;
/** Milliseconds between two reports of progress: in one line on a terminal, in a line each elsewhere. */
const sayEveryMs = { terminal: 500, elsewhere: 10_000 } as const;

/** Sends events continually. @returns the exit code: 1 where the API refused some */
export async function runSimulate(terminal: Terminal): Promise<number> {
  const stop = new AbortController();
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
  };
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, onSignal);
  try {
    return await runCommand(terminal, [IngestError, SourceFileError], async () => {
      const options = parseOptions(terminal);
      const api = apiOf(options);
      const flows = await makeFlows(options, api);
      return send(flows, options, terminal, stop.signal);
    });
  } finally {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, onSignal);
  }
}

/** Events of one type, and the client that sends them. */
interface Flow {
  readonly name: string;
  readonly next: NextEvent;
  readonly client: IngestClient;
}

async function makeFlows(options: Options, api: IngestApi): Promise<readonly Flow[]> {
  const listed = await listEventTypes(api).catch((error: unknown) => {
    if (!(error instanceof IngestError) || options.url !== undefined) throw error;
    throw new IngestError(
      `${error.message}: start the stack with ${startCommand(options.dataDir)}`,
    );
  });
  const chosen = choose(options, listed);
  return Promise.all(
    chosen.map(async (eventType) => ({
      name: eventType.name,
      next:
        options.from === undefined
          ? madeUpEvents(eventType)
          : await eventsOfFile(options.from, eventType),
      client: createIngestClient({ ...api, eventType: eventType.name }),
    })),
  );
}

/** Returns the event types to send. @throws IngestError where one is not served, or has no made-up events and no file */
function choose(
  { events, from, dataDir, url }: Options,
  listed: readonly ListedEventType[],
): readonly ListedEventType[] {
  const hasSamples = ({ name }: ListedEventType): boolean => sampledEventTypes.includes(name);
  if (!events) {
    const chosen = listed.filter(hasSamples);
    if (chosen.length > 0) return chosen;
    throw new IngestError(
      `no event type has made-up events; name one with --event, and a file of its events with --from`,
    );
  }
  return events.map((event) => {
    const found = listed.find(({ name }) => name === event);
    if (!found)
      throw new IngestError(
        `${url ?? `the stack of ${dataDir}`} has no event type "${event}"; it has ${listed.map(({ name }) => name).join(', ') || 'none'}`,
      );
    if (from === undefined && !hasSamples(found))
      throw new IngestError(
        `there are no made-up events of "${event}"; name a file of its events with --from`,
      );
    return found;
  });
}

async function send(
  flows: readonly Flow[],
  { eventsPerSecond, minutes, failingPercent, json }: Options,
  { stdout, stderr }: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const startedMs = performance.now();
  const endsMs = minutes === undefined ? Infinity : minutes * 60_000;
  stderr.write(
    `${wrapText(
      `Sending ${measuredText(eventsPerSecond)} events a second of ${flows.map(({ name }) => name).join(', ')}; ${minutes === undefined ? 'Ctrl-C ends it' : `it ends after ${minutes} minutes`}.`,
    )}\n`,
  );
  // A function, because it may change during each wait.
  const isOver = (): boolean => signal.aborted;
  let sent = 0;
  let failing = 0;
  let saidMs = 0;
  const isTerminal = stderr.isTTY;
  const say = (elapsedMs: number): void => {
    const perSecond = Math.round((sent * 1_000) / Math.max(1, elapsedMs));
    const text = `${countText(sent)} events sent, ${measuredText(perSecond)} a second, ${countText(failing)} of them to fail`;
    stderr.write(isTerminal ? `\r\u001b[K${text}` : `${text}\n`);
  };
  for (;;) {
    const elapsedMs = performance.now() - startedMs;
    if (isOver() || elapsedMs >= endsMs) break;
    for (const due = Math.floor((eventsPerSecond * elapsedMs) / 1_000); sent < due; sent++) {
      const flow = flows[sent % flows.length];
      // Failures are spread evenly, so that a short run has its share too.
      const fails =
        Math.floor(((sent + 1) * failingPercent) / 100) > Math.floor((sent * failingPercent) / 100);
      if (fails) failing++;
      await flow?.client.sendText(flow.next({ fails }));
      if (isOver()) break;
    }
    if (elapsedMs - saidMs >= (isTerminal ? sayEveryMs.terminal : sayEveryMs.elsewhere)) {
      say(elapsedMs);
      saidMs = elapsedMs;
    }
    await sleep(tickMs, undefined, { signal }).catch(() => undefined);
  }
  await Promise.all(flows.map(({ client }) => client.close()));
  const accepted = flows.reduce((sum, { client }) => sum + client.counters.accepted, 0);
  const rejected = flows.reduce((sum, { client }) => sum + client.counters.rejected, 0);
  const seconds = (performance.now() - startedMs) / 1_000;
  stderr.write(
    `${isTerminal ? '\r\u001b[K' : ''}${wrapText(
      `${countText(accepted)} events are in the stream, ${countText(failing)} of them without their key: those fail, and wait for a replay.${rejected > 0 ? ` ${countText(rejected)} were refused.` : ''}`,
    )}\n`,
  );
  if (json)
    stdout.write(
      `${JSON.stringify({ accepted, rejected, failing, seconds: Math.round(seconds * 10) / 10 })}\n`,
    );
  return rejected > 0 ? 1 : 0;
}

function apiOf({ url, apiKey = '', dataDir }: Options): IngestApi {
  if (url !== undefined) return { endpoint: url, apiKey };
  const endpoints = readEndpoints(resolve(dataDir), { orElse: 'name a deployed stage with --url' });
  return { endpoint: endpoints.ingest, apiKey: endpoints.apiKey };
}
