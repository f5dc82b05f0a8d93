import { tableName, type EventType } from '@sluice/event-schema';
import type { FolderCatalog } from '@sluice/event-schema/folder';
import {
  type DataDir,
  dataDirCredentials,
  type FailureLog,
  FailureNotices,
  type FailureTextOptions,
  recordDefinitions,
  shownDataDir,
  shownDefinition,
} from '@sluice/lake';
import type { ObjectStore } from '@sluice/lake-layout';
import { wrapLines } from '@sluice/terminal';
import { startLocalStack, type LocalStack } from './local-stack';
import type { Options } from './options';
import type { LiveFeed } from './console/live-feed';
import { portsFrom } from './ports';
import type { PreparedTemplates } from './prepare-templates';
import type { LastingKinesis } from './stack/lasting-kinesis';
import type { LastingServers } from './stack/lasting-servers';
import type { TraceStore } from './traces/trace-store';

/** Starts a stack that reports failed events: with `--once` in a log for its end, else on the terminal at once. */
export async function startReportedStack(
  { assembly, definitions }: PreparedTemplates,
  {
    options,
    dataDir,
    failures,
    servers,
    lastingKinesis,
    shown,
    warn,
    onBroken,
  }: {
    readonly options: Options;
    readonly dataDir: DataDir;
    readonly failures: FailureLog;
    readonly servers: LastingServers;
    readonly lastingKinesis: LastingKinesis;
    readonly shown: { readonly feed: LiveFeed; readonly traces: TraceStore };
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
    // Events that a killed stack left may fail before the new one has started.
    store: new Promise((resolve) => (hasLake = resolve)),
    write: warn,
    textOptions: (failing) => failureTextOptions(dataDir, definitions, failing),
  });
  const report = (table: string, errorKeys: readonly string[]): void => {
    const failing = eventTypes.get(table);
    if (!failing) return;
    notices
      .report(failing, errorKeys)
      .catch((error: unknown) => warn(wrapLines(`warning: ${String(error)}\n`)));
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
    servers,
    lastingKinesis,
    shown,
    eventTypes,
    compactsOnChange: !once,
    onDelivered: (table, { errorKeys }) => {
      if (errorKeys.length === 0) return;
      if (once) failures.add(table, errorKeys);
      else report(table, errorKeys);
    },
    warn: (line) => warn(wrapLines(`${line}\n`)),
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

/**
 * Returns the names that a text about failed events mentions: the data directory, and the definition where that is a
 * file in it.
 */
export const failureTextOptions = (
  { path }: DataDir,
  { fileOf }: FolderCatalog,
  eventType: EventType,
): FailureTextOptions => ({
  dataDir: shownDataDir(path),
  definition: fileOf.has(eventType) ? shownDefinition(path, eventType.name) : undefined,
});
