import { DefinitionError, tableName, type EventType } from '@sluice/event-schema';
import { InferenceError } from '@sluice/schema-inference';
import {
  DefinitionFilesError,
  readFolderCatalog,
  type FolderCatalog,
} from '@sluice/event-schema/folder';
import { shippedDefinitions } from '@sluice/event-types';
import { basename, join } from 'node:path';
import { CommandLineExit } from '@sluice/terminal/command-line';
import { DamagedFileError } from '@sluice/local-state-files';
import {
  checkInferred,
  checkStoredDefinition,
  type DataDir,
  dataDirCredentials,
  DataDirError,
  definitionPlace,
  EventTypeError,
  eventTypeOfFile,
  type FailedEvents,
  FailureLog,
  FailureNotices,
  failureText,
  type FailureTextOptions,
  ingestedSentence,
  ingestFile,
  type IngestResult,
  lakeFiles,
  lineIdentityField,
  nothingIngested,
  openDataDir,
  recordDefinitions,
  runnableJoin,
  shownDataDir,
  shownDefinition,
  stoppedLake,
  StoredDefinitionError,
  tablesWithRows,
} from '@sluice/lake';
import { PostedFiles } from './posted-files';
import { openSourceFile, SourceFileError } from '@sluice/event-files';
import { ManifestError, type ObjectStore } from '@sluice/lake-layout';
import { wrapText } from '@sluice/terminal';
import { DeliveryStalledError } from '@sluice/local-firehose';
import { StreamStoreError } from '@sluice/local-kinesis';
import { startLocalStack, type LocalStack } from './local-stack';
import { parseOptions, type IngestOptions, type Options } from './options';
import { checkPorts, PortRefusedError, portsFrom, PortTakenError } from './ports';
import { startProgress } from '@sluice/terminal/progress';
import { isSample, loadSamples, newSample } from './sample';
import { synthesise, SynthesisError, workspaceRoot } from '@sluice/infra/synthesise';
import { tellChangedSources } from './tell-changed-sources';
import { watchDefinitions, type DefinitionsWatch } from './watch-definitions';
import { welcome } from './welcome';

export interface Terminal {
  readonly args: readonly string[];
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** What a person can cause and mend: one sentence and exit 1. Anything else is a fault of ours. */
const forPeople = [
  DamagedFileError,
  DataDirError,
  DefinitionError,
  EventTypeError,
  InferenceError,
  ManifestError,
  PortRefusedError,
  PortTakenError,
  SourceFileError,
  StoredDefinitionError,
  StreamStoreError,
  SynthesisError,
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
    stderr.write(`${sentence(error as Error)}\n`);
    return 1;
  } finally {
    dataDir?.release();
  }
}

