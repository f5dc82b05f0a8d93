import { DefinitionError, tableName, type EventType } from '@sluice/event-schema';
import { InferenceError } from '@sluice/event-schema/inference';
import { readEventTypes, readReferences } from '@sluice/event-schema/node';
import { join } from 'node:path';
import { CommandLineExit } from './command-line';
import { DataDirError, dataDirCredentials, openDataDir, type DataDir } from './data-dir';
import { EventTypeError, eventTypeOfFile } from './ingest/event-type-of-file';
import { ingestFile, type IngestResult } from './ingest/ingest-file';
import { openSourceFile, SourceFileError } from '@sluice/event-files';
import { startLocalStack, type LocalStack } from './local-stack';
import { parseOptions, type IngestOptions, type Options } from './options';
import { checkPorts, portsFrom, PortTakenError } from './ports';
import { startProgress } from './progress';
import { lakeFiles } from './lake-files';
import { firstSample, postSamples } from './sample';
import { synthesise, workspaceRoot } from './synthesise';
import { watchDefinitions } from './watch-definitions';
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
    const options = parseOptions({ args, stdout, stderr });
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

async function run(options: Options, dataDir: DataDir, terminal: Terminal): Promise<number> {
  const startedAtMs = Date.now();
  const { stdout, stderr } = terminal;
  const ports = portsFrom(options.port);
  await checkPorts(ports);
  const eventType = options.ingest && (await ingestedEventType(options.ingest, dataDir, stderr));
  const postsSamples = options.sample && dataDir.isNew && !options.ingest;

  const stack = await startLocalStack({
    assembly: await assemblyFor(dataDir),
    dataDir,
    credentials: dataDirCredentials(dataDir),
    ports,
    bufferMs: options.bufferMs,
    s3LatencyMs: options.s3LatencyMs,
    allowedOrigins: options.allowedOrigins,
    warn: (line) => void stderr.write(`${line}\n`),
  });
  const stop = stopSignal(stderr);
  const endWatch = watchDefinitions({
    folders: options.once ? [] : [...definitionFolders, dataDir.definitions],
    say: (line) => void stderr.write(`${line}\n`),
  });
  try {
    let result: IngestResult = { accepted: 0, rejected: 0 };
    if (postsSamples) result = await postSamples(stack);
    if (!options.once)
      stdout.write(
        welcome({
          stack,
          dataDir: dataDir.path,
          sample: firstSample(),
          isDelivered: postsSamples,
          startedInMs: Date.now() - startedAtMs,
        }),
      );
    if (options.ingest && eventType)
      result = await ingest({ ...options.ingest, eventType, stack, signal: stop.signal, stderr });

    if (options.once) {
      if (stop.signal.aborted) {
        await stack.flush();
        return interrupted;
      }
      await stack.flush();
      await stack.runSchedules();
      const table = eventType && tableName(eventType);
      const summary = await summarise({ stack, table, result, startedAtMs });
      stdout.write(`${JSON.stringify(summary)}\n`);
      return summary.delivered + summary.failed - result.rejected >= summary.sent ? 0 : 1;
    }
    if (options.ingest)
      stdout.write(
        `${result.accepted} events of ${options.ingest.file} were taken, ${result.rejected} refused.\n`,
      );
    const failure = await Promise.race([stop.requested, stack.failed]);
    if (failure) {
      stderr.write(`error: ${failure.message}\n`);
      return 1;
    }
    stderr.write('Delivering what is buffered (Ctrl-C again leaves it for the next start) …\n');
    await stack.flush();
    return 0;
  } finally {
    endWatch();
    await stack.close();
    stop.forget();
  }
}

/** What the templates are made of besides the data directory's own definitions. */
const definitionFolders = ['events', 'references', 'joins', 'queries'].map((kind) =>
  join(workspaceRoot(), 'libs', 'event-schema', 'src', kind),
);

/** What shells answer for a program that Ctrl-C ended. */
const interrupted = 130;

/** The last line of `--once`. */
interface Summary {
  /** Events that the gateway answered with 200. */
  readonly sent: number;
  /** Rows. */
  readonly delivered: number;
  /** Records in the error output, and events that were not taken in the first place. */
  readonly failed: number;
  readonly rawFiles: number;
  readonly compactedFiles: number;
  readonly seconds: number;
}

async function summarise({
  stack,
  table,
  result,
  startedAtMs,
}: {
  readonly stack: LocalStack;
  /** Undefined: all tables. */
  readonly table: string | undefined;
  readonly result: IngestResult;
  readonly startedAtMs: number;
}): Promise<Summary> {
  const { rowsDelivered, recordsFailed } = stack.deliveryStats(table);
  const { raw, compacted } = await lakeFiles(stack.lake, table);
  return {
    sent: result.accepted,
    delivered: rowsDelivered,
    failed: recordsFailed + result.rejected,
    rawFiles: raw,
    compactedFiles: compacted,
    seconds: Math.round((Date.now() - startedAtMs) / 100) / 10,
  };
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
  const { definitions } = dataDir;
  if (readEventTypes(definitions).length + readReferences(definitions).length === 0)
    return join(workspaceRoot(), 'dist', 'cdk.out', 'dev');
  await synthesise({ assembly: dataDir.assembly, definitions });
  return dataDir.assembly;
}

async function ingest({
  file,
  eventType,
  stack,
  signal,
  stderr,
}: {
  readonly file: string;
  readonly eventType: EventType;
  readonly stack: LocalStack;
  readonly signal: AbortSignal;
  readonly stderr: NodeJS.WriteStream;
}): Promise<IngestResult> {
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
  readonly requested: Promise<undefined>;
  readonly signal: AbortSignal;
  forget(): void;
} {
  const controller = new AbortController();
  const requested = new Promise<undefined>((resolve) =>
    controller.signal.addEventListener('abort', () => resolve(undefined), { once: true }),
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
    requested,
    signal: controller.signal,
    forget: () => {
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, onSignal);
    },
  };
}
