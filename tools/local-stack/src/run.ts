import { DefinitionError, tableName, type EventType } from '@sluice/event-schema';
import { InferenceError } from '@sluice/event-schema/inference';
import { readEventTypes } from '@sluice/event-schema/node';
import { join } from 'node:path';
import { DataDirError, dataDirCredentials, openDataDir, type DataDir } from './data-dir';
import { EventTypeError, eventTypeOfFile } from './ingest/event-type-of-file';
import { ingestFile, type IngestResult } from './ingest/ingest-file';
import { openSourceFile, SourceFileError } from '@sluice/event-files';
import { startLocalStack, type LocalStack } from './local-stack';
import { CommandLineExit, parseOptions, type IngestOptions, type Options } from './options';
import { checkPorts, PortTakenError } from './ports';
import { startProgress } from './progress';
import { lakeFiles } from './lake-files';
import { firstSample, postSamples } from './sample';
import { synthesise, workspaceRoot } from './synthesise';
import { welcome } from './welcome';

export interface Terminal {
  readonly args: readonly string[];
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** What a person can cause and mend: one sentence and exit 1. Anything else is a fault of ours. */
const forPeople = [
  DataDirError,
  DefinitionError,
  EventTypeError,
  InferenceError,
  PortTakenError,
  SourceFileError,
];

/** Runs the local stack until it is done or stopped. @returns the exit code */
export async function runLocalStack({ args, stdout, stderr }: Terminal): Promise<number> {
  let dataDir: DataDir | undefined;
  try {
    const options = parseOptions(args, {
      out: (text) => void stdout.write(text),
      err: (text) => void stderr.write(text),
    });
    dataDir = openDataDir(options.dataDir);
    return await run(options, dataDir, { args, stdout, stderr });
  } catch (error) {
    if (error instanceof CommandLineExit) return error.exitCode;
    if (!forPeople.some((known) => error instanceof known)) throw error;
    stderr.write(`error: ${(error as Error).message}\n`);
    return 1;
  } finally {
    dataDir?.release();
  }
}

async function run(
  options: Options,
  dataDir: DataDir,
  { stdout, stderr }: Terminal,
): Promise<number> {
  const startedAtMs = Date.now();
  const ports = {
    ingest: options.port,
    lookup: options.port + 1,
    s3: options.port + 2,
    kinesis: options.port + 3,
  };
  await checkPorts(ports);
  const ingested = options.ingest && (await ingestedEventType(options.ingest, dataDir, stderr));
  const isFirstRun = dataDir.isNew;

  const stack = await startLocalStack({
    assembly: await assemblyFor(dataDir),
    dataDir,
    credentials: dataDirCredentials(dataDir),
    ports,
    bufferMs: options.bufferMs,
    s3LatencyMs: options.s3LatencyMs,
    warn: (line) => void stderr.write(`${line}\n`),
  });
  const stopped = stopSignal(stderr);

  const work = async (): Promise<number> => {
    if (!options.once) {
      const isDelivered = options.sample && isFirstRun && !options.ingest;
      if (isDelivered) await postSamples(stack);
      stdout.write(
        welcome({
          stack,
          dataDir: dataDir.path,
          sample: firstSample(),
          isDelivered,
          startedInMs: Date.now() - startedAtMs,
        }),
      );
    }
    if (!options.ingest || !ingested)
      return options.once ? await finishOnce() : await untilStopped();

    const result = await ingest(options.ingest, ingested, stack, stopped.signal, stderr);
    if (options.once) return await finishOnce(result);
    stdout.write(
      `${result.accepted} events of ${options.ingest.file} were taken, ${result.rejected} refused.\n`,
    );
    return await untilStopped();
  };

  const untilStopped = async (): Promise<number> => {
    await stopped.promise;
    stderr.write('Delivering what is buffered (Ctrl-C again leaves it for the next start) …\n');
    return 0;
  };

  const finishOnce = async (result?: IngestResult): Promise<number> => {
    if (stopped.signal.aborted) return 130;
    await stack.flush();
    await stack.runSchedules();
    const table = ingested && tableName(ingested);
    const delivered = table ? stack.deliveryStats(table) : undefined;
    const files = table ? await lakeFiles(stack.lake, table) : { raw: 0, compacted: 0 };
    const sent = result?.accepted ?? 0;
    const failed = (delivered?.recordsFailed ?? 0) + (result?.rejected ?? 0);
    const summary = {
      sent,
      delivered: delivered?.rowsDelivered ?? 0,
      failed,
      rawFiles: files.raw,
      compactedFiles: files.compacted,
      seconds: Math.round((Date.now() - startedAtMs) / 100) / 10,
    };
    stdout.write(`${JSON.stringify(summary)}\n`);
    return sent === summary.delivered + (delivered?.recordsFailed ?? 0) ? 0 : 1;
  };

  try {
    return await work();
  } finally {
    await stack.close({ flush: !options.once });
    stopped.forget();
  }
}

async function ingestedEventType(
  { file, event, key, identity }: IngestOptions,
  dataDir: DataDir,
  stderr: NodeJS.WriteStream,
): Promise<EventType> {
  const { totalBytes } = await openSourceFile(file);
  const progress = startProgress({ label: `Reading ${file}`, total: totalBytes, stream: stderr });
  try {
    const { eventType, report } = await eventTypeOfFile({
      file,
      name: event,
      key,
      identity,
      definitions: dataDir.definitions,
      onBytesRead: (bytes, events) => progress.update(bytes, events),
    });
    progress.stop();
    if (report) stderr.write(`The event type "${event}" was inferred from the file.\n${report}\n`);
    return eventType;
  } finally {
    progress.stop();
  }
}

/** Where the data directory has event types of its own, they need an assembly of their own. */
async function assemblyFor(dataDir: DataDir): Promise<string> {
  if (readEventTypes(dataDir.definitions).length === 0)
    return join(workspaceRoot(), 'dist', 'cdk.out', 'dev');
  await synthesise({ assembly: dataDir.assembly, definitions: dataDir.definitions });
  return dataDir.assembly;
}

async function ingest(
  { file }: IngestOptions,
  eventType: EventType,
  stack: LocalStack,
  signal: AbortSignal,
  stderr: NodeJS.WriteStream,
): Promise<IngestResult> {
  const source = await openSourceFile(file);
  const progress = startProgress({
    label: `Posting ${file}`,
    total: source.totalBytes,
    stream: stderr,
  });
  try {
    return await ingestFile({
      source,
      eventType: eventType.name,
      endpoint: stack.endpoints.ingest,
      apiKey: stack.endpoints.apiKey,
      signal,
      onProgress: ({ bytesRead, accepted }) => progress.update(bytesRead, accepted),
      onRejected: (line) => void stderr.write(`${line}\n`),
    });
  } finally {
    progress.stop();
  }
}

/** The first signal asks for an orderly stop, the second ends the process at once. */
function stopSignal(stderr: NodeJS.WriteStream): {
  readonly promise: Promise<void>;
  readonly signal: AbortSignal;
  forget(): void;
} {
  const controller = new AbortController();
  const promise = new Promise<void>((resolve) =>
    controller.signal.addEventListener('abort', () => resolve(), { once: true }),
  );
  const onSignal = (): void => {
    if (controller.signal.aborted) {
      stderr.write('Stopped; the next start delivers the rest.\n');
      process.exit(130);
    }
    controller.abort();
  };
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, onSignal);
  return {
    promise,
    signal: controller.signal,
    forget: () => {
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, onSignal);
    },
  };
}