async function run(options: Options, dataDir: DataDir, terminal: Terminal): Promise<number> {
  const startedAtMs = Date.now();
  const { stdout, stderr } = terminal;
  await checkPorts(portsFrom(options.port));
  const eventType = options.ingest && (await ingestedEventType(options.ingest, dataDir, stderr));
  const hasNewSamples: boolean = options.sample && dataDir.isNew && !options.ingest;

  const watch = watchDefinitions(dataDir.definitions);
  const failures = new FailureLog();
  let breakDown: (error: Error) => void;
  const broken = new Promise<Error>((resolve) => (breakDown = resolve));
  const start = (one: Startable): Promise<LocalStack> =>
    startToldStack(one, {
      options,
      dataDir,
      failures,
      warn: (text) => void stderr.write(text),
      onBroken: (error) => breakDown(error),
    });
  let startable = await makeStartable(dataDir, stderr);
  let stack = await start(startable);
  const stop = stopSignal(stderr);
  const endTelling = tellChangedSources({
    folders: options.once ? [] : definitionSources,
    say: (line) => void stderr.write(`${line}\n`),
  });
  const failed = (error: Error): number => {
    stderr.write(`error: ${error.message}\n`);
    return 1;
  };
  let exitCode = 1;
  let isOver = false;
  const hasEnded = (): boolean => isOver;
  const work = async (): Promise<number> => {
    let result: IngestResult = nothingIngested;
    if (hasNewSamples) result = { ...result, ...(await loadSamples(stack, dataDir.path)) };
    const startedInMs = Date.now() - startedAtMs;
    const shown = () => ({ definitions: startable.definitions, startedInMs, hasNewSamples });
    if (!options.once && !options.ingest) stdout.write(await welcomeText(stack, dataDir, shown()));
    if (options.ingest && eventType)
      new PostedFiles(dataDir.postedFiles).add(options.ingest.file, eventType.name, new Date());
    if (options.ingest && eventType)
      result = await ingest({ ...options.ingest, eventType, stack, signal: stop.signal, stderr });

    if (options.once) {
      if (stop.signal.aborted) {
        stdout.write(cutShortText(options.ingest, result));
        await stack.flush();
        return interrupted;
      }
      await stack.flush();
      await stack.runSchedules();
      const table = eventType && tableName(eventType);
      const { definitions } = startable;
      const failedEvents = await failures.read(stack.lake, definitions.catalog.eventTypes);
      for (const each of failedEvents)
        stderr.write(
          `${failureText(each, failureTextOptions(dataDir, definitions, each.eventType))}\n`,
        );
      const summary = await summarise({ stack, table, result, failedEvents, startedAtMs });
      stdout.write(`${JSON.stringify(summary)}\n`);
      const isComplete = summary.delivered + summary.failed - result.rejected >= summary.sent;
      return isComplete && (summary.failed === 0 || options.allowFailed) ? 0 : 1;
    }
    if (hasEnded()) return exitCode;
    if (options.ingest && eventType) {
      if (result.isCutShort === true) stdout.write(cutShortText(options.ingest, result));
      else {
        await stack.flush();
        await stack.compacted();
        const { rowsDelivered, recordsFailed } = stack.deliveryStats(tableName(eventType));
        const ingested = { ...result, rows: rowsDelivered, failed: recordsFailed };
        stdout.write(
          `\n${ingestedSentence({ ...ingested, file: basename(options.ingest.file), eventType: eventType.name })}\n` +
            (await welcomeText(stack, dataDir, shown())),
        );
      }
    }
    while ((await changeOrStop(watch, stop.requested)) === 'changed') {
      if (hasEnded()) return exitCode;
      const changed = await startableAgain(dataDir, stderr);
      if (!changed) continue;
      startable = changed;
      for (const fault of await stack.close()) stderr.write(`warning: ${fault.message}\n`);
      stack = await start(startable);
      stderr.write('It runs with them.\n');
    }
    if (hasEnded()) return exitCode;
    stderr.write('Delivering what is buffered (Ctrl-C again leaves it for the next start) …\n');
    await stack.flush();
    await stack.compacted();
    return result.isCutShort === true ? interrupted : 0;
  };
  try {
    const working = work();
    // Where the stack fails meanwhile, nobody waits for it any longer.
    working.catch(() => undefined);
    exitCode = await Promise.race([working, broken.then(failed)]);
  } catch (error) {
    if (!(error instanceof DeliveryStalledError)) throw error;
    exitCode = failed(error);
    stderr.write(
      `What was read and not delivered is kept in ${dataDir.path}; the next start delivers it.\n`,
    );
  } finally {
    isOver = true;
    endTelling();
    const [fault] = await stack.close();
    // What failed before was said, and fails again when it is closed.
    if (fault && exitCode === 0) exitCode = failed(fault);
    stop.forget();
  }
  return exitCode;
}

/** A message with lines of its own, such as a report, keeps them. */
const sentence = ({ message }: Error): string =>
  message.includes('\n') ? `error: ${message}` : wrapText(`error: ${message}`);

const definitionSources = ['events', 'references', 'joins', 'queries'].map((kind) =>
  join(workspaceRoot(), 'libs', 'event-schema', 'src', kind),
);

/** Resolves when the definitions change, or a person asks for the end. */
async function changeOrStop(
  watch: DefinitionsWatch,
  stopped: Promise<undefined>,
): Promise<'changed' | undefined> {
  const unwatch = new AbortController();
  try {
    return await Promise.race([
      stopped,
      watch.changed(unwatch.signal).then(() => 'changed' as const),
    ]);
  } finally {
    unwatch.abort();
  }
}

/** Says of a file whose posting was interrupted how much of it was taken; nothing where none was posted. */
function cutShortText(source: IngestOptions | undefined, result: IngestResult): string {
  if (!source) return '';
  const { accepted, rejected, isCutShort = false } = result;
  const cut = isCutShort ? ' The file was cut short: its other events were not sent.' : '';
  return `${accepted} events of ${source.file} were taken, ${rejected} refused.${cut}\n`;
}

