import { DefinitionError } from '@sluice/event-schema';
import { SourceFileError } from '@sluice/event-files';
import { SynthesisError } from '@sluice/infra/synthesise';
import {
  type DataDir,
  DataDirError,
  EventTypeError,
  FailureLog,
  nothingIngested,
  openDataDir,
  StoredDefinitionError,
} from '@sluice/lake';
import { ManifestError } from '@sluice/lake-layout';
import { DeliveryStalledError } from '@sluice/local-firehose';
import { StreamStoreError } from '@sluice/local-kinesis';
import { DamagedFileError } from '@sluice/local-state-files';
import { InferenceError } from '@sluice/schema-inference';
import { wrapLines } from '@sluice/terminal';
import { CommandLineExit } from '@sluice/terminal/command-line';
import { LiveFeed } from './console/live-feed';
import type { LocalStack } from './local-stack';
import { parseOptions, type Options } from './options';
import { checkPorts, listenFault, PortRefusedError, portsFrom, PortTakenError } from './ports';
import { prepareTemplates, type PreparedTemplates } from './prepare-templates';
import { startReportedStack } from './reported-stack';
import { runOnce } from './run-once';
import { loadSamples } from './sample';
import { serve } from './serve';
import type { Session, Terminal } from './session';
import { LastingKinesis } from './stack/lasting-kinesis';
import { LastingServers } from './stack/lasting-servers';
import { readSourceFile } from './source-file';
import { stopSignal } from './stop-signal';
import { TraceStore } from './traces/trace-store';
import { definitionSources, reportChangedSources } from './report-changed-sources';
import { watchDefinitions } from './watch-definitions';

/**
 * Errors that users can cause and fix: they are answered with a sentence and exit code 1. Any other error is a fault
 * of the program.
 */
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
export async function runLocalStack(terminal: Terminal): Promise<number> {
  let dataDir: DataDir | undefined;
  try {
    const options = parseOptions(terminal);
    dataDir = openDataDir(options.dataDir);
    return await run(options, dataDir, terminal);
  } catch (error) {
    if (error instanceof CommandLineExit) return error.exitCode;
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') {
      const place = dataDir?.path ?? 'the data directory';
      terminal.stderr.write(wrapLines(`error: no space is left on the disk of ${place}\n`));
      return 1;
    }
    if (!forPeople.some((known) => error instanceof known)) throw error;
    terminal.stderr.write(`${errorText(error as Error)}\n`);
    return 1;
  } finally {
    dataDir?.release();
  }
}

const errorText = ({ message }: Error): string => wrapLines(`error: ${message}`);

async function run(options: Options, dataDir: DataDir, terminal: Terminal): Promise<number> {
  const startedAtMs = Date.now();
  const { stderr } = terminal;
  await checkPorts(portsFrom(options.port));
  const source = options.ingest && (await readSourceFile(options.ingest, dataDir, stderr));
  const hasNewSamples = options.sample && dataDir.isNew && !source;
  // Started before the definitions are read, so that no change is missed.
  const watch = watchDefinitions(dataDir.definitions);
  const failures = new FailureLog();
  const servers = new LastingServers();
  const lastingKinesis = new LastingKinesis();
  const shown = { feed: new LiveFeed(), traces: new TraceStore() };
  let breakDown: (error: Error) => void;
  const broken = new Promise<Error>((resolve) => (breakDown = resolve));
  const start = (templates: PreparedTemplates): Promise<LocalStack> =>
    startReportedStack(templates, {
      options,
      dataDir,
      failures,
      servers,
      lastingKinesis,
      shown,
      warn: (text) => void stderr.write(text),
      onBroken: (error) => breakDown(error),
    });

  let templates = await prepareTemplates(dataDir, stderr);
  let stack = await start(templates).catch(async (error: unknown) => {
    await servers.close();
    await lastingKinesis.close().catch(() => undefined);
    throw listenFault(error, portsFrom(options.port));
  });
  const stop = stopSignal(stderr);
  const over = new AbortController();
  const endTelling = reportChangedSources({
    folders: options.once ? [] : definitionSources(),
    say: (line) => void stderr.write(`${wrapLines(line)}\n`),
  });
  const session: Session = {
    options,
    dataDir,
    terminal,
    startedAtMs,
    source,
    stop: stop.signal,
    over: over.signal,
    failures,
    get stack() {
      return stack;
    },
    get templates() {
      return templates;
    },
    restart: async (changed) => {
      templates = changed;
      for (const fault of await stack.close())
        stderr.write(wrapLines(`warning: ${fault.message}\n`));
      stack = await start(templates);
    },
  };
  const work = async (): Promise<number> => {
    const samples = hasNewSamples ? await loadSamples(stack, dataDir.path) : {};
    const startedInMs = Date.now() - startedAtMs;
    return options.once
      ? runOnce(session, { ...nothingIngested, ...samples })
      : serve(session, { startedInMs, hasNewSamples }, watch);
  };
  const failed = (error: Error): number => {
    stderr.write(`${errorText(error)}\n`);
    return 1;
  };
  let exitCode = 1;
  try {
    const working = work();
    // If the stack fails in the meantime, nothing waits for this any longer.
    working.catch(() => undefined);
    exitCode = await Promise.race([working, broken.then(failed)]);
  } catch (error) {
    if (!(error instanceof DeliveryStalledError)) throw error;
    exitCode = failed(error);
    stderr.write(
      wrapLines(
        `Records that were not delivered are kept in ${dataDir.path}; the next start delivers them.\n`,
      ),
    );
  } finally {
    over.abort();
    endTelling();
    const [fault] = [
      ...(await stack.close()),
      ...(await lastingKinesis.close().then(
        () => [],
        (error: unknown) => [error as Error],
      )),
    ];
    await servers.close();
    shown.feed.close();
    // Earlier failures have been reported, and occur again when the stack is closed.
    if (fault && exitCode === 0) exitCode = failed(fault);
    stop.forget();
  }
  return exitCode;
}
