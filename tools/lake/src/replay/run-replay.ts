import { streamPrefix } from '@sluice/infra/names';
import { kinesisClient, type ClientOptions } from '@sluice/aws-clients';
import { secretReader, type ReadSecret } from '@sluice/aws-clients/secrets';
import { tableName } from '@sluice/event-schema';
import {
  readFromKinesis,
  replayTable,
  sendToKinesis,
  type ReplayOptions,
} from '@sluice/failed-records/replay';
import type { ObjectStore } from '@sluice/lake-layout';
import { readHashKeys, secretNames } from '@sluice/privacy';
import { runCommand, UsageError, type Terminal } from '@sluice/terminal/command-line';
import { startProgress, type Progress } from '@sluice/terminal/progress';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bucketStore, localStackStore } from '../bucket-store';
import { DeliveryCount } from '../delivered-rows';
import type { Endpoints } from '../endpoints';
import { defaultDataDir } from '../data-dir';
import { lakeErrors, namedLake } from '../lake-options';
import { findEventType, servedCatalog } from '../lake-tables';
import { startCommand } from '../shown-commands';
import { readEndpoints } from '../open-lake';
import { describeFailures } from '../failures/describe-failures';
import { rowCommands } from '../row-commands';
import { FirstKey } from '../first-key';
import { outcomeText, renderReplayReport } from './render-replay-report';
import { parseReplayCommand, type ReplayCommand } from './replay-options';

async function loadTransform(file: string): Promise<ReplayOptions['fix']> {
  const module = (await import(pathToFileURL(resolve(file)).href)) as { default?: unknown };
  const fix = module.default;
  if (typeof fix !== 'function')
    throw new UsageError(`${file} has no default export that is a function`);
  return async (bytes) => {
    const fixed: unknown = await (fix as (bytes: Uint8Array) => unknown)(bytes);
    if (typeof fixed === 'string') return new TextEncoder().encode(fixed);
    if (fixed === null || fixed === undefined) return undefined;
    if (fixed instanceof Uint8Array) return fixed;
    throw new UsageError(`${file} gave a ${typeof fixed}; it is to give bytes, text or nothing`);
  };
}

interface Target {
  readonly store: ObjectStore;
  readonly kinesis: ClientOptions;
  readonly readSecret: ReadSecret;
  /** Endpoints of a local stack. */
  readonly endpoints?: Endpoints;
}

const onAws = (bucket: string): Target => ({
  store: bucketStore(bucket),
  kinesis: {},
  readSecret: secretReader(),
});

/** Returns the target for a running local stack. @throws UsageError where none has used the data directory */
function onStack(dataDir: string): Target {
  const endpoints = readEndpoints(dataDir);
  const { kinesis: endpoint, secretsManager, region, accessKeyId, secretAccessKey } = endpoints;
  const who = { region, credentials: { accessKeyId, secretAccessKey } };
  return {
    store: localStackStore(endpoints),
    kinesis: { endpoint, ...who },
    readSecret: secretReader({ endpoint: secretsManager, ...who }),
    endpoints,
  };
}

async function replay(command: ReplayCommand, terminal: Terminal): Promise<number> {
  const { env, stdout } = terminal;
  const lake = namedLake(command, env);
  const { store, kinesis, readSecret, endpoints } =
    lake.dataDir === undefined ? onAws(lake.bucket) : onStack(lake.dataDir);
  const { from, to, kind, dryRun, stage, transform } = command;
  const stream = { client: kinesisClient(kinesis), streamPrefix: streamPrefix(stage) };
  const eventType = findEventType(command.event, servedCatalog(lake, env));
  const fix = transform === undefined ? undefined : await loadTransform(transform);
  const count =
    endpoints && !dryRun ? await DeliveryCount.begin(store, tableName(eventType)) : undefined;
  const first = new FirstKey(eventType);
  let progress: Progress | undefined;
  const report = await replayTable({
    store,
    eventType,
    send: first.watching(sendToKinesis(stream)),
    readStream: readFromKinesis(stream),
    readErrorKeys: async () => readHashKeys(await readSecret(secretNames(stage).errors)),
    from,
    to,
    dryRun,
    showBodies: dryRun,
    ...(kind && { kinds: [kind] }),
    ...(fix && { fix }),
    onProgress: ({ objectsDone, objects, sent }) => {
      progress ??= startProgress({
        label: 'Replaying',
        total: objects,
        counted: 'records',
        stream: process.stderr,
      });
      progress.update(objectsDone, sent);
    },
  }).finally(() => progress?.stop());
  stdout.write(`${renderReplayReport(report)}\n`);
  if (endpoints && count && report.sent > 0) {
    const { signal } = new AbortController();
    const outcome = await count.waitAloud(report.sent, { stderr: process.stderr, signal });
    const { rows, failed, errorKeys } = outcome;
    const dataDir = resolve(lake.dataDir ?? '');
    stdout.write(`${outcomeText(report.sent, outcome)}\n`);
    if (failed > 0)
      stdout.write(`\n${await describeFailures({ store, eventType, errorKeys, dataDir })}\n`);
    if (rows > 0) {
      await count.waitForSql({ signal });
      stdout.write(rowCommands({ eventType, key: first.key, endpoints, dataDir }));
    }
    if (failed > 0) return 1;
  }
  return !dryRun && report.left > 0 ? 1 : 0;
}

/**
 * Sends failed records that the command line names back into their stream, and reports the result.
 *
 * @returns the exit code
 */
export const runReplay = (terminal: Terminal): Promise<number> =>
  runCommand(terminal, lakeErrors, async () => {
    const command = parseReplayCommand(terminal);
    try {
      return await replay(command, terminal);
    } catch (error) {
      throw unanswered(error, command.dataDir ?? defaultDataDir) ?? error;
    }
  });

/** Returns the error for the user where the stack has stopped; undefined for any other error. */
function unanswered(error: unknown, dataDir: string): UsageError | undefined {
  const { code, address, port } = (error ?? {}) as NodeJS.ErrnoException & {
    readonly address?: string;
    readonly port?: number;
  };
  if (code !== 'ECONNREFUSED') return undefined;
  return new UsageError(
    `nothing answers at ${address ?? 'the endpoint'}:${port ?? ''}: start the local stack with ${startCommand(dataDir)}, and leave it running`,
  );
}