/** What a stack is started with. */
interface Startable {
  /** Cloud assembly of the definitions. */
  readonly assembly: string;
  readonly definitions: FolderCatalog;
}

/** Starts a stack that tells of events that fail: with `--once` to a log for its end, else to the terminal at once. */
async function startToldStack(
  { assembly, definitions }: Startable,
  {
    options,
    dataDir,
    failures,
    warn,
    onBroken,
  }: {
    readonly options: Options;
    readonly dataDir: DataDir;
    readonly failures: FailureLog;
    readonly warn: (text: string) => void;
    readonly onBroken: (error: Error) => void;
  },
): Promise<LocalStack> {
  const { once, port, bufferMs, s3LatencyMs, allowedOrigins } = options;
  const eventTypes = new Map(
    definitions.catalog.eventTypes.map((one) => [tableName(one), one] as const),
  );
  let hasLake: (lake: ObjectStore) => void = () => undefined;
  const notices = new FailureNotices({
    // What a killed stack left may fail before the new one has started.
    store: new Promise((resolve) => (hasLake = resolve)),
    write: warn,
    textOptions: (failing) => failureTextOptions(dataDir, definitions, failing),
  });
  const tell = (table: string, errorKeys: readonly string[]): void => {
    const failing = eventTypes.get(table);
    if (!failing) return;
    notices.tell(failing, errorKeys).catch((error: unknown) => warn(`warning: ${String(error)}\n`));
  };
  const running = await startLocalStack({
    assembly: options.assembly ?? assembly,
    streamLimits: options.streamLimits,
    dataDir,
    credentials: dataDirCredentials(dataDir),
    ports: portsFrom(port),
    bufferMs,
    s3LatencyMs,
    allowedOrigins,
    compactsOnChange: !once,
    onDelivered: (table, { errorKeys }) => {
      if (errorKeys.length === 0) return;
      if (once) failures.add(table, errorKeys);
      else tell(table, errorKeys);
    },
    warn: (line) => warn(`${line}\n`),
  });
  hasLake(running.lake);
  void running.failed.then(onBroken);
  try {
    await recordDefinitions(running.lake, definitions.catalog.eventTypes);
    return running;
  } catch (error) {
    await running.close();
    throw error;
  }
}

/** Reads and checks the definitions of a data directory, and makes their templates. @throws what a person can mend */
async function makeStartable(dataDir: DataDir, stderr: NodeJS.WriteStream): Promise<Startable> {
  const definitions = readFolderCatalog(dataDir.definitions, shippedDefinitions);
  await checkDefinitions(definitions, dataDir, stderr);
  return { assembly: await assemblyFor(definitions, dataDir), definitions };
}

/** Does so for definitions that changed while a stack runs. @returns undefined where they can't be used: the stack goes on as it is */
async function startableAgain(
  dataDir: DataDir,
  stderr: NodeJS.WriteStream,
): Promise<Startable | undefined> {
  stderr.write('\nThe event types of the data directory changed; the stack takes them up …\n');
  try {
    // At a start a file that can't be served is left out; here its event type may be in use.
    const { faults } = readFolderCatalog(dataDir.definitions, shippedDefinitions);
    if (faults.length > 0) throw new DefinitionFilesError(faults);
    return await makeStartable(dataDir, stderr);
  } catch (error) {
    stderr.write(
      `${wrapText(`error: ${(error as Error).message}`)}\nThe stack goes on with the event types that it had.\n`,
    );
    return undefined;
  }
}

async function welcomeText(
  { endpoints, lake, deliverySeconds }: LocalStack,
  dataDir: DataDir,
  {
    definitions: { catalog },
    ...shown
  }: {
    readonly definitions: FolderCatalog;
    readonly startedInMs: number;
    readonly hasNewSamples: boolean;
  },
): Promise<string> {
  const tables = await tablesWithRows(lake, catalog.eventTypes);
  const own = tables.filter(({ eventType }) => !isSample(eventType));
  const sample = newSample();
  return welcome({
    ...shown,
    endpoints,
    dataDir: dataDir.path,
    deliverySeconds,
    sample: own.length === 0 ? sample : undefined,
    tables:
      own.length > 0
        ? own
        : tables.filter(({ eventType }) => eventType.name === sample.eventType.name),
    join: await runnableJoin(lake, tables),
  });
}

const failureTextOptions = (
  { path }: DataDir,
  { fileOf }: FolderCatalog,
  eventType: EventType,
): FailureTextOptions => ({
  dataDir: shownDataDir(path),
  definition: fileOf.has(eventType) ? shownDefinition(path, eventType.name) : undefined,
});

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
  /** Why events failed that were taken; of all tables. */
  readonly reasons: readonly {
    readonly event: string;
    readonly code: string;
    /** JSON pointer; null where no place is known. */
    readonly pointer: string | null;
    readonly count: number;
  }[];
}

async function summarise({
  stack,
  table,
  result,
  failedEvents,
  startedAtMs,
}: {
  readonly stack: LocalStack;
  /** Undefined: all tables. */
  readonly table: string | undefined;
  readonly result: IngestResult;
  readonly failedEvents: readonly FailedEvents[];
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
    reasons: failedEvents.flatMap(({ eventType, reasons }) =>
      reasons.map(({ code, pointer = null, records }) => ({
        event: eventType.name,
        code,
        pointer,
        count: records,
      })),
    ),
  };
}

async function ingestedEventType(
  { file, event, key, identity, identityFromLine, isNew }: IngestOptions,
  dataDir: DataDir,
  stderr: NodeJS.WriteStream,
): Promise<EventType> {
  const { totalBytes } = await openSourceFile(file);
  const progress = startProgress({
    label: `Reading ${basename(file)}`,
    total: totalBytes,
    stream: stderr,
  });
  try {
    const { eventType, report } = await eventTypeOfFile({
      file,
      name: event,
      key,
      identity,
      identityFromLine,
      definitions: dataDir.definitions,
      isNew,
      checkStored: (inferred) => checkInferred(dataDir, inferred),
      onBytesRead: (bytes, events) => progress.update(bytes, events),
    });
    progress.stop();
    if (report) stderr.write(`The event type "${event}" was inferred from the file.\n${report}\n`);
    const postedAt = new PostedFiles(dataDir.postedFiles).postedAt(file, event);
    if (eventType.identity === undefined && postedAt !== undefined)
      stderr.write(
        `warning: ${file} was posted as "${event}" at ${postedAt} already, and that has no identity: its rows double. ` +
          'For an event type that takes a file once, infer another with --identity FIELD or --identity-from-line.\n',
      );
    return eventType;
  } finally {
    progress.stop();
  }
}

/** Tells of definitions that are not served, and why. @throws StoredDefinitionError where stored rows can't be read */
async function checkDefinitions(
  { catalog, faults, replaced, fileOf }: FolderCatalog,
  dataDir: DataDir,
  stderr: NodeJS.WriteStream,
): Promise<void> {
  for (const { file, reason } of faults)
    stderr.write(`${wrapText(`warning: ${shownDataDir(file)} is left out: ${reason}`)}\n`);
  for (const { file, by } of replaced)
    stderr.write(
      `${wrapText(`${by} has taken the place of ${shownDataDir(file)}, which can be deleted.`)}\n`,
    );
  const lake = stoppedLake(dataDir);
  if (!lake) return;
  for (const eventType of catalog.eventTypes) {
    const place = definitionPlace(fileOf.get(eventType), eventType);
    for (const warning of await checkStoredDefinition(lake, eventType, place))
      stderr.write(`${wrapText(`warning: ${warning}`)}\n`);
  }
}

/** Where the data directory has event types of its own, they need an assembly of their own. */
async function assemblyFor({ fileOf }: FolderCatalog, dataDir: DataDir): Promise<string> {
  if (fileOf.size === 0) return join(workspaceRoot(), 'dist', 'cdk.out', 'dev');
  const { assembly, definitions } = dataDir;
  await synthesise({ assembly, definitions });
  return assembly;
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
    label: `Posting ${basename(file)}`,
    total: source.totalBytes,
    stream: stderr,
  });
  try {
    return await ingestFile({
      source,
      eventType: eventType.name,
      endpoint: stack.endpoints.ingest,
      apiKey: stack.endpoints.apiKey,
      identityFromLine: eventType.identity === lineIdentityField,
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
      controller.abort();
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, onSignal);
    },
  };
}
